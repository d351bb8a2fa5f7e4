"""A branch never leaks: nothing that North holds stands in what others are shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from django_messenger.models import Conversation, Label, Message
from tests.factories import make_conversation, make_user, say
from tests.security.conftest import SECRET, Branch, Clients, People
from tests.security.routes import find_routes, methods_of

#: Pages and calls that operators read, without those of a single object.
READS = [
    route.url()
    for route in find_routes()
    if route.part != "messenger_widget" and not route.holders and "GET" in methods_of(route)
]
OTHERS = ("foreign", "foreign supervisor", "former")


def queries(north: Branch, people: People) -> Iterator[dict[str, Any]]:
    """Every filter and order there is, asked about North."""
    yield {}
    for view in ("mine", "unassigned", "all", "waiting"):
        yield {"view": view}
    yield {"status": "open"}
    for text in (SECRET, SECRET.lower(), "northern", "@example.com", "%"):
        yield {"q": text}
    yield {"inbox": str(north.inbox.public_id)}
    yield {"label": str(north.label.pk)}
    yield {"assignee": str(people["own"].pk)}
    yield {"assignee": "none"}
    yield {"ordering": "waiting_since"}
    yield {"resolved": str(north.conversation.public_id)}


def is_report(url: str) -> bool:
    return "/reports/" in url


def is_for_few(url: str) -> bool:
    """Whether it takes more than the right to view: reports, and settings but one's own."""
    return is_report(url) or "/settings/" in url.removesuffix("/settings/")


def test_no_list_shows_it(north: Branch, people: People, clients: Clients) -> None:
    # A short number stands in many a text that has nothing to do with it.
    marks = {SECRET, *(str(one) for one in north.ids.values() if not isinstance(one, int))}
    for url in READS:
        for query in queries(north, people):
            for actor in ("foreign supervisor", "former"):
                response = clients[actor].get(url, query)
                allowed = (403,) if is_for_few(url) and actor == "former" else (200, 400)
                assert response.status_code in allowed, (url, query)
                text = response.content.decode()
                for mark in marks - set(query.values()):  # a page may repeat what it was asked
                    assert mark not in text, (url, query, actor)


def test_the_search_above_would_find_it(north: Branch, people: People, clients: Clients) -> None:
    for url in READS:
        if not url.endswith("/stream/"):
            query = {}
            if url.endswith("/search/"):
                query = {"q": SECRET}
            elif url.endswith("/rows/"):
                query = {"ids": str(north.conversation.public_id)}
            elif is_report(url):
                query = {"table": "inboxes"}
            reader = clients["supervisor" if is_for_few(url) else "own"]
            assert SECRET in reader.get(url, query).content.decode(), url


def test_lists_are_the_same_as_if_there_were_no_north(
    north: Branch, people: People, clients: Clients
) -> None:
    """Neither counts nor pages nor cursors tell that there is more."""
    paths = ("conversations/", "contacts/", "labels/", "inboxes/", "me/")

    def shown(actor: str) -> list[Any]:
        return [clients[actor].get(f"/api/messenger/{path}").json() for path in paths]

    before, own = shown("foreign"), shown("own")
    for number in range(51):
        make_conversation(north.inbox, body=f"{SECRET} {number}")
        Label.objects.create(branch=north.branch, name=f"{SECRET} {number}")
    assert shown("foreign") == before
    assert shown("own") != own


def test_no_cursor_of_somebody_else_is_a_way_in(
    north: Branch, people: People, clients: Clients
) -> None:
    for _ in range(50):
        make_conversation(north.inbox)
    own = clients["own"].get("/api/messenger/conversations/").json()
    assert own["next"]
    for actor in OTHERS:
        response = clients[actor].get(own["next"])
        assert response.status_code in (200, 400)
        rows = response.json().get("results", [])
        assert all(row["inbox"]["name"] == "South" for row in rows)
    cursor = clients["own"].get("/api/messenger/conversations/changes/").json()["cursor"]
    say(north.conversation, SECRET)
    for actor in OTHERS:
        changes = (
            clients[actor].get("/api/messenger/conversations/changes/", {"cursor": cursor}).json()
        )
        assert changes["full"] is True
        assert SECRET not in json.dumps(changes)
        assert str(north.conversation.public_id) not in json.dumps(changes)


# --- What is named in a body resolves in the caller's scope ---------------------------------------


def unknown_user_key() -> str:
    """A key that fits the user model and that nobody has."""
    user = make_user()
    key = str(user.pk)
    user.delete()
    return key


def unknown_branch_key(branch: Any) -> str:
    return str(uuid4()) if "-" in str(branch.pk) else "987654"


def test_a_foreign_assignee_is_like_none(
    north: Branch, south: Branch, people: People, clients: Clients
) -> None:
    url = f"/api/messenger/conversations/{south.conversation.public_id}/assign/"
    keys = [str(people[name].pk) for name in ("own", "supervisor", "stranger", "former")]
    told = set()
    for key in [*keys, unknown_user_key()]:
        for actor in ("foreign", "foreign supervisor"):
            response = clients[actor].post(url, {"assignee": key}, "application/json")
            if actor == "foreign supervisor":
                told.add((response.status_code, response.content))
            assert response.status_code in (400, 403)
    assert len(told) == 1
    assert told.pop()[0] == 400
    assert Conversation.objects.get(pk=south.conversation.pk).assignee is None


