"""What has happened, as typed facts in the past tense.

A service calls :func:`publish` inside its transaction; the matching signal of
:mod:`django_messenger.signals` is sent once the transaction has committed, with ``send_robust``:
a receiver that fails is logged and disturbs nobody.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import transaction

from django_messenger import signals

if TYPE_CHECKING:
    from django.dispatch import Signal

    from django_messenger.models import Conversation, Message

logger = logging.getLogger("django_messenger")


@dataclass(frozen=True, slots=True)
class Event:
    """Base of every event; ``conversation`` is as it was after the change."""

    signal: ClassVar[Signal]
    conversation: Conversation


@dataclass(frozen=True, slots=True)
class MessageAdded(Event):
    """Somebody wrote; ``message`` may be an internal note (``kind``), never a quarantined one."""

    signal = signals.message_added
    message: Message


@dataclass(frozen=True, slots=True)
class MessageChanged(Event):
    """A message was edited, or removed (``message.removed_at``)."""

    signal = signals.message_changed
    message: Message


@dataclass(frozen=True, slots=True)
class OperatorMentioned(Event):
    """A colleague named ``user`` in a note."""

    signal = signals.operator_mentioned
    message: Message
    user: Any


@dataclass(frozen=True, slots=True)
class ConversationOpened(Event):
    """The first message of a conversation was written, or a resolved one was opened again."""

    signal = signals.conversation_opened
    reopened: bool


@dataclass(frozen=True, slots=True)
class ConversationChanged(Event):
    """Status, priority, labels or read marks changed; ``fields`` names them."""

    signal = signals.conversation_changed
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConversationAssigned(Event):
    """``assignee`` (a user or None) took the place of the user with the key ``previous``."""

    signal = signals.conversation_assigned
    assignee: Any
    previous: Any


def publish(event: Event) -> None:
    """Send the event's signal after the running transaction commits; nothing if it rolls back."""
    if event.signal.has_listeners(type(event)):
        transaction.on_commit(partial(_send, event), robust=True)


def _send(event: Event) -> None:
    for receiver, outcome in event.signal.send_robust(sender=type(event), event=event):
        if isinstance(outcome, Exception):
            logger.error(
                "Receiver %r of %s failed", receiver, type(event).__name__, exc_info=outcome
            )
