"""The one statement that stores a message: it takes the next revision and inserts under it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from django.db import connections, router

from django_messenger.exceptions import InvalidTransition
from django_messenger.models import Conversation, Message
from django_messenger.selectors.rows import columns_of, read_row
from django_messenger.text import preview_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Kind = Message.Kind

#: A visitor may write so many messages before an operator answers.
MAX_UNANSWERED: Final = 200

_SHOWN: Final = "last_message_at = clock_timestamp(), preview = %(preview)s"
_EFFECTS: Final[dict[str, tuple[str, ...]]] = {
    Kind.VISITOR: (
        _SHOWN,
        "waiting_since = CASE WHEN waiting_since IS NULL OR status = 'resolved'"
        " THEN clock_timestamp() ELSE waiting_since END",
        "status = CASE WHEN status IN ('snoozed', 'resolved') THEN 'open' ELSE status END",
        "snoozed_until = NULL",
        "resolved_at = NULL",
        "resolved_by_id = NULL",
        "unanswered = unanswered + 1",
        "last_visitor_seq = revision + 1",
    ),
    Kind.OPERATOR: (
        _SHOWN,
        "waiting_since = NULL",
        "first_response_at = COALESCE(first_response_at, clock_timestamp())",
        "status = CASE WHEN status = 'pending' THEN 'open' ELSE status END",
        "unanswered = 0",
    ),
    Kind.BOT: (_SHOWN,),
    Kind.SYSTEM: (),
    Kind.NOTE: (),
}
_RETURNED: Final = (
    "revision",
    "status",
    "last_message_at",
    "waiting_since",
    "first_response_at",
    "preview",
    "unanswered",
    "last_visitor_seq",
)
#: Whether somebody should now be looked for who answers.
_AWAITS_ROUTING: Final = (
    "talk.assignee_id IS NULL AND EXISTS (SELECT FROM django_messenger_inbox AS door"
    " WHERE door.id = talk.inbox_id AND door.assignment <> 'off')"
)
_STATE: Final = ", ".join(f"talk.{name}" for name in _RETURNED)


@dataclass(frozen=True, slots=True)
class Guard:
    """What else must be true: a condition on the row ``talk`` of the conversation, and its
    parameters."""

    condition: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


_NONE: Final = Guard("TRUE")


def insert_message(
    message: Message, conversation: Conversation, statuses: Sequence[str], *, assign: bool = False
) -> None:
    """Store an unsaved message and bring it and its conversation up to date.

    Args:
        assign: make the author the assignee, too.

    Raises:
        InvalidTransition: the conversation is in none of the statuses, or the visitor has written
            too much unanswered.
        IntegrityError: this author has used the ``client_id`` before.
    """
    state = _run(message, _STATE, statuses, assign=assign)
    if assign:
        conversation.assignee = message.author_user
    for name, value in zip(_RETURNED, state, strict=True):
        setattr(conversation, name, value)


def insert_guarded_message(message: Message, guard: Guard) -> Conversation:
    """Store an unsaved message in a live conversation if ``guard`` holds; returns the conversation
    as it is then.

    Raises:
        InvalidTransition, IntegrityError: as ``insert_message``; the former also if it does not.
    """
    row = _run(message, columns_of(Conversation, "talk"), Conversation.LIVE, guard)
    connection = connections[router.db_for_write(Message)]
    message.conversation = read_row(Conversation, row, connection)
    return message.conversation


def _run(
    message: Message,
    columns: str,
    statuses: Sequence[str],
    guard: Guard = _NONE,
    *,
    assign: bool = False,
) -> Sequence[Any]:
    """Run the statement and bring the message up to date; returns the conversation's columns."""
    using, quarantined = router.db_for_write(Message), message.quarantined_at is not None
    parameters: dict[str, Any] = {
        "conversation": message.conversation_id,
        "public_id": message.public_id,
        "contact": message.author_contact_id,
        "user": message.author_user_id,
        "author_name": message.author_name,
        "client_id": message.client_id,
        "body": message.body,
        "preview": preview_of(message.body),
        "quarantined": message.quarantined_at,
        **guard.parameters,
    }
    statement = _statement(
        message.kind, quarantined, assign, tuple(statuses), columns, guard.condition
    )
    with connections[using].cursor() as cursor:
        cursor.execute(statement, parameters)
        row = cursor.fetchone()
    if row is None:
        raise InvalidTransition
    state: Sequence[Any]
    message.pk, message.created_at, message.seq, message.awaits_routing, *state = row  # type: ignore[attr-defined]
    message.revision = message.seq
    message._state.adding = False
    message._state.db = using
    return state


@cache
def _statement(
    kind: str,
    quarantined: bool,  # noqa: FBT001
    assign: bool,  # noqa: FBT001
    statuses: Sequence[str],
    columns: str,
    condition: str,
) -> str:
    effects = ["unanswered = unanswered + 1"] if quarantined else list(_EFFECTS[kind])
    if assign:
        effects.append("assignee_id = %(user)s")
    effects.append("change_xid = pg_current_xact_id()")
    limit = f" AND unanswered < {MAX_UNANSWERED}" if kind == Kind.VISITOR else ""
    allowed = ", ".join(f"'{Conversation.Status(status).value}'" for status in statuses)
    # Every part put in here is a constant of the package; values travel as parameters.
    return (
        "WITH talk AS (UPDATE django_messenger_conversation AS talk"  # noqa: S608
        f" SET revision = revision + 1, {', '.join(effects)}"
        f" WHERE id = %(conversation)s AND status IN ({allowed}){limit} AND {condition}"
        " RETURNING *),"
        " stored AS (INSERT INTO django_messenger_message (public_id, conversation_id, seq,"
        " revision, kind, author_contact_id, author_user_id, author_name, client_id, body,"
        " created_at, quarantined_at)"
        f" SELECT %(public_id)s, id, revision, revision, '{Kind(kind).value}', %(contact)s,"
        " %(user)s, %(author_name)s, %(client_id)s, %(body)s, clock_timestamp(), %(quarantined)s"
        " FROM talk RETURNING id, created_at)"
        f" SELECT stored.id, stored.created_at, talk.revision, {_AWAITS_ROUTING}, {columns}"
        " FROM talk, stored"
    )
