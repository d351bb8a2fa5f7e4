"""Any course of a chat over the real HTTP API, against a small model of what must be true.

Accepted is delivered: what was answered with 2xx is seen by its visitor exactly once and by the
operators of its branch exactly once, whatever happens to sessions, cache and conversation; notes
reach no visitor, and nothing reaches the other branch.
"""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from django_messenger import store
from django_messenger.services.sessions import session_key
from tests.cache_keys import NAMESPACE
from tests.factories import make_branch, make_inbox, make_operator
from tests.operators.client import Api
from tests.widget.client import PAGE, Answer, Widget

#: Small, so that a chat soon has several pages.
PAGE_SIZE = 4
CHANGES = "conversations/changes/"


@dataclass
class Line:
    """A stored message: who may see it, and how a repeat would name it."""

    id: str
    body: str
    client_id: str = ""
    note: bool = False
    quarantined: bool = False


@dataclass
class Thread:
    """A conversation: whose it is, in which branch, and what was accepted, in order."""

    id: str
    person: int
    branch: int
    lines: list[Line] = field(default_factory=list)

    @property
    def shown(self) -> list[str]:
        """Ids of what its visitor must see."""
        return [line.id for line in self.lines if not line.note]

    @property
    def heard(self) -> list[str]:
        """Ids of what the operators of its branch must see."""
        return [line.id for line in self.lines if not line.quarantined]

    @property
    def own(self) -> list[Line]:
        """What the visitor wrote."""
        return [line for line in self.lines if line.client_id]


@dataclass
class Tab:
    """A widget in a browser tab and what it has been told so far."""

    widget: Widget
    person: int
    branch: int
    thread: Thread
    alive: bool = True
    seen: list[str] = field(default_factory=list)


def poll_to_the_end(widget: Widget, cursor: int) -> tuple[list[dict[str, Any]], int]:
    """Poll until there is no more; revisions must rise and cursors never fall."""
    found: list[dict[str, Any]] = []
    while True:
        data = widget.poll(cursor).expect(200)
        revisions = [cursor, *(message["revision"] for message in data["messages"])]
        assert all(one < other for one, other in itertools.pairwise(revisions)), revisions
        assert data["cursor"] >= revisions[-1]
        assert len(data["messages"]) <= PAGE_SIZE
        found += data["messages"]
        cursor = data["cursor"]
        if not data["has_more"]:
            return found, cursor


bodies = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20).map(
    "m{}".format
)
picks = st.integers(0, 1000)


