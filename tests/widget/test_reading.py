"""What a poll reads by hand-written SQL is what the ORM would read."""

from __future__ import annotations

import pytest

from django_messenger.models import Conversation, Message
from django_messenger.selectors.messages import (
    PAGE,
    messages_after,
    visitor_messages,
    visitor_messages_after,
)
from django_messenger.services.messages import append_message, reply_message, send_message
from tests.factories import make_conversation, make_operator

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation() -> Conversation:
    """Two talks with every kind of message; of the one in question a note is the newest."""
    for _ in range(2):
        talk = make_conversation(body="")
        anna = make_operator(talk.inbox.branch)
        send_message(conversation=talk, body="Hello", client_id="1")
        reply_message(user=anna, conversation=talk, body="Good day")
        for kind in (Message.Kind.BOT, Message.Kind.SYSTEM):
            append_message(conversation=talk, kind=kind, body=str(kind))
        send_message(conversation=talk, body="Buy", quarantined=True)
        reply_message(user=anna, conversation=talk, body="Strange", note=True)
    found: Conversation = Conversation.objects.get(pk=talk.pk)
    return found


def same_from(conversation: Conversation, after: int) -> list[str]:
    """The texts after a revision, once both ways agree in every field."""
    ours = visitor_messages_after(conversation, after)
    plain = messages_after(visitor_messages(conversation), conversation, after)
    fields = [field.attname for field in Message._meta.concrete_fields]
    values = [
        [[getattr(message, name) for name in fields] for message in page.messages]
        for page in (ours, plain)
    ]
    assert values[0] == values[1]
    assert (ours.cursor, ours.has_more) == (plain.cursor, plain.has_more)
    assert [message._state.db for message in ours.messages] == [
        message._state.db for message in plain.messages
    ]
    return [message.body for message in ours.messages]


def test_notes_and_lines_for_operators_are_left_out(conversation: Conversation) -> None:
    assert same_from(conversation, 0) == ["Hello", "Good day", "bot", "Buy"]


def test_every_cursor_reads_on(conversation: Conversation) -> None:
    lengths = [len(same_from(conversation, after)) for after in range(conversation.revision + 2)]
    assert lengths == sorted(lengths, reverse=True)
    assert (lengths[0], lengths[-1]) == (4, 0)


def test_pages_end_in_the_same_place(conversation: Conversation) -> None:
    for number in range(PAGE + 2):
        append_message(conversation=conversation, kind=Message.Kind.BOT, body=f"{number}")
    assert len(same_from(conversation, 0)) == PAGE
    page = visitor_messages_after(conversation, 0)
    assert page.has_more
    assert same_from(conversation, page.cursor) == [f"{n}" for n in range(PAGE - 4, PAGE + 2)]
