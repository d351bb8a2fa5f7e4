"""Reading messages, for visitors and for operators. Both read by revision and miss nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django_messenger.exceptions import NotFound
from django_messenger.models import Conversation, Message

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from django.db.models import QuerySet

PAGE: Final = 50

#: What visitors see: no notes, nor lines that are for operators.
_FOR_VISITORS: Final = (Message.Kind.VISITOR, Message.Kind.OPERATOR, Message.Kind.BOT)


@dataclass(frozen=True, slots=True)
class MessagePage:
    """Messages in order, the cursor to ask with next, and whether there are more at once."""

    messages: Sequence[Message]
    cursor: int
    has_more: bool


def visitor_messages(conversation: Conversation) -> QuerySet[Message]:
    """Return what the visitor may see, messages of their own in quarantine included."""
    return _of(conversation).filter(kind__in=_FOR_VISITORS)


def operator_messages(conversation: Conversation) -> QuerySet[Message]:
    """Return what operators see: notes too, but nothing in quarantine.

    The conversation must come from ``selectors.conversations``, which asks the access policy.
    """
    stored = _of(conversation).filter(quarantined_at=None)
    return stored.select_related("author_user", "author_user__messenger_operator").prefetch_related(
        "mentions__user__messenger_operator"
    )


def get_message(conversation: Conversation, public_id: UUID | str) -> Message:
    """Return one message of a conversation that the operator may see.

    Raises:
        NotFound: it does not exist, or not there.
    """
    message = operator_messages(conversation).filter(public_id=public_id).first()
    if message is None:
        raise NotFound
    return message


def newest_shown_message(conversation: Conversation) -> Message | None:
    """Return the message whose beginning lists show."""
    shown = _of(conversation).filter(quarantined_at=None, removed_at=None, kind__in=_FOR_VISITORS)
    return shown.order_by("-seq").first()


def messages_after(
    messages: QuerySet[Message], conversation: Conversation, after: int
) -> MessagePage:
    """Return what is new, edited or removed since revision ``after``, oldest change first.

    ``conversation`` must have been read *before* this call: its revision then is never ahead of
    the rows, and the cursor skips nothing.
    """
    rows = list(messages.filter(revision__gt=after).order_by("revision")[: PAGE + 1])
    has_more = len(rows) > PAGE
    rows = rows[:PAGE]
    newest = rows[-1].revision if rows else 0
    cursor = newest if has_more else max(newest, conversation.revision)
    return MessagePage(rows, cursor, has_more)


def newest_messages(
    messages: QuerySet[Message], *, before: int | None = None, size: int = PAGE
) -> MessagePage:
    """Return the newest page in order of ``seq``, or the page before the message ``before``.

    ``cursor`` is here the ``seq`` to ask before next; ``has_more`` says there are older ones.
    """
    if before is not None:
        messages = messages.filter(seq__lt=before)
    rows = list(messages.order_by("-seq")[: size + 1])
    has_more = len(rows) > size
    rows = rows[:size][::-1]
    return MessagePage(rows, rows[0].seq if rows else 0, has_more)


def _of(conversation: Conversation) -> QuerySet[Message]:
    """Read from the database that the conversation came from: a replica may lag behind it, and a
    cursor would skip what is not there yet."""
    return Message.objects.using(conversation._state.db).filter(conversation=conversation)
