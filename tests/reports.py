"""Conversations that happened when a test says they did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from django_messenger.models import Conversation, Inbox, Message, Rating
from django_messenger.services.conversations import change_conversation
from django_messenger.services.messages import append_message
from django_messenger.services.ratings import rate_conversation
from tests.factories import answer, make_conversation, say

#: Noon of a quiet day, long ago.
NOON = datetime(2024, 5, 15, 12, tzinfo=UTC)

#: Seconds after the beginning, and who speaks: ``visitor``, ``bot`` or an operator.
Line = tuple[float, Any]


def tell(inbox: Inbox, at: datetime, lines: Sequence[Line]) -> Conversation:
    """Make a conversation that was held then."""
    conversation = make_conversation(inbox, body="")
    for after, who in lines:
        add(conversation, at + timedelta(seconds=after), who)
    Conversation.objects.filter(pk=conversation.pk).update(created_at=at)
    conversation.refresh_from_db()
    return conversation


def add(conversation: Conversation, at: datetime, who: Any, **fields: Any) -> Message:
    """Let somebody speak at that time."""
    if who == "visitor":
        statuses = (*Conversation.LIVE, Conversation.Status.RESOLVED)
        message = say(conversation, statuses=statuses, **fields)
    elif who == "bot":
        kind = Message.Kind.BOT
        message = append_message(conversation=conversation, kind=kind, body="Beep").message
    else:
        message = answer(conversation, who, **fields)
    Message.objects.filter(pk=message.pk).update(created_at=at)
    # Waits are read from the messages; this is what the services would have left behind.
    shown = message.kind != Message.Kind.NOTE and message.quarantined_at is None
    if shown:
        Conversation.objects.filter(pk=conversation.pk).update(last_message_at=at)
    return message


def resolve(conversation: Conversation, user: Any, at: datetime) -> None:
    """Let an operator resolve it at that time."""
    change_conversation(user=user, conversation=conversation, status="resolved")
    Conversation.objects.filter(pk=conversation.pk).update(resolved_at=at)


def rate(conversation: Conversation, score: int, at: datetime) -> None:
    """Let the visitor rate it at that time."""
    rate_conversation(conversation=conversation, score=score)
    Rating.objects.filter(conversation=conversation).update(rated_at=at)


def hours_ago(hours: float) -> datetime:
    """Return a moment before now."""
    return timezone.now() - timedelta(hours=hours)
