"""Correcting messages: editing and removing, each with a row that keeps what was there before.

Both take the conversation's lock and its next revision, so every reader's cursor meets the change.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils import timezone

from django_messenger.access import get_policy
from django_messenger.conf import conf
from django_messenger.events import MessageChanged, publish
from django_messenger.exceptions import InvalidTransition, PermissionDenied, TooLate
from django_messenger.models import Message, MessageRevision
from django_messenger.selectors.messages import newest_shown_message
from django_messenger.services.conversations import lock_conversation, revise_conversation
from django_messenger.services.mentions import set_mentions
from django_messenger.text import clean_body, preview_of, storable_line

if TYPE_CHECKING:
    from django_messenger.models import Conversation

Kind = Message.Kind

#: What operators write, and therefore may take back.
_OWN: Final = (Kind.OPERATOR, Kind.NOTE)


def edit_message(*, user: Any, message: Message, body: str) -> Message:
    """Change the text of one's own message.

    Args:
        message: one that ``selectors.messages`` gave.

    Raises:
        PermissionDenied: it is not the user's own, or they may not reply there any more.
        TooLate: ``MESSENGER["EDIT_WINDOW"]`` is over.
        InvalidTransition: it was removed.
        InvalidInput: the text is blank, too long or cannot be stored.
    """
    body = clean_body(body)
    _check_author(user, message)
    with transaction.atomic():
        conversation, current = _lock(message)
        _check_window(current)
        if current.body != body:
            _correct(conversation, current, user, body=body, edited_at=timezone.now())
    return current


def remove_message(*, user: Any, message: Message, reason: str = "") -> Message:
    """Take a message away: its place stays, its text does not. Twice is once.

    Everybody may remove their own within ``MESSENGER["EDIT_WINDOW"]``; those who may manage, any
    message of either side, at any time.

    Args:
        message: one that ``selectors.messages`` gave.

    Raises:
        PermissionDenied: it is somebody else's.
        TooLate: it is the user's own, but the time is over.
    """
    may_manage = get_policy().can(user, "manage", message.conversation)
    if not may_manage:
        _check_author(user, message)
    with transaction.atomic():
        conversation, current = _lock(message, removed=True)
        if current.removed_at is not None:
            return current
        if not may_manage:
            _check_window(current)
        _correct(conversation, current, user, reason=reason, body="", removed_at=timezone.now())
    return current


def may_edit(user: Any, message: Message) -> bool:
    """Tell whether ``edit_message`` would accept this user and message at this moment."""
    own = message.author_user_id is not None and message.author_user_id == user.pk
    return own and message.kind in _OWN and message.removed_at is None and _is_in_time(message)


def _check_author(user: Any, message: Message) -> None:
    may_reply = get_policy().can(user, "reply", message.conversation)
    if not may_reply or message.kind not in _OWN or message.author_user_id != user.pk:
        raise PermissionDenied


def _check_window(message: Message) -> None:
    if not _is_in_time(message):
        raise TooLate


def _is_in_time(message: Message) -> bool:
    return timezone.now() <= message.created_at + timedelta(seconds=conf.EDIT_WINDOW)


def _lock(message: Message, *, removed: bool = False) -> tuple[Conversation, Message]:
    """Return conversation and message as they are now; the conversation's lock guards both."""
    conversation = lock_conversation(message.conversation)
    current = Message.objects.select_related("author_user").get(pk=message.pk)
    if current.removed_at is not None and not removed:
        raise InvalidTransition
    current.conversation = conversation
    return conversation, current


def _correct(
    conversation: Conversation, message: Message, user: Any, *, reason: str = "", **changes: Any
) -> None:
    MessageRevision.objects.create(
        message=message,
        body=message.body,
        removed="removed_at" in changes,
        by=user,
        reason=storable_line(reason)[:200],
    )
    Message.objects.filter(pk=message.pk).update(**changes, revision=conversation.revision + 1)
    for name, value in changes.items():
        setattr(message, name, value)
    shown = newest_shown_message(conversation)
    revise_conversation(
        conversation,
        hint="message",
        private=message.kind == Kind.NOTE,
        preview="" if shown is None else preview_of(shown.body),
    )
    message.revision = conversation.revision
    if message.kind == Kind.NOTE:
        set_mentions(message, conversation)
    publish(MessageChanged(conversation, message))