class Chat(RuleBasedStateMachine):
    """Two branches with an inbox and an operator each, and visitors with their tabs."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers = itertools.count(1)
        branches = [make_branch(), make_branch()]
        self.inboxes = [make_inbox(branch, allowed_origins=[PAGE]) for branch in branches]
        self.operators = [Api(make_operator(branch)) for branch in branches]
        self.cursors = [operator.get(CHANGES).json()["cursor"] for operator in self.operators]
        self.threads: dict[str, Thread] = {}
        self.tabs: list[Tab] = []
        for person, branch in enumerate([0, 0, 1]):
            self.open_tab(Widget(self.inboxes[branch]), person, branch)
            self.send(person, "Hello", trapped=False)

    # --- Helpers ----------------------------------------------------------------------------------

    def open_tab(self, widget: Widget, person: int, branch: int) -> None:
        tab = Tab(widget, person, branch, Thread("", person, branch))
        self.tabs.append(tab)
        self.start(tab)

    def start(self, tab: Tab) -> None:
        """Bootstrap: what is there comes along, the newest page of it."""
        answer = tab.widget.bootstrap()
        assert answer.status in (200, 201)
        self.lead(tab, answer.json["conversation"]["id"])
        shown = tab.thread.shown
        assert [message["id"] for message in answer.json["messages"]] == shown[-PAGE_SIZE:]
        assert answer.json["has_older"] == (len(shown) > PAGE_SIZE)
        tab.seen, tab.alive, tab.widget.cursor = shown, True, answer.json["cursor"]

    def lead(self, tab: Tab, conversation: str) -> None:
        """Note in which conversation a tab is; it must be its own person's."""
        if conversation != tab.thread.id:
            new = Thread(conversation, tab.person, tab.branch)
            tab.thread = self.threads.setdefault(conversation, new)
            tab.seen, tab.widget.cursor = [], 0
        assert tab.thread.person == tab.person

    def tab(self, pick: int) -> Tab:
        return self.tabs[pick % len(self.tabs)]

    def visible(self, branch: int) -> list[Thread]:
        """The conversations that operators of a branch must see."""
        return [
            thread
            for thread in self.threads.values()
            if thread.branch == branch
            and any(not line.note and not line.quarantined for line in thread.lines)
        ]

    def any_visible(self, pick: int) -> Thread | None:
        threads = [*self.visible(0), *self.visible(1)]
        return threads[pick % len(threads)] if threads else None

    def refused(self, tab: Tab, answer: Answer) -> bool:
        """Tell whether a tab without a session was turned away, as it must be."""
        if not tab.alive:
            assert (answer.status, answer.code) == (401, "invalid_session")
        return not tab.alive

    # --- Visitors ---------------------------------------------------------------------------------

    @rule(pick=picks, body=bodies, trapped=st.sampled_from([False, False, False, True]))
    def say(self, pick: int, body: str, trapped: bool) -> None:
        self.send(pick, body, trapped=trapped)

    def send(self, pick: int, body: str, *, trapped: bool) -> None:
        """Write as a visitor; wherever the message went, the tab is there now."""
        tab, client_id = self.tab(pick), f"c{next(self.numbers)}"
        website = "https://spam.example" if trapped else ""
        answer = tab.widget.send(body, client_id=client_id, website=website)
        if self.refused(tab, answer):
            return
        data = answer.expect(201)
        self.lead(tab, data["conversation"]["id"])
        assert data["message"]["client_id"] == client_id
        tab.thread.lines.append(
            Line(data["message"]["id"], data["message"]["body"], client_id, quarantined=trapped)
        )

    @rule(pick=picks, which=picks, body=st.none() | bodies)
    def send_again(self, pick: int, which: int, body: str | None) -> None:
        """The same ``client_id`` once more, with the same text or with another one."""
        tab = self.tab(pick)
        if not tab.thread.own:
            return
        line = tab.thread.own[which % len(tab.thread.own)]
        answer = tab.widget.send(
            line.body if body is None else f"{body}!", client_id=line.client_id
        )
        if self.refused(tab, answer):
            return
        if body is None or answer.status == 200:
            message = answer.expect(200)["message"]
            assert (message["id"], message["body"]) == (line.id, line.body)
        else:
            assert (answer.status, answer.code) == (409, "idempotency_conflict")

    @rule(pick=picks)
    def poll(self, pick: int) -> None:
        """Ask although there is nothing new, or without a session."""
        tab = self.tab(pick)
        answer = tab.widget.poll(tab.widget.cursor)
        if not self.refused(tab, answer):
            assert answer.expect(200)["messages"] == []

    @rule(pick=picks, seq=st.integers(0, 50))
    def read(self, pick: int, seq: int) -> None:
        tab = self.tab(pick)
        answer = tab.widget.read(seq)
        if not self.refused(tab, answer):
            answer.expect(200)

    @rule(pick=picks)
    def bootstrap(self, pick: int) -> None:
        dead = [tab for tab in self.tabs if not tab.alive]
        self.start(dead[pick % len(dead)] if dead else self.tab(pick))

    @precondition(lambda self: len(self.tabs) < 6)
    @rule(pick=picks)
    def second_tab(self, pick: int) -> None:
        tab = self.tab(pick)
        widget = Widget(tab.widget.inbox, visitor=tab.widget.visitor)
        self.open_tab(widget, tab.person, tab.branch)

    # --- Operators --------------------------------------------------------------------------------

    @rule(pick=picks, body=bodies)
    def reply(self, pick: int, body: str) -> None:
        self.write(pick, body, "operator")

    @rule(pick=picks, body=bodies)
    def note(self, pick: int, body: str) -> None:
        self.write(pick, body, "note")

    def write(self, pick: int, body: str, kind: str) -> None:
        """Write as an operator; only a closed conversation takes no reply."""
        thread = self.any_visible(pick)
        if thread is None:
            return
        response = self.operators[thread.branch].post(
            f"conversations/{thread.id}/messages/",
            {"body": body, "kind": kind, "client_id": f"o{next(self.numbers)}"},
        )
        if response.status_code == 409:
            assert response.json()["code"] == "invalid_transition"  # closed
            assert kind == "operator"
            return
        assert response.status_code == 201, response.content
        message = response.json()["message"]
        thread.lines.append(Line(message["id"], message["body"], note=kind == "note"))

    @rule(pick=picks, then=bodies)
    def close_and_write(self, pick: int, then: str) -> None:
        """The visitor goes on as if nothing had happened."""
        tab = self.tab(pick)
        path = f"conversations/{tab.thread.id}/"
        self.operators[tab.branch].patch(path, {"status": "closed"})
        self.send(pick, then, trapped=False)

    @rule(pick=picks, status=st.sampled_from(["resolved", "open", "pending", "closed"]))
    def change(self, pick: int, status: str) -> None:
        """Resolve, reopen, close; what does not follow is refused and changes nothing."""
        thread = self.any_visible(pick)
        if thread is None:
            return
        operator, path = self.operators[thread.branch], f"conversations/{thread.id}/"
        before = operator.get(path).json()
        response = operator.patch(path, {"status": status})
        assert response.status_code in (200, 409), response.content
        after = operator.get(path).json()
        if response.status_code == 409:
            assert response.json()["code"] == "invalid_transition"
            assert after == before
        else:
            assert after["status"] == status

    @rule(pick=picks)
    def read_as_operator(self, pick: int) -> None:
        thread = self.any_visible(pick)
        if thread is not None:
            operator = self.operators[thread.branch]
            response = operator.post(f"conversations/{thread.id}/read/", {"read_seq": 1000})
            assert response.status_code == 200

    @rule(branch=st.sampled_from([0, 1]))
    def look_around(self, branch: int) -> None:
        """List and changes hold all of one's own branch that was heard, and nothing else."""
        operator, own = self.operators[branch], {thread.id for thread in self.visible(branch)}
        listed = [row["id"] for row in operator.get("conversations/").json()["results"]]
        assert sorted(listed) == sorted(own)
        data = operator.get(CHANGES, cursor=self.cursors[branch]).json()
        assert not data["full"]
        assert {row["id"] for row in data["conversations"]} | set(data["gone"]) <= own
        assert data["counters"]["all"] <= len(own)

    @rule(pick=picks)
    def trespass(self, pick: int) -> None:
        """Whatever an operator tries in the other branch, there is nothing there."""
        threads = list(self.threads.values())
        thread = threads[pick % len(threads)]
        stranger, path = self.operators[1 - thread.branch], f"conversations/{thread.id}/"
        for response in (
            stranger.get(path),
            stranger.get(f"{path}messages/", after=0),
            stranger.post(f"{path}messages/", {"body": "Hi"}),
            stranger.post(f"{path}messages/", {"body": "Hi", "kind": "note"}),
            stranger.patch(path, {"status": "closed"}),
            stranger.post(f"{path}read/", {"read_seq": 1}),
            stranger.post(f"{path}assign/", {"assignee": None}),
        ):
            assert (response.status_code, response.json()["code"]) == (404, "not_found")

    # --- Faults -----------------------------------------------------------------------------------

    @rule()
    def flush(self) -> None:
        """The cache loses everything."""
        os.environ[NAMESPACE] += "+"
        for tab in self.tabs:
            tab.alive = False

    @rule(pick=picks)
    def expire(self, pick: int) -> None:
        tab = self.tab(pick)
        store.forget(session_key(tab.widget.session))
        tab.alive = False

    # --- What must be true at any time ------------------------------------------------------------

    @invariant()
    def accepted_is_delivered(self) -> None:
        """The next poll brings what is new, and a poll from 0 exactly what was accepted: each
        once, in its order, and no note."""
        for tab in self.tabs:
            if tab.alive:
                found, tab.widget.cursor = poll_to_the_end(tab.widget, tab.widget.cursor)
                tab.seen += [message["id"] for message in found]
                assert tab.seen == tab.thread.shown
                found, _ = poll_to_the_end(tab.widget, 0)
                assert [message["id"] for message in found] == tab.thread.shown
                own = [message["client_id"] for message in found if "client_id" in message]
                assert own == [line.client_id for line in tab.thread.own]
                assert {message["kind"] for message in found} <= {"visitor", "operator"}

    def teardown(self) -> None:
        """In the end the operators have everything, from every session there ever was."""
        for branch, operator in enumerate(self.operators):
            self.look_around(branch)
            for thread in self.visible(branch):
                assert self.read_all(operator, thread) == thread.heard
        every = [line.client_id for thread in self.threads.values() for line in thread.own]
        assert len(every) == len(set(every))

    def read_all(self, operator: Api, thread: Thread) -> list[str]:
        """Ids of all messages, page by page by the operators' cursor."""
        found: list[str] = []
        cursor = 0
        while True:
            response = operator.get(f"conversations/{thread.id}/messages/", after=cursor)
            data = response.json()
            found += [row["id"] for row in data["results"]]
            if not data["has_more"]:
                return found
            cursor = data["cursor"]


def play(runs: int, steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let so many chats take their course."""
    monkeypatch.setattr("django_messenger.selectors.messages.PAGE", PAGE_SIZE)
    run_state_machine_as_test(
        Chat,  # type: ignore[arg-type]
        settings=settings(
            max_examples=runs,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.django_db(transaction=True)
def test_some_chats(monkeypatch: pytest.MonkeyPatch) -> None:
    play(3, 15, monkeypatch)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_many_chats(monkeypatch: pytest.MonkeyPatch) -> None:
    play(settings().max_examples // 8, 40, monkeypatch)
