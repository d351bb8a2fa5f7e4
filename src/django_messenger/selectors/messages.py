"""Reading messages, for visitors and for operators. Both read by revision and miss nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from django.db import DEFAULT_DB_ALIAS, connections

from django_messenger.exceptions import NotFound
from django_messenger.models import Conversation, Message
from django_messenger.selectors.rows import columns_of, read_row

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
    return _page(rows, conversation)


def visitor_messages_after(conversation: Conversation, after: int) -> MessagePage:
    """Return what ``messages_after`` makes of ``visitor_messages``, in a fraction of the time."""
    connection = connections[conversation._state.db or DEFAULT_DB_ALIAS]
    with connection.cursor() as cursor:
        kinds = [str(kind) for kind in _FOR_VISITORS]
        cursor.execute(_visitor_statement(), (conversation.pk, kinds, after, PAGE + 1))
        found = cursor.fetchall()
    return _page([read_row(Message, row, connection) for row in found], conversation)


@cache
def _visitor_statement() -> str:
    # Every message that is delivered is read by this; writing it takes the ORM as long as all the
    # rest of a poll.
    return (
        f"SELECT {columns_of(Message, 'message')}"  # noqa: S608 - constants only
        " FROM django_messenger_message AS message"
        " WHERE conversation_id = %s AND kind = ANY(%s) AND revision > %s"
        " ORDER BY revision LIMIT %s"
    )


def _page(rows: list[Message], conversation: Conversation) -> MessagePage:
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
