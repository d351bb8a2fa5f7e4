"""Reading and writing messages as an operator."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from django_messenger.models import Conversation, Message
from django_messenger.services.conversations import change_conversation
from tests.factories import answer, make_conversation, say
from tests.operators.client import Api, url
from tests.operators.conftest import World


def place(conversation: Conversation) -> str:
    return url(conversation, "messages/")


def bodies(response: Any) -> list[str]:
    return [message["body"] for message in response.json()["results"]]


def test_a_message_shows_who_wrote_it(world: World) -> None:
    conversation = make_conversation(world.north, body="Hello")
    answer(conversation, world.vera, "Good day")
    answer(conversation, world.anna, "A regular", note=True)

    visitor, operator, note = Api(world.anna).get(place(conversation)).json()["results"]

    assert set(visitor) == {
        "id",
        "seq",
        "revision",
        "kind",
        "body",
        "author",
        "author_user",
        "mentions",
        "created_at",
        "edited_at",
        "removed",
        "attachments",
    }
    assert visitor["created_at"].endswith("Z")
    assert [row["kind"] for row in (visitor, operator, note)] == ["visitor", "operator", "note"]
    assert (visitor["author"], visitor["author_user"]) == (None, None)
    assert operator["author"] == {"name": "Vera", "avatar_url": None}
    assert operator["author_user"] == {"id": str(world.vera.pk), "name": "Vera"}
    assert note["author_user"] == {"id": str(world.anna.pk), "name": "Anna"}


def test_a_client_id_is_shown_to_its_author_alone(world: World) -> None:
    conversation = make_conversation(world.north)
    Api(world.vera).post(place(conversation), {"body": "I will look", "client_id": "v-1"})

    def last(user: Any) -> dict[str, Any]:
        return dict(Api(user).get(place(conversation)).json()["results"][-1])

    assert last(world.vera)["client_id"] == "v-1"
    assert "client_id" not in last(world.anna)


def test_removed_messages_keep_their_place_and_quarantined_ones_have_none(world: World) -> None:
    conversation = make_conversation(world.north, body="My password is secret")
    say(conversation, "Buy now", quarantined=True)
    Message.objects.filter(seq=1, conversation=conversation).update(removed_at=timezone.now())

    (message,) = Api(world.anna).get(place(conversation)).json()["results"]

    assert (message["removed"], message["body"]) == (True, "")


def test_the_newest_come_first_and_older_ones_before_them(world: World) -> None:
    conversation = make_conversation(world.north, body="1")
    for number in range(2, 121):
        answer(conversation, world.anna, str(number))
    api = Api(world.anna)

    newest = api.get(place(conversation))
    older = api.get(newest.json()["previous"])
    oldest = api.get(older.json()["previous"])

    assert bodies(newest) == [str(number) for number in range(71, 121)]
    assert bodies(older) == [str(number) for number in range(21, 71)]
    assert bodies(oldest) == [str(number) for number in range(1, 21)]
    assert [page.json()["has_more"] for page in (newest, older, oldest)] == [True, True, False]
    assert oldest.json()["previous"] is None
    assert [page.json()["cursor"] for page in (newest, older)] == [120, None]


def test_the_cursor_brings_what_is_new_or_changed(world: World) -> None:
    conversation = make_conversation(world.north, body="first")
    api = Api(world.anna)
    cursor = api.get(place(conversation)).json()["cursor"]
    assert bodies(api.get(place(conversation), after=cursor)) == []

    for number in range(60):
        say(conversation, str(number))
    changed = Message.objects.get(conversation=conversation, seq=1)
    Conversation.objects.filter(pk=conversation.pk).update(revision=62)
    Message.objects.filter(pk=changed.pk).update(revision=62, body="edited")
    page = api.get(place(conversation), after=cursor)
    rest = api.get(page.json()["next"])

    assert bodies(page) == [str(number) for number in range(50)]
    assert bodies(rest) == [*[str(number) for number in range(50, 60)], "edited"]
    assert page.json()["has_more"]
    assert (rest.json()["has_more"], rest.json()["next"], rest.json()["cursor"]) == (
        False,
        None,
        62,
    )


@pytest.mark.parametrize(
    "query",
    [
        {"after": "-1"},
        {"after": "x"},
        {"after": "²"},
        {"after": "1" * 20},
        {"after": "9" * 5000},
        {"before": "1.5"},
        {"before": "\x00"},
        {"after": "1", "before": "2"},
    ],
)
def test_places_that_are_none_are_refused(world: World, query: dict[str, str]) -> None:
    response = Api(world.anna).get(place(make_conversation(world.north)), **query)

    assert (response.status_code, response.json()["code"]) == (400, "invalid")


def test_a_reply_answers_and_a_note_does_not(world: World) -> None:
    conversation = make_conversation(world.north)
    api = Api(world.anna)

    noted = api.post(place(conversation), {"body": "A regular", "kind": "note"})
    assert noted.status_code == 201
    assert noted.json()["message"]["kind"] == "note"
    assert noted.json()["conversation"]["waiting_since"] is not None
    assert noted.json()["conversation"]["preview"] == "Hello"

    replied = api.post(place(conversation), {"body": "Good day"})
    row = replied.json()["conversation"]
    assert (row["waiting_since"], row["preview"]) == (None, "Good day")
    assert row["first_response_at"] is not None
    assert row["revision"] == replied.json()["message"]["revision"]


def test_a_repeated_reply_is_stored_once(world: World) -> None:
    conversation = make_conversation(world.north)
    api = Api(world.anna)
    said = {"body": "Good day", "client_id": str(uuid4())}

    first = api.post(place(conversation), said)
    change_conversation(user=world.anna, conversation=conversation, status="closed")
    again = api.post(place(conversation), said)
    other = api.post(place(conversation), {**said, "body": "Good evening"})

    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert again.json()["message"] == first.json()["message"]
    assert again.json()["conversation"]["status"] == "closed"
    assert other.json()["code"] == "idempotency_conflict"
    assert Message.objects.filter(conversation=conversation, kind="operator").count() == 1


def test_two_operators_may_use_the_same_client_id(world: World) -> None:
    conversation = make_conversation(world.north)

    for user in (world.anna, world.vera):
        sent = Api(user).post(place(conversation), {"body": "Hi", "client_id": "1"})
        assert sent.status_code == 201


def test_a_closed_conversation_takes_notes_only(world: World) -> None:
    conversation = make_conversation(world.north)
    change_conversation(user=world.anna, conversation=conversation, status="closed")
    api = Api(world.anna)

    refused = api.post(place(conversation), {"body": "Good day"})

    assert (refused.status_code, refused.json()["code"]) == (409, "invalid_transition")
    assert api.post(place(conversation), {"body": "Spam", "kind": "note"}).status_code == 201


def test_a_colleague_who_was_faster_is_shown(world: World) -> None:
    conversation = make_conversation(world.north)
    answer(conversation, world.vera, "I have it", note=True)
    answer(conversation, world.vera, "Good day from Vera")
    api = Api(world.anna)
    said = {"body": "Good day from Anna", "last_seen_seq": 1, "client_id": "a"}

    refused = api.post(place(conversation), said)

    assert (refused.status_code, refused.json()["code"]) == (409, "newer_reply")
    (newer,) = refused.json()["messages"]
    assert (newer["body"], newer["author_user"]["name"]) == ("Good day from Vera", "Vera")
    assert "client_id" not in newer
    assert api.post(place(conversation), {**said, "kind": "note"}).status_code == 201

    said["client_id"] = "b"
    assert api.post(place(conversation), {**said, "force": True}).status_code == 201
    repeated = api.post(place(conversation), said)
    assert repeated.status_code == 200
    seen = {"body": "And more", "last_seen_seq": 3}
    assert api.post(place(conversation), seen).status_code == 201


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "body"),
        ({"body": None}, "body"),
        ({"body": 5}, "body"),
        ({"body": True}, "body"),
        ({"body": ["a"]}, "body"),
        ({"body": ""}, "body"),
        ({"body": " \u200b\n"}, "body"),
        ({"body": "x" * 2001}, "body"),
        ({"body": "a", "kind": "system"}, "kind"),
        ({"body": "a", "kind": "visitor"}, "kind"),
        ({"body": "a", "kind": None}, "kind"),
        ({"body": "a", "client_id": 1}, "client_id"),
        ({"body": "a", "client_id": "x" * 65}, "client_id"),
        ({"body": "a", "client_id": "a\nb"}, "client_id"),
        ({"body": "a", "last_seen_seq": -1}, "last_seen_seq"),
        ({"body": "a", "last_seen_seq": 1.0}, "last_seen_seq"),
        ({"body": "a", "last_seen_seq": True}, "last_seen_seq"),
        ({"body": "a", "last_seen_seq": 2**63}, "last_seen_seq"),
        ({"body": "a", "force": "yes"}, "force"),
        ({"body": "a", "force": 1}, "force"),
    ],
)
def test_types_are_strict(world: World, data: dict[str, Any], field: str) -> None:
    conversation = make_conversation(world.north)

    response = Api(world.anna).post(place(conversation), data)

    assert response.status_code == 400
    assert response.json()["code"] == "invalid"
    assert set(response.json()["errors"]) == {field}
    assert Message.objects.filter(conversation=conversation).count() == 1


def test_a_text_too_long_names_the_limit(world: World) -> None:
    response = Api(world.anna).post(place(make_conversation(world.north)), {"body": "x" * 2001})

    (problem,) = response.json()["errors"]["body"]
    assert (problem["code"], problem["limit"]) == ("too_long", 2000)


def test_what_a_client_may_not_set_is_ignored(world: World) -> None:
    conversation = make_conversation(world.north)
    forged = {
        "author_user": str(world.vera.pk),
        "author_name": "The director",
        "author": {"name": "The director"},
        "seq": 900,
        "revision": 900,
        "id": str(uuid4()),
        "conversation": str(uuid4()),
        "created_at": "2000-01-01T00:00:00Z",
        "quarantined_at": "2000-01-01T00:00:00Z",
        "note": True,
        "status": "closed",
    }

    sent = Api(world.anna).post(place(conversation), {"body": "Hi", **forged}).json()

    stored = Message.objects.get(public_id=sent["message"]["id"])
    assert stored.conversation_id == conversation.pk
    assert (stored.seq, stored.kind, stored.quarantined_at) == (2, "operator", None)
    assert (stored.author_user, stored.author_name) == (world.anna, "Anna")
    assert stored.created_at.year > 2000
    assert sent["conversation"]["status"] == "open"


def test_read_marks_only_move_forward(world: World) -> None:
    conversation = make_conversation(world.north)
    for _ in range(3):
        say(conversation)
    api = Api(world.anna)
    read = url(conversation, "read/")

    assert api.post(read, {"read_seq": 3}).json() == {"read_seq": 3, "revision": 4 + 1}
    assert api.post(read, {"read_seq": 1}).json() == {"read_seq": 3, "revision": 4 + 1}
    assert api.post(read, {"read_seq": 10**18}).json()["read_seq"] < 10
    assert api.post(read, {"read_seq": "x"}).status_code == 400
    assert api.post(read, {}).status_code == 400