def test_a_foreign_label_is_like_none(
    north: Branch, south: Branch, people: People, clients: Clients
) -> None:
    url = f"/api/messenger/conversations/{south.conversation.public_id}/"
    told = set()
    for key in (str(north.label.pk), "98765432"):
        response = clients["foreign"].patch(url, {"labels": [key]}, "application/json")
        told.add((response.status_code, response.content.replace(key.encode(), b"?")))
    assert len(told) == 1
    assert told.pop()[0] == 400
    assert not south.conversation.labels.exists()
    assert (
        clients["foreign"]
        .patch(url, {"labels": [str(south.label.pk)]}, "application/json")
        .status_code
        == 200
    )


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a_foreign_branch_is_like_none(
    method: str, north: Branch, south: Branch, people: People, clients: Clients
) -> None:
    url = "/api/messenger/inboxes/" + (f"{south.inbox.public_id}/" if method == "PATCH" else "")
    told = set()
    for key in (str(north.branch.pk), unknown_branch_key(north.branch)):
        response = clients["foreign supervisor"].generic(
            method, url, json.dumps({"branch": key, "name": "New"}), "application/json"
        )
        told.add((response.status_code, response.content))
    assert len(told) == 1
    assert told.pop()[0] == 400


def test_nothing_that_is_not_asked_for_is_assigned(
    north: Branch, south: Branch, people: People, clients: Clients
) -> None:
    conversation = south.conversation
    before = Conversation.objects.values().get(pk=conversation.pk)
    url = f"/api/messenger/conversations/{conversation.public_id}/"
    forged = {
        "branch": str(north.branch.pk),
        "inbox": str(north.inbox.public_id),
        "contact": str(north.conversation.contact.public_id),
        "assignee": str(people["foreign"].pk),
        "id": str(uuid4()),
        "public_id": str(uuid4()),
        "preview": "forged",
        "waiting_since": None,
        "created_at": "2000-01-01T00:00:00Z",
        "change_xid": 1,
        "visitor_read_seq": 99,
    }
    assert clients["foreign"].patch(url, forged, "application/json").status_code == 200
    assert Conversation.objects.values().get(pk=conversation.pk) == before
    message = {
        "body": "Hi",
        "author": str(people["own"].pk),
        "author_user": str(people["own"].pk),
        "author_name": "Anna",
        "conversation": str(north.conversation.public_id),
        "seq": 99,
        "revision": 99,
        "created_at": "2000-01-01T00:00:00Z",
        "quarantined_at": "2000-01-01T00:00:00Z",
    }
    assert (
        clients["foreign"].post(url + "messages/", message, "application/json").status_code == 201
    )
    stored = Message.objects.latest("pk")
    assert (stored.conversation, stored.author_user) == (conversation, people["foreign"])
    assert (stored.author_name, stored.seq) == ("Boris", 2)
    assert stored.quarantined_at is None
    assert stored.created_at.year > 2000


def test_nobody_speaks_in_anothers_voice(south: Branch, people: People, clients: Clients) -> None:
    url = f"/api/messenger/conversations/{south.conversation.public_id}/messages/"
    for kind in ("visitor", "bot", "system", "shout", "", None, 1):
        data = {"body": "Hi", "kind": kind}
        assert clients["foreign"].post(url, data, "application/json").status_code == 400
    assert south.conversation.messages.count() == 1


# --- Rights that change ---------------------------------------------------------------------------


def test_what_is_taken_away_is_gone_at_once(
    north: Branch, people: People, clients: Clients
) -> None:
    url = f"/api/messenger/conversations/{north.conversation.public_id}/"
    anna = people["own"]
    changes = "/api/messenger/conversations/changes/"
    cursor = clients["own"].get(changes).json()["cursor"]
    assert clients["own"].get(url).status_code == 200
    anna.messenger_operator.branches.clear()
    assert clients["own"].get(url).status_code == 404
    assert (
        clients["own"].post(f"{url}messages/", {"body": "x"}, "application/json").status_code == 404
    )
    told = clients["own"].get(changes, {"cursor": cursor}).json()
    assert (told["full"], told["conversations"]) == (True, [])
    assert set(told["counters"].values()) == {0}


def test_an_inactive_user_is_nobody(north: Branch, people: People, clients: Clients) -> None:
    url = f"/api/messenger/conversations/{north.conversation.public_id}/"
    for name in ("own", "root"):
        assert clients[name].get(url).status_code == 200
        people[name].is_active = False
        people[name].save()
        assert clients[name].get(url).status_code == 403


def test_a_user_without_the_permission_sees_nothing(
    north: Branch, people: People, clients: Clients
) -> None:
    assert clients["own"].get("/api/messenger/me/").status_code == 200
    people["own"].groups.clear()
    assert clients["own"].get("/api/messenger/me/").status_code == 403
    assert clients["own"].get("/messenger/").status_code == 403
