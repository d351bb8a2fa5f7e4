"""``send_in_session``: a talk under way costs one statement, and nothing gets in by it that the
long way would not take."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_messenger import signals
from django_messenger.exceptions import (
    IdempotencyConflict,
    InvalidInput,
    InvalidSession,
    TooManyUnanswered,
)
from django_messenger.models import Contact, Conversation, Message
from django_messenger.services.sending import send_in_session
from django_messenger.services.sessions import WidgetSession
from django_messenger.services.statement import MAX_UNANSWERED
from django_messenger.services.visitors import check_session
from django_messenger.utils import create_widget_session, get_widget_session
from tests.factories import make_conversation, make_visitor, say
from tests.services.test_sessions import ENDS

pytestmark = pytest.mark.django_db


@pytest.fixture
def party() -> dict[str, Any]:
    """Whom a session is about, in a talk that has begun."""
    conversation = make_conversation()
    say(conversation)
    return {
        "inbox": conversation.inbox,
        "conversation": conversation,
        "contact": conversation.contact,
        "visitor": make_visitor(conversation.inbox, conversation.contact),
    }


@pytest.fixture
def session(party: dict[str, Any]) -> WidgetSession:
    found = get_widget_session(create_widget_session(**party), inbox=party["inbox"])
    assert found is not None
    return found


def writes(queries: CaptureQueriesContext) -> list[str]:
    """The statements but for the borders of transactions."""
    borders = ("SAVEPOINT", "RELEASE", "ROLLBACK")
    return [q["sql"] for q in queries.captured_queries if not q["sql"].startswith(borders)]


def test_a_talk_under_way_costs_one_statement(session: WidgetSession) -> None:
    with CaptureQueriesContext(connection) as queries:
        sent = send_in_session(session, body="Hello again", client_id="1")
    assert len(writes(queries)) == 1
    stored = Message.objects.get(pk=sent.message.pk)
    conversation = Conversation.objects.get()
    assert (stored.body, stored.client_id, stored.kind) == ("Hello again", "1", "visitor")
    assert stored.author_contact == conversation.contact
    assert stored.seq == stored.revision == sent.message.seq == conversation.revision
    for field in Conversation._meta.concrete_fields:
        assert getattr(sent.conversation, field.attname) == getattr(conversation, field.attname)


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
def test_what_ends_a_session_ends_its_sends(
    party: dict[str, Any], session: WidgetSession, end: Any
) -> None:
    if end is ENDS["conversation deleted"]:
        party["conversation"].messages.all().delete()
    before = set(Message.objects.values_list("pk", flat=True))
    end(party)
    with pytest.raises(InvalidSession):
        check_session(session)
    with pytest.raises(InvalidSession):
        send_in_session(session, body="Hello")
    assert set(Message.objects.values_list("pk", flat=True)) <= before


@pytest.mark.parametrize("way", ["blocked", "trapped"])
def test_what_belongs_into_quarantine_gets_there(session: WidgetSession, way: str) -> None:
    if way == "blocked":
        Contact.objects.update(blocked_at=timezone.now())
    sent = send_in_session(session, body="Buy", trapped=way == "trapped")
    assert Message.objects.get(pk=sent.message.pk).quarantined_at is not None


def test_a_first_message_opens_the_conversation(
    session: WidgetSession, django_capture_on_commit_callbacks: Any
) -> None:
    Message.objects.all().delete()
    Conversation.objects.update(last_message_at=None)
    opened: list[Any] = []

    def receive(event: Any, **kwargs: Any) -> None:
        opened.append(event.conversation.pk)

    signals.conversation_opened.connect(receive)
    try:
        for body in ("First", "Second"):
            with django_capture_on_commit_callbacks(execute=True):
                send_in_session(session, body=body)
    finally:
        signals.conversation_opened.disconnect(receive)
    assert opened == [session.conversation_id]


def test_a_repeat_stores_nothing_twice(session: WidgetSession) -> None:
    first = send_in_session(session, body="Hello", client_id="1")
    again = send_in_session(session, body="Hello", client_id="1")
    assert (again.message, again.created) == (first.message, False)
    with pytest.raises(IdempotencyConflict):
        send_in_session(session, body="Other", client_id="1")


def test_a_resolved_conversation_is_opened_again(session: WidgetSession) -> None:
    Conversation.objects.update(status="resolved", resolved_at=timezone.now())
    sent = send_in_session(session, body="One more thing")
    assert sent.conversation.pk == session.conversation_id
    assert Conversation.objects.get().status == "open"


def test_too_much_and_too_little_are_refused(session: WidgetSession) -> None:
    with pytest.raises(InvalidInput):
        send_in_session(session, body="  ")
    Conversation.objects.update(unanswered=MAX_UNANSWERED)
    with pytest.raises(TooManyUnanswered):
        send_in_session(session, body="Hello")
