"""Editing and removing messages: who may, for how long, and who sees what afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from django_messenger.models import Conversation, Mention, Message, MessageRevision
from django_messenger.selectors.messages import messages_after, visitor_messages
from django_messenger.selectors.operators import staff_name
from django_messenger.services.corrections import edit_message, may_edit, remove_message
from django_messenger.services.messages import append_message
from django_messenger.test import override_messenger
from tests.factories import answer, make_conversation, make_operator, say
from tests.operators.client import Api, url
from tests.operators.conftest import World


def at(message: Message, rest: str = "") -> str:
    return url(message.conversation, f"messages/{message.public_id}/{rest}")


def stored(conversation: Conversation) -> Conversation:
    return Conversation.objects.get(pk=conversation.pk)


def seen_by_visitor(conversation: Conversation, after: int) -> list[tuple[str, bool, bool]]:
    """Body, edited, removed of what a poll would bring."""
    page = messages_after(visitor_messages(conversation), stored(conversation), after)
    return [(m.body, m.edited_at is not None, m.removed_at is not None) for m in page.messages]


def test_an_edit_reaches_everybody_by_the_cursor(world: World) -> None:
    conversation = make_conversation(world.north)
    message = answer(conversation, world.anna, "Helo")
    say(conversation, "What?")
    cursor = stored(conversation).revision

    edited = Api(world.anna).patch(at(message), {"body": "Hello"}).json()

    assert (edited["body"], edited["removed"]) == ("Hello", False)
    assert edited["edited_at"]
    assert (edited["seq"], edited["revision"]) == (message.seq, cursor + 1)
    assert seen_by_visitor(conversation, cursor) == [("Hello", True, False)]
    (revision,) = MessageRevision.objects.filter(message=message)
    assert (revision.body, revision.by, revision.removed) == ("Helo", world.anna, False)
    row = stored(conversation)
    assert (row.revision, row.preview) == (cursor + 1, "What?")


def test_a_removal_leaves_a_place_and_no_text(world: World) -> None:
    conversation = make_conversation(world.north, body="First")
    message = answer(conversation, world.anna, "Not for you")
    cursor = stored(conversation).revision

    removed = Api(world.anna).post(at(message, "remove/"), {"reason": "Wrong chat"}).json()

    assert (removed["body"], removed["removed"]) == ("", True)
    assert seen_by_visitor(conversation, cursor) == [("", False, True)]
    assert Message.objects.get(pk=message.pk).body == ""
    (revision,) = MessageRevision.objects.filter(message=message)
    assert (revision.body, revision.reason, revision.removed) == ("Not for you", "Wrong chat", True)
    assert stored(conversation).preview == "First"
    again = Api(world.anna).post(at(message, "remove/"))
    assert (again.status_code, again.json()["revision"]) == (200, removed["revision"])
    assert MessageRevision.objects.filter(message=message).count() == 1
    assert Api(world.anna).patch(at(message), {"body": "x"}).json()["code"] == "invalid_transition"


def test_the_preview_follows_the_newest_message(world: World) -> None:
    conversation = make_conversation(world.north, body="First")
    message = answer(conversation, world.anna, "Second")
    answer(conversation, world.anna, "A note", note=True)
    edit_message(user=world.anna, message=message, body="Third")
    assert stored(conversation).preview == "Third"
    remove_message(user=world.anna, message=message)
    assert stored(conversation).preview == "First"
    first = Message.objects.get(conversation=conversation, kind="visitor")
    remove_message(user=world.vera, message=first)
    assert stored(conversation).preview == ""


def test_the_same_text_changes_nothing(world: World) -> None:
    message = answer(make_conversation(world.north), world.anna, "Hello")
    before = stored(message.conversation).revision
    assert Api(world.anna).patch(at(message), {"body": "Hello"}).json()["edited_at"] is None
    assert stored(message.conversation).revision == before
    assert not MessageRevision.objects.exists()


def test_who_may(world: World) -> None:
    conversation = make_conversation(world.north)
    colleague = make_operator(world.north.branch)
    own = answer(conversation, world.anna)
    visitors = Message.objects.get(conversation=conversation, kind="visitor")

    def statuses(user: Any, message: Message) -> tuple[int, int]:
        api = Api(user)
        edit = api.patch(at(message), {"body": f"By {user.pk}"}).status_code
        return edit, api.post(at(message, "remove/")).status_code

    assert statuses(world.boris, own) == (404, 404)
    assert statuses(world.stranger, own) == (403, 403)
    assert statuses(colleague, own) == (403, 403)
    assert statuses(colleague, visitors) == (403, 403)
    assert statuses(world.vera, visitors) == (403, 200)
    assert statuses(world.anna, own) == (200, 200)
    assert Message.objects.get(pk=visitors.pk).removed_at is not None


def test_a_message_of_another_conversation_is_absent(world: World) -> None:
    message = answer(make_conversation(world.north), world.anna)
    other = make_conversation(world.north)
    api = Api(world.anna)
    known = api.patch(url(other, f"messages/{message.public_id}/"), {"body": "x"})
    unknown = api.patch(url(other, f"messages/{uuid4()}/"), {"body": "x"})
    assert (known.status_code, known.content) == (404, unknown.content)


def test_the_window_ends(world: World) -> None:
    message = answer(make_conversation(world.north), world.anna)
    assert may_edit(world.anna, message)
    assert not may_edit(world.vera, message)
    late = timezone.now() - timedelta(minutes=16)
    Message.objects.filter(pk=message.pk).update(created_at=late)
    api = Api(world.anna)
    for answered in (api.patch(at(message), {"body": "x"}), api.post(at(message, "remove/"))):
        assert (answered.status_code, answered.json()["code"]) == (409, "too_late")
    message.refresh_from_db()
    assert not may_edit(world.anna, message)
    with override_messenger(EDIT_WINDOW=3600):
        assert api.patch(at(message), {"body": "x"}).status_code == 200
    assert Api(world.vera).post(at(message, "remove/")).status_code == 200


@pytest.mark.parametrize("body", ["", " ", "x" * 2001, None, 5])
def test_a_text_that_no_message_may_have(world: World, body: Any) -> None:
    message = answer(make_conversation(world.north), world.anna)
    assert Api(world.anna).patch(at(message), {"body": body}).status_code == 400


def test_a_repeated_send_of_an_edited_message_is_still_a_repeat(world: World) -> None:
    conversation = make_conversation(world.north)
    said = {"conversation": conversation, "kind": Message.Kind.OPERATOR, "author": world.anna}
    sent = append_message(**said, body="Helo", client_id="1")
    edit_message(user=world.anna, message=sent.message, body="Hello")
    again = append_message(**said, body="Helo", client_id="1")
    assert (again.created, again.message.pk) == (False, sent.message.pk)


# --- Mentions -------------------------------------------------------------------------------------


def note(world: World, conversation: Conversation, body: str) -> Any:
    answered = Api(world.anna).post(url(conversation, "messages/"), {"kind": "note", "body": body})
    assert answered.status_code == 201
    return answered.json()


def mentioned(user: Any) -> list[str]:
    listed = Api(user).get("conversations/", view="mentions").json()["results"]
    assert Api(user).get("me/").json()["counters"]["mentions"] == len(listed)
    assert all(row["mentioned"] for row in listed)
    return [row["id"] for row in listed]


def test_a_mention_is_there_until_it_is_read(world: World) -> None:
    conversation = make_conversation(world.north)
    maria = make_operator(world.north.branch, name="Anna Maria")
    assert world.anna.pk != world.vera.pk
    said = note(world, conversation, "Ask @anna maria, please. a@vera.com @Nobody @Verandah")
    assert [user["name"] for user in said["message"]["mentions"]] == ["Anna Maria"]
    here = [str(conversation.public_id)]
    assert mentioned(maria) == here
    assert mentioned(world.anna) == mentioned(world.vera) == []

    seq = said["message"]["seq"]
    Api(maria).post(url(conversation, "read/"), {"read_seq": seq - 1})
    assert mentioned(maria) == here
    Api(maria).post(url(conversation, "read/"), {"read_seq": seq})
    assert mentioned(maria) == []
    assert Mention.objects.get(user=maria).read_at is not None


def test_the_same_name_means_both(world: World) -> None:
    conversation = make_conversation(world.north)
    twins = [make_operator(world.north.branch, name="Olga") for _ in range(2)]
    note(world, conversation, "@Olga")
    assert [len(mentioned(twin)) for twin in twins] == [1, 1]


def test_nobody_outside_is_mentioned(world: World) -> None:
    conversation = make_conversation(world.north)
    assert world.boris.pk
    said = note(world, conversation, "@Boris @Anna")
    assert said["message"]["mentions"] == []


def test_a_reply_mentions_nobody(world: World) -> None:
    conversation = make_conversation(world.north)
    assert world.vera.pk
    Api(world.anna).post(url(conversation, "messages/"), {"body": "Write to @Vera"})
    assert not Mention.objects.exists()


def test_an_edited_note_mentions_others(world: World) -> None:
    conversation = make_conversation(world.north)
    maria = make_operator(world.north.branch, name="Maria")
    said = note(world, conversation, f"@{staff_name(world.vera)} look")
    message = Message.objects.get(public_id=said["message"]["id"])
    assert len(mentioned(world.vera)) == 1
    edited = Api(world.anna).patch(at(message), {"body": "@Maria look"}).json()
    assert [user["name"] for user in edited["mentions"]] == ["Maria"]
    assert (len(mentioned(world.vera)), len(mentioned(maria))) == (0, 1)
    Api(world.anna).post(at(message, "remove/"))
    assert mentioned(maria) == []


def test_who_loses_the_branch_loses_the_mention(world: World) -> None:
    conversation = make_conversation(world.north)
    maria = make_operator(world.north.branch, name="Maria")
    note(world, conversation, "@Maria")
    maria.messenger_operator.branches.set([world.south.branch])
    assert mentioned(maria) == []


# --- Drafts ---------------------------------------------------------------------------------------


def test_drafts_follow_their_owner_only(world: World) -> None:
    conversation = make_conversation(world.north)
    anna, vera = Api(world.anna), Api(world.vera)
    path = url(conversation, "draft/")
    assert anna.get(path).json() == {"reply": None, "note": None}
    anna.post(path, {"body": "Dear"})
    kept = anna.post(path, {"body": "Note", "mode": "note"}).json()
    assert (kept["reply"]["body"], kept["note"]["body"]) == ("Dear", "Note")
    assert anna.post(path, {"body": "Dear Olga"}).json()["reply"]["body"] == "Dear Olga"
    assert vera.get(path).json() == {"reply": None, "note": None}
    assert anna.get(url(conversation)).json()["draft"] is True
    assert vera.get(url(conversation)).json()["draft"] is False
    assert Api(world.boris).get(path).status_code == 404


def test_a_sent_draft_is_gone_the_other_stays(world: World) -> None:
    conversation = make_conversation(world.north)
    api, path = Api(world.anna), url(conversation, "draft/")
    api.post(path, {"body": "Dear"})
    api.post(path, {"body": "Note", "mode": "note"})
    api.post(url(conversation, "messages/"), {"body": "Dear Olga"})
    left = api.get(path).json()
    assert left["reply"] is None
    assert left["note"]["body"] == "Note"
    assert api.post(path, {"body": "  ", "mode": "note"}).json()["note"] is None
    assert api.get(url(conversation)).json()["draft"] is False


@pytest.mark.parametrize("body", ["x" * 2001, "\x00", 5, None])
def test_a_draft_that_cannot_be_kept(world: World, body: Any) -> None:
    path = url(make_conversation(world.north), "draft/")
    assert Api(world.anna).post(path, {"body": body}).status_code == 400
