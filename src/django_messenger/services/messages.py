"""Writing messages. ``append_message`` is the only writer; nothing else creates a row."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import IntegrityError, router, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_messenger.access import get_policy
from django_messenger.conf import conf
from django_messenger.events import ConversationOpened, MessageAdded, publish
from django_messenger.exceptions import (
    IdempotencyConflict,
    InvalidInput,
    InvalidTransition,
    NewerReply,
    PermissionDenied,
    TooManyUnanswered,
)
from django_messenger.models import Contact, Conversation, Draft, Message
from django_messenger.selectors.operators import public_name
from django_messenger.services.assignment import Cause, record_assignment
from django_messenger.services.conversations import (
    LIVE_CONSTRAINT,
    lock_conversation,
    open_conversation,
)
from django_messenger.services.drafts import forget_draft
from django_messenger.services.freshness import forget_marks_on_commit, tell_on_commit
from django_messenger.services.mentions import set_mentions
from django_messenger.services.routing import route_on_commit
from django_messenger.services.statement import insert_guarded_message, insert_message
from django_messenger.text import clean_body

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from django_messenger.services.statement import Guard

Kind = Message.Kind
Status = Conversation.Status

MAX_CLIENT_ID: Final = 64


@dataclass(frozen=True, slots=True)
class Appended:
    """A stored message; ``created`` is False when this ``client_id`` had been stored before."""

    message: Message
    conversation: Conversation
    created: bool


def append_message(
    *,
    conversation: Conversation,
    kind: Message.Kind,
    body: str,
    author: Any = None,
    client_id: str = "",
    quarantined: bool = False,
    statuses: Sequence[str] = Conversation.LIVE,
    assign: bool = False,
) -> Appended:
    """Store a message under the next revision of its conversation.

    One statement takes the row lock by counting the revision up and inserts the message with that
    number: numbers are given in the order of commits, so no reader's cursor can run past a
    message that commits later.

    Args:
        conversation: where to; its fields are brought up to date.
        kind: who speaks.
        body: the text as typed.
        author: the user, for kinds operator and note; the contact writes as itself.
        client_id: a word of the sender's that makes a repeated send harmless.
        quarantined: keep it for its own visitor only: no list, counter or hint.
        statuses: the conversation must be in one of these.
        assign: make the author the assignee, too; the caller holds the lock and knows why.

    Raises:
        InvalidInput: the text is blank, too long or cannot be stored.
        InvalidTransition: the conversation is in another status, or the visitor has written too
            much unanswered.
        IdempotencyConflict: this ``client_id`` was used for another text.
    """
    message = _unsaved(kind, clean_body(body), author, client_id)
    message.conversation = conversation
    message.author_contact_id = conversation.contact_id if kind == Kind.VISITOR else None
    if quarantined:
        message.quarantined_at = timezone.now()
    was_empty = conversation.last_message_at is None
    was_resolved = conversation.status == Status.RESOLVED
    try:
        with _transaction():
            insert_message(message, conversation, statuses, assign=assign)
            if quarantined:
                forget_marks_on_commit([conversation.pk])
            else:
                tell_on_commit(conversation, "message", private=kind == Kind.NOTE)
                _announce(message, conversation, was_empty=was_empty, was_resolved=was_resolved)
    except (IntegrityError, InvalidTransition):
        repeated = _find_repeated(message)
        if repeated is None:
            raise
        return repeated
    return Appended(message, conversation, created=True)


def append_at_once(
    *, conversation_id: int, contact_id: int, body: str, client_id: str, guard: Guard
) -> Appended | None:
    """Store what a visitor wrote in a conversation that nobody has read from the database yet.

    One statement asks ``guard``, stores the message as ``append_message`` does, and returns the
    conversation as it is then. Whatever is out of the ordinary gives None and changes nothing:
    the first message of a conversation, one that is not live, a repeat, a text that is no good.
    """
    try:
        message = _unsaved(Kind.VISITOR, clean_body(body), None, client_id)
        message.conversation_id, message.author_contact_id = conversation_id, contact_id
        with _transaction():
            conversation = insert_guarded_message(message, guard)
            tell_on_commit(conversation, "message")
            _announce(message, conversation, was_empty=False, was_resolved=False)
    except (IntegrityError, InvalidInput, InvalidTransition):
        return None
    return Appended(message, conversation, created=True)


def find_by_client_id(
    conversation: Conversation, kind: Message.Kind, author: Any, client_id: str
) -> Message | None:
    """Return the message that this author stored under ``client_id``, if any."""
    if not client_id:
        return None
    own = {"kind": kind} if kind == Kind.VISITOR else {"author_user": author}
    return Message.objects.filter(conversation=conversation, client_id=client_id, **own).first()


def _find_repeated(message: Message) -> Appended | None:
    """Return what its author has stored under the ``client_id`` of a message before, if anything.

    A repeat stays a repeat, whatever has become of the conversation meanwhile.
    """
    conversation, kind = message.conversation, Kind(message.kind)
    stored = find_by_client_id(conversation, kind, message.author_user, message.client_id)
    if stored is None:
        return None
    if not _said(stored, message.body):
        raise IdempotencyConflict
    conversation.refresh_from_db()
    return Appended(stored, conversation, created=False)


def _said(message: Message, body: str) -> bool:
    """Tell whether a message has this text, or had it before it was edited or removed."""
    return message.body == body or message.revisions.filter(body=body).exists()


def reply_message(
    *,
    user: Any,
    conversation: Conversation,
    body: str,
    note: bool = False,
    client_id: str = "",
    last_seen_seq: int | None = None,
    force: bool = False,
) -> Appended:
    """Answer the visitor, or leave a note for colleagues; ``@`` and a name mentions one of them.

    A reply to a conversation of nobody's makes it the user's, by ``MESSENGER["ASSIGN_ON_REPLY"]``.

    Args:
        last_seen_seq: the newest ``seq`` the operator has seen; None asks no question.
        force: send although a colleague has answered since.

    Raises:
        PermissionDenied: the user may not reply here.
        NewerReply: a colleague answered after ``last_seen_seq``.
        InvalidTransition: the conversation is closed.
        InvalidInput, IdempotencyConflict: as ``append_message``.
    """
    if not get_policy().can(user, "reply", conversation):
        raise PermissionDenied
    said = {"user": user, "conversation": conversation, "body": body, "client_id": client_id}
    with transaction.atomic(using=_write_alias()):
        if note:
            sent = _append_note(**said)
        else:
            sent = _append_reply(**said, last_seen_seq=None if force else last_seen_seq)
        if sent.created:
            mode = Draft.Mode.NOTE if note else Draft.Mode.REPLY
            forget_draft(user=user, conversation=conversation, mode=mode)
    return sent


def _append_note(*, user: Any, conversation: Conversation, body: str, client_id: str) -> Appended:
    sent = append_message(
        conversation=conversation,
        kind=Kind.NOTE,
        body=body,
        author=user,
        client_id=client_id,
        statuses=(*Conversation.LIVE, Status.RESOLVED, Status.CLOSED),
    )
    if sent.created:
        set_mentions(sent.message, sent.conversation)
    return sent


def _append_reply(
    *,
    user: Any,
    conversation: Conversation,
    body: str,
    client_id: str,
    last_seen_seq: int | None,
) -> Appended:
    current = lock_conversation(conversation)
    if last_seen_seq is not None:
        _check_newer_reply(user, current, client_id, last_seen_seq)
    take = conf.ASSIGN_ON_REPLY and current.assignee_id is None
    sent = append_message(
        conversation=conversation,
        kind=Kind.OPERATOR,
        body=body,
        author=user,
        client_id=client_id,
        statuses=(*Conversation.LIVE, Status.RESOLVED),
        assign=take,
    )
    if sent.created and take:
        record_assignment(sent.conversation, user, None, by=user, cause=Cause.REPLIED)
    return sent


def send_message(
    *, conversation: Conversation, body: str, client_id: str = "", quarantined: bool = False
) -> Appended:
    """Store what a visitor wrote, wherever it belongs now.

    A live conversation takes it; a resolved one is reopened within the inbox's window; else the
    contact's live conversation takes it, or a new one is opened, in the same transaction.

    Raises:
        InvalidInput, IdempotencyConflict: as ``append_message``.
        TooManyUnanswered: 200 messages wait for an answer.
    """
    said = {"kind": Kind.VISITOR, "body": body, "client_id": client_id, "quarantined": quarantined}
    try:
        return append_message(conversation=conversation, **said)  # type: ignore[arg-type]
    except InvalidTransition:
        pass
    while True:
        try:
            with transaction.atomic(using=_write_alias()):
                return append_message(
                    conversation=_place_for(conversation),
                    statuses=(*Conversation.LIVE, Status.RESOLVED),
                    **said,  # type: ignore[arg-type]
                )
        except InvalidTransition as error:
            raise TooManyUnanswered(retry_after=60) from error
        except IntegrityError as error:
            # An operator has just reopened another conversation of this contact: that one then.
            if LIVE_CONSTRAINT not in str(error):
                raise


def _place_for(conversation: Conversation) -> Conversation:
    """Choose where a visitor's message goes; the contact's row lock keeps the choice true."""
    contact = Contact.objects.select_for_update(no_key=True).get(pk=conversation.contact_id)
    current = lock_conversation(conversation)
    if current.is_live:
        return current
    live = Conversation.objects.filter(
        inbox=current.inbox_id, contact=contact, status__in=Conversation.LIVE
    ).first()
    if live is not None:
        return live
    if can_reopen(current):
        return current
    return open_conversation(inbox=conversation.inbox, contact=contact)[0]


def can_reopen(conversation: Conversation) -> bool:
    """Tell whether a visitor's message reopens this resolved conversation."""
    if conversation.status != Status.RESOLVED or conversation.resolved_at is None:
        return False
    window = timedelta(hours=conversation.inbox.reopen_hours)
    return timezone.now() < conversation.resolved_at + window


