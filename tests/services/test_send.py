"""``send_message``: a visitor's message finds its place, whatever became of the conversation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from django_messenger.exceptions import IdempotencyConflict, InvalidInput, TooManyUnanswered
from django_messenger.models import Conversation, Message
from django_messenger.services.messages import reply_message, send_message
from django_messenger.services.statement import MAX_UNANSWERED
from tests.factories import (
    make_branch,
    make_contact,
    make_conversation,
    make_inbox,
    make_operator,
    say,
)

pytestmark = pytest.mark.django_db


def end(conversation: Conversation, status: str, *, hours_ago: float = 0) -> None:
    """Bring a conversation to its end, some time ago."""
    resolved_at = timezone.now() - timedelta(hours=hours_ago) if status == "resolved" else None
    Conversation.objects.filter(pk=conversation.pk).update(status=status, resolved_at=resolved_at)


def snooze(conversation: Conversation) -> None:
    until = timezone.now() + timedelta(hours=1)
    Conversation.objects.filter(pk=conversation.pk).update(status="snoozed", snoozed_until=until)


def send(conversation: Conversation, body: str = "More", **options: Any) -> Any:
    """Send as a session does that knows the conversation as it was before."""
    return send_message(conversation=conversation, body=body, **options)


@pytest.fixture
def conversation() -> Conversation:
    return make_conversation(make_inbox(reopen_hours=72))


def test_a_live_conversation_takes_it(conversation: Conversation) -> None:
    sent = send(conversation)
    assert (sent.created, sent.conversation.pk, sent.message.seq) == (True, conversation.pk, 2)


def test_a_snoozed_conversation_wakes_up(conversation: Conversation) -> None:
    snooze(conversation)
    sent = send(conversation)
    stored = Conversation.objects.get(pk=conversation.pk)
    assert sent.conversation.pk == conversation.pk
    assert (stored.status, stored.snoozed_until) == ("open", None)
    assert sent.conversation.status == "open"


def test_a_resolved_conversation_opens_again_within_its_window(conversation: Conversation) -> None:
    end(conversation, "resolved", hours_ago=71.9)
    sent = send(conversation)
    stored = Conversation.objects.get(pk=conversation.pk)
    assert sent.conversation.pk == conversation.pk
    assert (stored.status, stored.resolved_at, stored.resolved_by) == ("open", None, None)
    assert sent.message.conversation_id == conversation.pk


@pytest.mark.parametrize(("status", "hours_ago"), [("resolved", 72.1), ("closed", 0)])
def test_else_a_new_conversation_is_opened(
    conversation: Conversation, status: str, hours_ago: float
) -> None:
    end(conversation, status, hours_ago=hours_ago)
    before = Conversation.objects.values().get(pk=conversation.pk)
    sent = send(conversation)
    assert sent.created
    assert sent.conversation.pk != conversation.pk
    assert sent.conversation.status == "open"
    for name in ("inbox_id", "contact_id", "branch_id"):
        assert getattr(sent.conversation, name) == getattr(conversation, name)
    assert (sent.message.seq, sent.message.conversation_id) == (1, sent.conversation.pk)
    assert Conversation.objects.values().get(pk=conversation.pk) == before


def test_a_window_of_no_hours_never_opens_again() -> None:
    conversation = make_conversation(make_inbox(reopen_hours=0))
    end(conversation, "resolved")
    assert send(conversation).conversation.pk != conversation.pk


@pytest.mark.parametrize(
    ("status", "hours_ago"), [("resolved", 1), ("resolved", 99), ("closed", 0)]
)
def test_the_live_conversation_elsewhere_takes_it(
    conversation: Conversation, status: str, hours_ago: float
) -> None:
    end(conversation, status, hours_ago=hours_ago)
    live = make_conversation(conversation.inbox, conversation.contact)
    sent = send(conversation)
    assert sent.conversation.pk == live.pk
    assert Conversation.objects.get(pk=conversation.pk).status == status


def test_a_live_conversation_of_another_inbox_or_contact_is_not_elsewhere(
    conversation: Conversation,
) -> None:
    end(conversation, "closed")
    others = [
        make_conversation(make_inbox(conversation.branch), conversation.contact),
        make_conversation(conversation.inbox, make_contact(conversation.branch)),
    ]
    sent = send(conversation)
    assert sent.conversation.pk not in {conversation.pk, *(other.pk for other in others)}


def test_a_retry_after_the_end_finds_the_stored_message(conversation: Conversation) -> None:
    first = send(conversation, client_id="a")
    end(conversation, "closed")
    again = send(conversation, client_id="a")
    assert (again.created, again.message) == (False, first.message)
    assert again.conversation.pk == conversation.pk
    assert conversation.contact.conversations.count() == 1


def test_a_retry_finds_what_had_opened_a_new_conversation(conversation: Conversation) -> None:
    end(conversation, "closed")
    first = send(conversation, client_id="a")
    again = send(Conversation.objects.get(pk=conversation.pk), client_id="a")
    assert (again.created, again.message) == (False, first.message)
    assert again.conversation.pk == first.conversation.pk
    assert Message.objects.filter(client_id="a").count() == 1


@pytest.mark.parametrize("status", ["open", "resolved", "closed"])
def test_a_retry_with_another_text_is_a_conflict(conversation: Conversation, status: str) -> None:
    send(conversation, client_id="a")
    if status != "open":
        end(conversation, status)
    with pytest.raises(IdempotencyConflict):
        send(conversation, "Other", client_id="a")
    assert conversation.contact.conversations.count() == 1


@pytest.mark.parametrize("status", ["resolved", "closed"])
@pytest.mark.parametrize("body", ["", "\u200b", "x" * 2001, "a\x00"])
def test_a_bad_text_opens_nothing(conversation: Conversation, status: str, body: str) -> None:
    end(conversation, status, hours_ago=99)
    with pytest.raises(InvalidInput):
        send(conversation, body)
    assert conversation.contact.conversations.count() == 1


# --- 200 without an answer ------------------------------------------------------------------------


@pytest.fixture
def patient(conversation: Conversation) -> Conversation:
    """One message short of the limit."""
    Conversation.objects.filter(pk=conversation.pk).update(unanswered=MAX_UNANSWERED - 1)
    return Conversation.objects.get(pk=conversation.pk)


def test_two_hundred_fit_before_an_answer(conversation: Conversation) -> None:
    for _ in range(MAX_UNANSWERED - 1):
        say(conversation)
    with pytest.raises(TooManyUnanswered) as caught:
        send(conversation)
    assert caught.value.retry_after >= 1
    assert conversation.messages.count() == MAX_UNANSWERED == 200


def test_messages_in_quarantine_count_too(patient: Conversation) -> None:
    assert send(patient, quarantined=True).created
    for quarantined in (False, True):
        with pytest.raises(TooManyUnanswered):
            send(patient, quarantined=quarantined)


def test_a_retry_is_answered_at_the_limit(patient: Conversation) -> None:
    last = send(patient, client_id="a")
    assert send(patient, client_id="a").message == last.message
    with pytest.raises(IdempotencyConflict):
        send(patient, "Other", client_id="a")


def test_an_answer_makes_room_and_a_note_does_not(patient: Conversation) -> None:
    send(patient)
    anna = make_operator(patient.branch)
    reply_message(user=anna, conversation=patient, body="Hm", note=True)
    with pytest.raises(TooManyUnanswered):
        send(patient)
    reply_message(user=anna, conversation=patient, body="Yes")
    assert send(patient).created


def test_resolving_does_not_make_room(patient: Conversation) -> None:
    send(patient)
    end(patient, "resolved")
    with pytest.raises(TooManyUnanswered):
        send(patient)
    assert Conversation.objects.get(pk=patient.pk).status == "resolved"


def test_others_are_not_silenced(patient: Conversation) -> None:
    send(patient)
    assert send(make_conversation(patient.inbox)).created
    assert send(make_conversation(make_inbox(make_branch()))).created
