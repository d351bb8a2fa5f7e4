"""Messages in quarantine are seen by their own visitor, and by nobody and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, ClassVar

import pytest
from django.db import transaction
from django.utils import timezone

from django_messenger import signals
from django_messenger.bus import Bus, Hint
from django_messenger.models import Conversation
from django_messenger.selectors.changes import changes_since
from django_messenger.selectors.contacts import visible_contacts
from django_messenger.selectors.conversations import (
    conversation_counters,
    list_conversations,
    visible_conversations,
)
from django_messenger.selectors.messages import operator_messages, visitor_messages
from django_messenger.services.conversations import read_by_visitor
from django_messenger.services.messages import send_message
from django_messenger.services.presence import note_visitor, people_at
from django_messenger.test import override_messenger
from tests.factories import make_branch, make_conversation, make_inbox, make_supervisor, say

pytestmark = pytest.mark.django_db


@pytest.fixture
def vera() -> Any:
    return make_supervisor(make_branch())


@pytest.fixture
def inbox(vera: Any) -> Any:
    return make_inbox(vera.messenger_operator.branches.get())


def trap(conversation: Conversation, body: str = "Buy now") -> Any:
    return send_message(conversation=conversation, body=body, quarantined=True)


def test_a_conversation_of_nothing_else_is_nowhere(vera: Any, inbox: Any) -> None:
    conversation = make_conversation(inbox, body="")
    trap(conversation)
    assert not visible_conversations(vera).exists()
    assert not list_conversations(vera, text="Buy").exists()
    assert set(conversation_counters(vera).values()) == {0}
    assert not visible_contacts(vera).exists()
    changes = changes_since(vera, "")
    assert (list(changes.conversations), list(changes.gone)) == ([], [])
    assert [message.body for message in visitor_messages(conversation)] == ["Buy now"]


def test_beside_other_messages_it_moves_nothing(vera: Any, inbox: Any) -> None:
    conversation = make_conversation(inbox, body="Good day")
    before = Conversation.objects.values().get(pk=conversation.pk)
    trap(conversation)
    after = Conversation.objects.values().get(pk=conversation.pk)
    moved = {name for name, value in after.items() if before[name] != value}
    assert moved <= {"revision", "unanswered"}
    assert [message.body for message in operator_messages(conversation)] == ["Good day"]
    assert [m.body for m in visitor_messages(conversation)] == ["Good day", "Buy now"]


def test_no_cursor_of_an_operator_meets_it(vera: Any, inbox: Any) -> None:
    conversation = make_conversation(inbox, body="Good day")
    start = changes_since(vera, "").cursor
    # The cursor may repeat rows whose transaction was still open: the whole test is one.
    before = [(row.pk, row.preview) for row in changes_since(vera, start).conversations]
    trap(conversation)
    assert [(row.pk, row.preview) for row in changes_since(vera, start).conversations] == before


@pytest.mark.parametrize("status", ["snoozed", "resolved"])
def test_it_wakes_nothing(inbox: Any, status: str) -> None:
    conversation = make_conversation(inbox)
    until = "2100-01-01T00:00:00Z" if status == "snoozed" else None
    ended = "2100-01-01T00:00:00Z" if status == "resolved" else None
    Conversation.objects.filter(pk=conversation.pk).update(
        status=status, snoozed_until=until, resolved_at=ended
    )
    sent = trap(conversation)
    assert sent.conversation.pk == conversation.pk
    assert Conversation.objects.get(pk=conversation.pk).status == status


def test_after_the_end_it_opens_a_conversation_that_nobody_sees(vera: Any, inbox: Any) -> None:
    conversation = make_conversation(inbox)
    Conversation.objects.filter(pk=conversation.pk).update(status="closed")
    sent = trap(conversation)
    assert sent.conversation.pk != conversation.pk
    assert [row.pk for row in visible_conversations(vera)] == [conversation.pk]


def test_no_signal_is_sent(inbox: Any, django_capture_on_commit_callbacks: Any) -> None:
    heard: list[Any] = []

    def note(sender: Any, **kwargs: Any) -> None:
        heard.append(sender)

    each = (
        signals.message_added,
        signals.conversation_opened,
        signals.conversation_changed,
        signals.conversation_assigned,
    )
    for signal in each:
        signal.connect(note)
    try:
        with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
            trap(make_conversation(inbox, body=""))
    finally:
        for signal in each:
            signal.disconnect(note)
    assert heard == []


# --- Hints ----------------------------------------------------------------------------------------


class Recorder(Bus):
    """A bus that keeps what it was given."""

    hints: ClassVar[list[Hint]] = []

    def publish(self, hint: Hint) -> None:
        self.hints.append(hint)

    def listen(self) -> AsyncIterator[Hint]:
        raise NotImplementedError


@pytest.fixture
def hints() -> Iterator[list[Hint]]:
    Recorder.hints.clear()
    with override_messenger(BUS=f"{__name__}.Recorder"):
        yield Recorder.hints


def test_nothing_that_happens_to_it_gives_a_hint(
    inbox: Any, hints: list[Hint], django_capture_on_commit_callbacks: Any
) -> None:
    """Neither a conversation that is still empty, nor one that holds nothing else."""
    conversation = make_conversation(inbox, body="")
    with django_capture_on_commit_callbacks(execute=True):
        note_visitor(conversation=conversation, typing=True)
        trap(conversation)
        conversation.refresh_from_db()
        read_by_visitor(conversation=conversation, read_seq=1)
        note_visitor(conversation=conversation, typing=False)
        note_visitor(conversation=conversation, typing=True)
    assert hints == []
    with django_capture_on_commit_callbacks(execute=True):
        say(conversation)
        conversation.refresh_from_db()
        read_by_visitor(conversation=conversation, read_seq=99)
    assert [hint.type for hint in hints] == ["message", "conversation"]


def test_beside_other_messages_it_gives_none_either(
    inbox: Any, hints: list[Hint], django_capture_on_commit_callbacks: Any
) -> None:
    conversation = make_conversation(inbox)
    with django_capture_on_commit_callbacks(execute=True):
        trap(conversation)
    assert hints == []


def test_who_is_blocked_is_not_seen_typing(
    inbox: Any, hints: list[Hint], django_capture_on_commit_callbacks: Any
) -> None:
    conversation = make_conversation(inbox)
    conversation.contact.blocked_at = timezone.now()
    with django_capture_on_commit_callbacks(execute=True):
        note_visitor(conversation=conversation, typing=True)
    assert hints == []
    assert people_at(conversation).typing == ()