def _unsaved(kind: Message.Kind, body: str, author: Any, client_id: str) -> Message:
    if len(client_id) > MAX_CLIENT_ID or not client_id.isprintable():
        raise InvalidInput.of("client_id", _("Use at most 64 printable characters."))
    return Message(
        kind=kind,
        body=body,
        client_id=client_id,
        author_user=author,
        author_name="" if author is None else public_name(author),
    )


def _announce(
    message: Message, conversation: Conversation, *, was_empty: bool, was_resolved: bool
) -> None:
    publish(MessageAdded(conversation, message))
    if message.kind == Kind.VISITOR and message.awaits_routing:  # type: ignore[attr-defined]
        route_on_commit(conversation.inbox_id)
    reopened = was_resolved and conversation.status == Status.OPEN
    if reopened or (was_empty and _is_first(message)):
        publish(ConversationOpened(conversation, reopened))


def _is_first(message: Message) -> bool:
    earlier = Message.objects.filter(
        conversation_id=message.conversation_id, seq__lt=message.seq, quarantined_at=None
    )
    return message.kind != Kind.NOTE and not earlier.exclude(kind=Kind.NOTE).exists()


def _check_newer_reply(
    user: Any, conversation: Conversation, client_id: str, last_seen_seq: int
) -> None:
    if find_by_client_id(conversation, Kind.OPERATOR, user, client_id) is not None:
        return
    newer = list(
        Message.objects.filter(conversation=conversation, seq__gt=last_seen_seq)
        .filter(kind=Kind.OPERATOR)
        .exclude(author_user=user)
        .select_related("author_user", "author_user__messenger_operator")
        .order_by("seq")[:50]
    )
    if newer:
        raise NewerReply(newer)


def _transaction() -> AbstractContextManager[None]:
    """Return what makes one statement whole: by itself it is a transaction already, and saying so
    would cost two more round trips; within the caller's it needs a savepoint."""
    using = _write_alias()
    alone = transaction.get_autocommit(using)
    return nullcontext() if alone else transaction.atomic(using=using)


def _write_alias() -> str:
    return router.db_for_write(Message)
