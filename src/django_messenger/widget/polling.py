"""Polls: from the cache alone while nothing is new, else from PostgreSQL by cursor."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from django_messenger import store
from django_messenger.conf import conf
from django_messenger.selectors.messages import visitor_messages_after
from django_messenger.services.freshness import TRUST, read_or_make_mark
from django_messenger.services.presence import People, read_people
from django_messenger.services.visitors import check_session
from django_messenger.widget.context import live_keys, poll_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django_messenger.models import Conversation, Message
    from django_messenger.services.sessions import WidgetSession
    from django_messenger.widget.context import Cached

#: Seconds to the next poll while people are writing, and otherwise.
NEXT_WHEN_ACTIVE: Final = 2
NEXT_WHEN_QUIET: Final = 5
_ACTIVE: Final = 60


@dataclass(frozen=True, slots=True)
class Poll:
    """The answer to a poll; ``last_message_at`` in seconds since 1970."""

    messages: Sequence[Message]
    cursor: int
    has_more: bool
    status: str
    rating: int | None
    operator_read_seq: int
    last_message_at: float
    typing: str | None = None

    @property
    def next_in(self) -> int:
        """Seconds that the client should wait at least."""
        return next_in(self.last_message_at)


@dataclass(frozen=True, slots=True)
class Quiet:
    """What the last poll left behind: true for as long as ``mark`` stays."""

    mark: int
    conversation_id: int
    cursor: int
    status: str
    rating: int | None
    operator_read_seq: int
    last_message_at: float

    def as_poll(self, people: People) -> Poll:
        """Return the answer that brings nothing new but who is typing."""
        return Poll(
            [],
            self.cursor,
            False,
            self.status,
            self.rating,
            self.operator_read_seq,
            self.last_message_at,
            people.operator_typing,
        )


def stream_caps(session_key: str, address: str) -> dict[str, int]:
    """Return how many streams a session and an address may hold."""
    return {session_key: conf.STREAMS_PER_SESSION, f"ip:{address}": conf.STREAMS_PER_IP}


def next_in(last_message_at: float) -> int:
    """Return how many seconds a client should wait before it asks again."""
    active = time.time() - last_message_at < _ACTIVE
    return NEXT_WHEN_ACTIVE if active else NEXT_WHEN_QUIET


def poll(token: str, session: WidgetSession, cached: Cached, after: int) -> Poll:
    """Return what is new since ``after``.

    Args:
        token: the session token, under which the outcome is noted.
        cached: what the cache knew of the call.

    Raises:
        InvalidSession: the session does not hold any more.
        Unavailable: the cache cannot be reached.
    """
    quiet = read_quiet(cached.poll, session, after)
    live_mark, leases = cached.live or _read_live(session.conversation_id)
    people = read_people(leases)
    if quiet is not None and live_mark == quiet.mark:
        return quiet.as_poll(people)
    # Noted before the database is read: the one that came along will do.
    mark = read_or_make_mark(session.conversation_id) if live_mark is None else live_mark
    conversation = check_session(session)
    page = visitor_messages_after(conversation, after)
    if not page.has_more:
        _leave_behind(token, conversation, mark, page.cursor)
    return Poll(
        page.messages,
        page.cursor,
        page.has_more,
        conversation.status,
        conversation.rating,
        conversation.operator_read_seq,
        _timestamp(conversation),
        people.operator_typing,
    )


def _read_live(conversation_id: int) -> tuple[Any, Any]:
    keys = live_keys(conversation_id)
    found = store.get_many(keys)
    return found.get(keys[0]), found.get(keys[1])


def read_quiet(value: Any, session: WidgetSession, after: int) -> Quiet | None:
    """Make sense of what the cache held; None if it does not answer this question."""
    try:
        quiet = Quiet(**value)
    except TypeError:
        return None
    fits = quiet.conversation_id == session.conversation_id and quiet.cursor == after
    return quiet if fits else None


def _leave_behind(token: str, conversation: Conversation, mark: int, cursor: int) -> None:
    quiet = Quiet(
        mark=mark,
        conversation_id=conversation.pk,
        cursor=cursor,
        status=conversation.status,
        rating=conversation.rating,
        operator_read_seq=conversation.operator_read_seq,
        last_message_at=_timestamp(conversation),
    )
    store.put(poll_key(token), asdict(quiet), seconds=TRUST)


def _timestamp(conversation: Conversation) -> float:
    last = conversation.last_message_at
    return last.timestamp() if last else 0.0
