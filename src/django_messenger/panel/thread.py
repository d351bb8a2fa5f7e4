"""One page of a thread, line by line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from django_messenger.models import Conversation, Message
from django_messenger.selectors.messages import (
    messages_after,
    newest_messages,
    operator_messages,
)
from django_messenger.selectors.operators import staff_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Kind = Message.Kind


@dataclass(frozen=True, slots=True)
class Line:
    """One message: who speaks, whether the unread part begins here, whether it was seen."""

    message: Message
    author: str
    is_first_unread: bool = False
    is_seen: bool = False

    @property
    def client_id(self) -> str:
        """The word of the operator's form that it was sent with; visitors' are their own."""
        return self.message.client_id if self.message.kind in (Kind.OPERATOR, Kind.NOTE) else ""


@dataclass(frozen=True, slots=True)
class Thread:
    """A page of lines in order; ``older`` is the ``seq`` to ask before for the page before."""

    lines: Sequence[Line]
    last_seq: int
    older: int | None


def read_thread(conversation: Conversation, *, before: int | None = None) -> Thread:
    """Return the newest page of a conversation that ``get_conversation`` gave, or an older one."""
    messages = operator_messages(conversation).select_related("author_user__messenger_operator")
    page = newest_messages(messages, before=before)
    rows = page.messages
    read_seq: int = conversation.read_seq  # type: ignore[attr-defined]
    unread = (row.seq for row in rows if row.kind == Kind.VISITOR and row.seq > read_seq)
    first_unread = next(unread, None)
    said = [row.seq for row in rows if row.kind == Kind.OPERATOR]
    seen = max((seq for seq in said if seq <= conversation.visitor_read_seq), default=None)
    lines = [
        Line(row, _author(row, conversation), row.seq == first_unread, row.seq == seen)
        for row in rows
    ]
    return Thread(lines, rows[-1].seq if rows else 0, page.cursor if page.has_more else None)


@dataclass(frozen=True, slots=True)
class Tail:
    """What has changed in a thread: its lines, the cursor to ask after next, whether more waits."""

    lines: Sequence[Line]
    cursor: int
    has_more: bool


def read_tail(conversation: Conversation, after: int) -> Tail:
    """Return what is new, edited or removed since revision ``after``, in order of the thread.

    ``conversation`` must have been read before this call, or the cursor could skip something.
    """
    page = messages_after(operator_messages(conversation), conversation, after)
    messages = sorted(page.messages, key=lambda message: message.seq)
    return Tail(lines_of(messages, conversation), page.cursor, page.has_more)


def lines_of(messages: Iterable[Message], conversation: Conversation) -> list[Line]:
    """Return single messages as lines."""
    return [Line(message, _author(message, conversation)) for message in messages]


def _author(message: Message, conversation: Conversation) -> str:
    if message.kind == Kind.VISITOR:
        return str(conversation.contact)
    if message.kind in (Kind.OPERATOR, Kind.NOTE):
        user: Any = message.author_user
        return message.author_name or (staff_name(user) if user else _("Former colleague"))
    return message.get_kind_display()
