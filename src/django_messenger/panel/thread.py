"""One page of a thread, line by line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _

from django_messenger.access import get_policy
from django_messenger.models import Conversation, Message
from django_messenger.selectors.messages import (
    messages_after,
    newest_messages,
    operator_messages,
)
from django_messenger.selectors.operators import staff_name
from django_messenger.services.corrections import may_edit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Kind = Message.Kind
_SAID: Final = (Kind.VISITOR, Kind.OPERATOR, Kind.NOTE, Kind.BOT)


#: So many messages are shown at once; older ones follow while one scrolls.
PAGE: Final = 30


@dataclass(frozen=True, slots=True)
class Line:
    """One message: who speaks, whether the unread part begins here, whether it was seen, and what
    the reader may offer to do with it."""

    message: Message
    author: str
    may_edit: bool = False
    may_remove: bool = False
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


def read_thread(user: Any, conversation: Conversation, *, before: int | None = None) -> Thread:
    """Return the newest page of a conversation that ``get_conversation`` gave, or an older one."""
    messages = operator_messages(conversation).select_related("author_user__messenger_operator")
    page = newest_messages(messages, before=before, size=PAGE)
    rows = page.messages
    read_seq: int = conversation.read_seq  # type: ignore[attr-defined]
    unread = (row.seq for row in rows if row.kind == Kind.VISITOR and row.seq > read_seq)
    first_unread = next(unread, None)
    said = [row.seq for row in rows if row.kind == Kind.OPERATOR]
    seen = max((seq for seq in said if seq <= conversation.visitor_read_seq), default=None)
    lines = [
        replace(line, is_first_unread=seq == first_unread, is_seen=seq == seen)
        for line, seq in ((line, line.message.seq) for line in lines_of(rows, conversation, user))
    ]
    return Thread(lines, rows[-1].seq if rows else 0, page.cursor if page.has_more else None)


@dataclass(frozen=True, slots=True)
class Tail:
    """What has changed in a thread: its lines, the cursor to ask after next, whether more waits."""

    lines: Sequence[Line]
    cursor: int
    has_more: bool


def read_tail(user: Any, conversation: Conversation, after: int) -> Tail:
    """Return what is new, edited or removed since revision ``after``, in order of the thread.

    ``conversation`` must have been read before this call, or the cursor could skip something.
    """
    page = messages_after(operator_messages(conversation), conversation, after)
    messages = sorted(page.messages, key=lambda message: message.seq)
    return Tail(lines_of(messages, conversation, user), page.cursor, page.has_more)


def lines_of(
    messages: Iterable[Message], conversation: Conversation, user: Any = None
) -> list[Line]:
    """Return single messages as lines.

    Args:
        user: who reads, to offer what they may do with a line: a guess, as the services decide.
    """
    policy = get_policy()
    replies = user is not None and policy.has_permission(user, "reply")
    manages = user is not None and policy.has_permission(user, "manage")
    lines = []
    for message in messages:
        edits = replies and may_edit(user, message)
        removes = edits or (manages and message.removed_at is None and message.kind in _SAID)
        lines.append(Line(message, _author(message, conversation), edits, removes))
    return lines


def _author(message: Message, conversation: Conversation) -> str:
    if message.kind == Kind.VISITOR:
        return str(conversation.contact)
    if message.kind in (Kind.OPERATOR, Kind.NOTE):
        user: Any = message.author_user
        return message.author_name or (staff_name(user) if user else _("Former colleague"))
    return message.get_kind_display()
