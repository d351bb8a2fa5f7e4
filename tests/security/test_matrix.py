"""Who may do what: every route and method of the URLconf, by everybody.

A route or method that is not in the table below fails the first test: it has to be classified
before it can be merged.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from django_messenger.models import (
    Contact,
    Conversation,
    Draft,
    Inbox,
    Mention,
    Message,
    MessageRevision,
    ReadMark,
)
from django_messenger.services.merging import merge_contacts
from django_messenger.test import override_messenger
from tests.factories import make_conversation, make_inbox
from tests.security.conftest import Branch, Clients, People
from tests.security.routes import find_routes, methods_of

ROUTES = {route.name: route for route in find_routes()}
OK = "2xx"

#: What people are to the branch North. A token has been given to two who are not logged in.
ACTORS = (
    "anonymous", "widget token", "both tokens", "stranger", "own", "foreign", "supervisor",
    "foreign supervisor", "former", "root",
)  # fmt: skip
#: What each kind of call answers them, in that order. Visitors' calls know no logins: without
#: tokens everybody is told the same. Lists hold what is theirs (test_isolation.py).
KINDS: dict[str, tuple[Any, ...]] = {
    "public": (404, OK, OK, 404, 404, 404, 404, 404, 404, 404),
    "session": (400, 400, OK, 400, 400, 400, 400, 400, 400, 400),
    "session of a conversation that is not over": (400, 400, 409, *[400] * 7),
    "anybody": (OK, OK, OK, OK, OK, OK, OK, OK, OK, OK),
    "list": (403, 403, 403, 403, OK, OK, OK, OK, OK, OK),
    "object": (403, 403, 403, 403, OK, 404, OK, 404, 404, OK),
    "create": (403, 403, 403, 403, 403, 403, OK, 400, 403, OK),
    "settings": (403, 403, 403, 403, 403, 404, OK, 404, 404, OK),
    # A superuser without a row is no operator.
    "operator": (403, 403, 403, 403, OK, OK, OK, OK, OK, 403),
    "active operator": (403, 403, 403, 403, OK, OK, OK, OK, 403, 403),
    "own message": (403, 403, 403, 403, OK, 404, 403, 404, 404, 403),
    "to a colleague": (403, 403, 403, 403, 403, 404, OK, 404, 404, OK),
    "page of a list": (302, 302, 302, 403, OK, OK, OK, OK, OK, OK),
    "page of figures": (302, 302, 302, 403, 403, 403, OK, OK, 403, OK),
    "page of an object": (302, 302, 302, 403, OK, 404, OK, 404, 404, OK),
    # A form leads on by a redirect when it is done.
    "form": (302, 302, 302, 403, 302, 404, 302, 404, 404, 302),
    "page of the settings": (302, 302, 302, 403, 403, 403, OK, OK, 403, OK),
    # Who manages nothing learns nothing by asking: every id is refused alike.
    "page of settings": (302, 302, 302, 403, 403, 403, OK, 404, 403, OK),
    "form of settings": (302, 302, 302, 403, 403, 403, 302, 404, 403, 302),
    "form of settings in a branch": (302, 302, 302, 403, 403, 403, 302, 400, 403, 302),
    "form of settings in its way": (302, 302, 302, 403, 403, 403, 400, 404, 403, 400),
    # The name in the path is none of a host's cards and actions (tests/panel/test_cards.py).
    "part that no host has added": (302, 302, 302, 403, 404, 404, 404, 404, 404, 404),
    "form of a list": (302, 302, 302, 403, 302, 302, 302, 302, 302, 302),
}


@dataclass(frozen=True)
class Case:
    """A call that would be a good one; ``data`` is made of the branch North and of its people."""

    route: str
    method: str
    kind: str
    holder: str = ""
    data: Callable[[Branch, Mapping[str, Any]], dict[str, Any]] = field(
        default=lambda north, people: {}
    )
    what: str = ""

    @property
    def id(self) -> str:
        return f"{self.method} {self.route.partition('_')[2]} {self.what}".strip()

    def url(self, north: Branch) -> str:
        """Where it goes."""
        route = ROUTES[self.route]
        ids = dict.fromkeys(route.holders, north.ids.get(self.holder))
        if "message_id" in ids:
            ids["message_id"] = north.message.public_id
        if "part" in ids:
            ids["part"] = "general"
        return route.url(**ids)


def another(north: Branch) -> dict[str, Any]:
    """Somebody else who has written to the branch."""
    return {"other": str(make_conversation(make_inbox(north.branch)).contact.public_id)}


def merged(north: Branch, people: Mapping[str, Any]) -> dict[str, Any]:
    """Somebody who has been merged into the contact of the branch."""
    other = make_conversation(make_inbox(north.branch)).contact
    contact = north.conversation.contact
    merge_contacts(user=people["supervisor"], contact=contact, other=other)
    return {"other": str(other.public_id)}


VISIT, WORK, PANEL = "messenger_widget:", "messenger_operators:", "messenger_panel:"
TALK = {"holder": "conversation"}
GENERAL = {"name": "Renamed", "time_zone": "UTC", "reopen_hours": "5"}
LABEL = {"name": "New", "color": "%231d4ed8"}
BUSY = {"availability": "busy"}
SURE = {"sure": "1"}
CASES = [
    Case(VISIT + "config", "GET", "public"),
    Case(VISIT + "bootstrap", "POST", "public"),
    Case(VISIT + "send", "POST", "session", data=lambda n, p: {"body": "Hello"}),
    Case(VISIT + "poll", "POST", "session"),
    Case(VISIT + "poll", "GET", "session"),
    Case(VISIT + "read", "POST", "session", data=lambda n, p: {"read_seq": 1}),
    Case(VISIT + "typing", "POST", "session"),
    Case(VISIT + "history", "POST", "session", data=lambda n, p: {"before": 9}),
    Case(VISIT + "identify", "POST", "session", data=lambda n, p: {"name": "Ann"}),
    Case(
        VISIT + "rate",
        "POST",
        "session of a conversation that is not over",
        data=lambda n, p: {"score": 5},
    ),
    Case(VISIT + "stream", "POST", "session"),
    Case(VISIT + "loader", "GET", "anybody"),
    Case(VISIT + "chat", "GET", "anybody", "widget"),
    # Last: the cache forgets the session, and is not rolled back.
    Case(VISIT + "end-session", "POST", "session"),
    Case(WORK + "me", "GET", "list"),
    Case(WORK + "me", "PATCH", "operator", data=lambda n, p: BUSY),
    Case(WORK + "me-presence", "POST", "active operator", data=lambda n, p: {"tab": "a"}),
    Case(WORK + "operators", "GET", "list"),
    Case(WORK + "stream", "GET", "list"),
    Case(WORK + "inboxes", "GET", "list"),
    Case(
        WORK + "inboxes",
        "POST",
        "create",
        data=lambda n, p: {"branch": str(n.branch.pk), "name": "New"},
    ),
    Case(WORK + "inbox", "GET", "object", "inbox"),
    Case(WORK + "inbox", "PATCH", "settings", "inbox", data=lambda n, p: {"name": "Renamed"}),
    Case(WORK + "inbox-rotate-token", "POST", "settings", "inbox"),
    Case(WORK + "conversations", "GET", "list"),
    Case(WORK + "conversation-changes", "GET", "list"),
    Case(WORK + "conversation", "GET", "object", **TALK),
    Case(WORK + "conversation", "PATCH", "object", data=lambda n, p: {"status": "closed"}, **TALK),
    Case(WORK + "conversation-messages", "GET", "object", **TALK),
    Case(
        WORK + "conversation-messages", "POST", "object", data=lambda n, p: {"body": "Hi"}, **TALK
    ),
    Case(
        WORK + "conversation-message",
        "PATCH",
        "own message",
        data=lambda n, p: {"body": "Better"},
        **TALK,
    ),
    Case(WORK + "conversation-message-remove", "POST", "object", **TALK),
    Case(WORK + "conversation-draft", "GET", "object", **TALK),
    Case(WORK + "conversation-draft", "POST", "object", data=lambda n, p: {"body": "Hi"}, **TALK),
    Case(
        WORK + "conversation-assign",
        "POST",
        "to a colleague",
        data=lambda n, p: {"assignee": str(p["colleague"].pk)},
        **TALK,
    ),
    Case(
        WORK + "conversation-assign",
        "POST",
        "object",
        data=lambda n, p: {"assignee": None},
        what="nobody",
        **TALK,
    ),
    Case(WORK + "conversation-read", "POST", "object", data=lambda n, p: {"read_seq": 1}, **TALK),
    Case(WORK + "conversation-typing", "POST", "object", data=lambda n, p: {}, **TALK),
    Case(WORK + "conversation-unread", "POST", "object", **TALK),
    Case(WORK + "conversation-assignments", "GET", "object", **TALK),
    Case(
        WORK + "conversation-hand-over",
        "POST",
        "object",
        data=lambda n, p: {
            "inbox": str(make_inbox(n.branch).public_id),
            "reason": "Elsewhere",
        },
        **TALK,
    ),
    Case(WORK + "hand-over-inboxes", "GET", "list"),
    Case(
        WORK + "conversations-bulk",
        "POST",
        "list",
        data=lambda n, p: {"ids": [str(n.conversation.public_id)], "priority": "high"},
    ),
    Case(WORK + "saved-views", "GET", "list"),
    Case(WORK + "saved-views", "POST", "list", data=lambda n, p: {"name": "x", "query": {}}),
    Case(
        WORK + "saved-views",
        "POST",
        "create",
        data=lambda n, p: {"name": "x", "query": {}, "branch": str(n.branch.pk)},
        what="shared",
    ),
    Case(WORK + "saved-view", "PATCH", "settings", "view", data=lambda n, p: {"name": "y"}),
    Case(WORK + "saved-view", "DELETE", "settings", "view"),
    Case(WORK + "contact", "PATCH", "object", "contact", data=lambda n, p: {"name": "y"}),
    Case(WORK + "contact-block", "POST", "object", "contact"),
    Case(WORK + "contact-unblock", "POST", "object", "contact"),
    Case(WORK + "contact-merge", "GET", "object", "contact", data=lambda n, p: another(n)),
    Case(WORK + "contact-merge", "POST", "object", "contact", data=lambda n, p: another(n)),
    Case(WORK + "contact-unmerge", "POST", "object", "contact", data=lambda n, p: merged(n, p)),
    Case(WORK + "search", "GET", "list", data=lambda n, p: {"q": "hello"}),
    Case(WORK + "contacts", "GET", "list"),
    Case(WORK + "contact", "GET", "object", "contact"),
    Case(WORK + "canned-responses", "GET", "list"),
    Case(WORK + "labels", "GET", "list"),
    Case(PANEL + "list", "GET", "page of a list"),
    Case(
        PANEL + "list",
        "POST",
        "form of a list",
        data=lambda n, p: {"bulk": "read", "ids": str(n.conversation.public_id)},
    ),
    Case(PANEL + "rows", "GET", "page of a list"),
    Case(PANEL + "views", "POST", "form of a list", data=lambda n, p: {"name": "New"}),
    Case(PANEL + "availability", "POST", "form of a list", data=lambda n, p: BUSY),
    Case(PANEL + "card", "GET", "part that no host has added", **TALK),
    Case(PANEL + "action", "POST", "part that no host has added", **TALK),
    Case(PANEL + "search", "GET", "page of a list"),
    Case(PANEL + "reports", "GET", "page of figures"),
    Case(PANEL + "reports-csv", "GET", "page of figures"),
    Case(PANEL + "contacts", "GET", "page of a list"),
    Case(PANEL + "contact", "GET", "page of an object", "contact"),
    Case(
        PANEL + "contact",
        "POST",
        "form",
        "contact",
        data=lambda n, p: {"action": "edit", "name": "Ann"},
        what="edit",
    ),
    Case(
        PANEL + "contact",
        "POST",
        "form",
        "contact",
        data=lambda n, p: {"action": "block"},
        what="block",
    ),
    Case(
        PANEL + "contact",
        "POST",
        "form",
        "contact",
        data=lambda n, p: {"action": "unmerge", **merged(n, p)},
        what="unmerge",
    ),
    Case(PANEL + "contact_merge", "GET", "page of an object", "contact"),
    Case(PANEL + "contact_merge", "POST", "form", "contact", data=lambda n, p: another(n)),
    Case(PANEL + "settings", "GET", "page of a list"),
    Case(PANEL + "settings", "POST", "form of a list", data=lambda n, p: {"enter": "1"}),
    Case(PANEL + "inboxes", "GET", "page of the settings"),
    Case(PANEL + "inbox_new", "GET", "page of the settings"),
    Case(
        PANEL + "inbox_new",
        "POST",
        "form of settings in a branch",
        data=lambda n, p: {"name": "New", "branch": str(n.branch.pk)},
    ),
    Case(PANEL + "inbox", "GET", "page of settings", "inbox"),
    Case(PANEL + "inbox", "POST", "form of settings", "inbox", data=lambda n, p: GENERAL),
    Case(PANEL + "inbox_part", "GET", "page of settings", "inbox"),
    Case(PANEL + "inbox_part", "POST", "form of settings", "inbox", data=lambda n, p: GENERAL),
    Case(PANEL + "inbox_preview", "GET", "page of settings", "inbox"),
    Case(PANEL + "inbox_switch", "POST", "form of settings", "inbox"),
    Case(PANEL + "inbox_token", "POST", "form of settings", "inbox", data=lambda n, p: SURE),
    Case(
        PANEL + "inbox_delete",
        "POST",
        "form of settings in its way",
        "inbox",
        data=lambda n, p: SURE,
    ),
    Case(PANEL + "canned_list", "GET", "page of the settings"),
    Case(PANEL + "canned_new", "GET", "page of the settings"),
    Case(
        PANEL + "canned_new",
        "POST",
        "form of settings in a branch",
        data=lambda n, p: {"shortcut": "new", "text__en": "New", "branch": str(n.branch.pk)},
    ),
    Case(PANEL + "canned_edit", "GET", "page of settings", "canned"),
    Case(
        PANEL + "canned_edit",
        "POST",
        "form of settings",
        "canned",
        data=lambda n, p: {"shortcut": "new", "text__en": "New"},
    ),
    Case(PANEL + "label_list", "GET", "page of the settings"),
    Case(PANEL + "label_new", "GET", "page of the settings"),
    Case(
        PANEL + "label_new",
        "POST",
        "form of settings in a branch",
        data=lambda n, p: {**LABEL, "branch": str(n.branch.pk)},
    ),
    Case(PANEL + "label_edit", "GET", "page of settings", "label"),
    Case(PANEL + "label_edit", "POST", "form of settings", "label", data=lambda n, p: LABEL),
    Case(PANEL + "operators", "GET", "page of the settings"),
    Case(PANEL + "operator_new", "GET", "page of the settings"),
    Case(
        PANEL + "operator_new",
        "POST",
        "form of settings in a branch",
        data=lambda n, p: {
            "login": p["stranger"].get_username(),
            "display_name": "New",
            "branches": str(n.branch.pk),
        },
    ),
    Case(PANEL + "operator", "GET", "page of settings", "operator"),
    Case(
        PANEL + "operator",
        "POST",
        "form of settings",
        "operator",
        data=lambda n, p: {
            "display_name": "Anna",
            "capacity": "5",
            "branches": str(n.branch.pk),
        },
    ),
    Case(PANEL + "operator_switch", "POST", "form of settings", "operator"),
    Case(PANEL + "branches", "GET", "page of the settings"),
    Case(PANEL + "conversation", "GET", "page of an object", **TALK),
    Case(PANEL + "tail", "GET", "page of an object", **TALK),
    Case(PANEL + "canned", "GET", "page of an object", **TALK),
    Case(
        PANEL + "conversation",
        "POST",
        "form",
        data=lambda n, p: {"action": "reply", "body": "Hi"},
        what="reply",
        **TALK,
    ),
    Case(
        PANEL + "conversation",
        "POST",
        "form",
        data=lambda n, p: {"action": "resolve"},
        what="resolve",
        **TALK,
    ),
    Case(
        PANEL + "conversation",
        "POST",
        "form",
        data=lambda n, p: {"action": "close"},
        what="close",
        **TALK,
    ),
    Case(
        PANEL + "conversation",
        "POST",
        "form",
        data=lambda n, p: {"action": "pend"},
        what="pend",
        **TALK,
    ),
    Case(
        PANEL + "conversation",
        "POST",
        "form",
        data=lambda n, p: {"action": "properties", "priority": "high"},
        what="properties",
        **TALK,
    ),
]


def ask(client: Client, case: Case, url: str, data: dict[str, Any], **tokens: str) -> Any:
    if case.route == VISIT + "config" and tokens:
        url += f"?widget_token={tokens['widget_token']}"
    headers = {f"X-{name.replace('_', '-')}": value for name, value in tokens.items()}
    if case.route.startswith(PANEL):
        return client.generic(
            case.method,
            url,
            "&".join(f"{name}={value}" for name, value in data.items()),
            "application/x-www-form-urlencoded",
            headers=headers,
        )
    if case.method == "GET":
        return client.get(url, data, headers=headers)
    body = json.dumps({**data, **tokens})
    return client.generic(case.method, url, body, "application/json", headers=headers)


def test_every_route_and_method_is_in_the_table() -> None:
    there = {(name, method) for name, route in ROUTES.items() for method in methods_of(route)}
    assert {(case.route, case.method) for case in CASES} == there


def test_every_kind_answers_everybody() -> None:
    assert {case.kind for case in CASES} == set(KINDS)
    assert all(len(answers) == len(ACTORS) for answers in KINDS.values())


each_part = pytest.mark.parametrize("part", [VISIT, WORK, PANEL])


def cases_of(part: str) -> list[Case]:
    return [case for case in CASES if case.route.startswith(part)]


@each_part
def test_who_may(part: str, north: Branch, people: People, clients: Clients) -> None:
    tokens = {
        "widget token": {"widget_token": north.inbox.widget_token},
        "both tokens": north.chat.tokens,
    }
    told: dict[str, list[Any]] = {}
    browsers = {actor: clients[actor] for actor in ACTORS}
    for case in cases_of(part):
        url, data = case.url(north), case.data(north, people)
        told[case.id] = []
        for actor in ACTORS:
            with transaction.atomic():
                response = ask(browsers[actor], case, url, data, **tokens.get(actor, {}))
                transaction.set_rollback(True)
            good = 200 <= response.status_code < 300
            told[case.id].append(OK if good else response.status_code)
            if part != PANEL and not good:
                assert set(response.json()) >= {"detail", "code"}
    assert told == {case.id: list(KINDS[case.kind]) for case in cases_of(part)}


@each_part
@override_messenger(THROTTLE_RATES={"bootstrap": ""})
def test_no_other_method_does_anything(part: str, north: Branch, clients: Clients) -> None:
    before = state()
    callers = (("root", {}), ("own", {}), ("anonymous", {}), ("anonymous", north.chat.tokens))
    for name in {case.route for case in cases_of(part)}:
        cases = [case for case in CASES if case.route == name]
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - {case.method for case in cases}:
            case = Case(name, method, "", cases[0].holder)
            for actor, tokens in callers:
                response = ask(clients[actor], case, case.url(north), {"body": "x"}, **tokens)
                assert 300 <= response.status_code < 500, (name, method, actor)
            response = ask(clients["root"], case, case.url(north), {}, **north.chat.tokens)
            assert response.status_code in (404, 405), (name, method)
    assert state() == before


def state() -> Any:
    """All that a call might change."""
    models = (
        Conversation,
        Message,
        Contact,
        Inbox,
        ReadMark,
        Draft,
        Mention,
        MessageRevision,
    )
    return [list(model._default_manager.order_by("pk").values()) for model in models]


# --- Foreign is absent ----------------------------------------------------------------------------

OBJECTS = [case for case in CASES if case.holder and not case.route.startswith(VISIT)]


def test_foreign_looks_exactly_like_absent(north: Branch, people: People, clients: Clients) -> None:
    calls = [(case, case.data(north, people)) for case in OBJECTS]
    before = state()
    for case, data in calls:
        for actor in ("foreign", "foreign supervisor", "former"):
            foreign = ask(clients[actor], case, case.url(north), data)
            absent = ask(clients[actor], case, ROUTES[case.route].url(), data)
            answers = [
                (r.status_code, r.content, sorted(r.headers.items())) for r in (foreign, absent)
            ]
            wanted = KINDS[case.kind][ACTORS.index(actor)]
            # Settings are refused before anything is looked up; that page holds a CSRF token.
            seen = answers if wanted == 404 else [answer[0] for answer in answers]
            assert seen[0] == seen[1], case.id
            assert foreign.status_code == wanted, case.id
            assert wanted in (403, 404), case.id
    assert state() == before


def test_an_id_that_is_none_looks_like_that_too(
    north: Branch, people: People, clients: Clients
) -> None:
    for case in [case for case in OBJECTS if case.route.startswith(WORK)]:
        data = case.data(north, people)
        absent = ask(clients["root"], case, ROUTES[case.route].url(), data)
        path = case.url(north)
        for crooked in ("x", "1", str(north.conversation.pk), "%00", "null", "٣", "x" * 500):
            url = path.replace(str(north.ids[case.holder]), crooked)
            response = ask(clients["root"], case, url, data)
            assert (response.status_code, response.content) == (404, absent.content), case.id


# --- CSRF -----------------------------------------------------------------------------------------

UNSAFE = [c for c in CASES if c.method != "GET" and not c.route.startswith(VISIT)]


def test_a_forged_form_is_refused(north: Branch, people: People) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(people["root"])
    client.cookies["csrftoken"] = "c" * 32
    for case in UNSAFE:
        url, data = case.url(north), case.data(north, people)
        before = state()
        for headers in ({}, {"X-CSRFToken": "d" * 32}, {"Origin": "https://evil.io"}):
            client.defaults = {f"HTTP_{n.upper().replace('-', '_')}": v for n, v in headers.items()}
            response = ask(client, case, url, data)
            assert response.status_code == 403, case.id
            if case.route.startswith(WORK):
                assert response.json()["code"] == "permission_denied"
        assert state() == before
        with transaction.atomic():
            client.defaults = {"HTTP_X_CSRFTOKEN": "c" * 32}
            wanted = KINDS[case.kind][ACTORS.index("root")]
            status = ask(client, case, url, data).status_code
            assert status in ((200, 201, 204, 302) if wanted in (OK, 302) else (wanted,)), case.id
            transaction.set_rollback(True)
