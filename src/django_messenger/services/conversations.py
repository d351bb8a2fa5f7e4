"""Changing conversations: opening, status, assignment, read marks.

Every change takes the row lock, counts the revision up and notes the transaction, so that every
reader's cursor meets it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_messenger.access import get_policy
from django_messenger.events import ConversationChanged, publish
from django_messenger.exceptions import (
    AlreadyAssigned,
    InvalidInput,
    InvalidTransition,
    PermissionDenied,
    Stale,
)
from django_messenger.fields import CurrentXid
from django_messenger.models import Contact, Conversation, Inbox, Mention, ReadMark
from django_messenger.services.assignment import Cause, record_assignment
from django_messenger.services.freshness import tell_on_commit
from django_messenger.validators import validate_attributes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from django_messenger.bus import HintType
    from django_messenger.models import Label

Status = Conversation.Status

#: From which status an operator may go where.
TRANSITIONS: Final[dict[str, frozenset[str]]] = {
    Status.OPEN: frozenset({Status.PENDING, Status.SNOOZED, Status.RESOLVED, Status.CLOSED}),
    Status.PENDING: frozenset({Status.OPEN, Status.RESOLVED, Status.CLOSED}),
    Status.SNOOZED: frozenset({Status.OPEN, Status.RESOLVED, Status.CLOSED}),
    Status.RESOLVED: frozenset({Status.OPEN, Status.CLOSED}),
    Status.CLOSED: frozenset(),
}


#: A time without bound would break the arithmetic of whoever shows it.
MAX_SNOOZE: Final = timedelta(days=3653)

#: Fields whose change the visitor sees, too.
_FOR_VISITORS: Final = frozenset({"status", "operator_read_seq", "rating"})
LIVE_CONSTRAINT: Final = "dm_conversation_live"


def open_conversation(
    *, inbox: Inbox, contact: Contact, **context: Any
) -> tuple[Conversation, bool]:
    """Return the contact's live conversation in the inbox, making it if there is none.

    Safe under concurrency: the database allows one live conversation per inbox and contact.

    Args:
        context: ``source_url``, ``referrer``, ``locale``, ``attributes`` of a new one.

    Returns:
        The conversation and whether it is new.
    """
    while True:
        try:
            with transaction.atomic():
                return Conversation.objects.create(inbox=inbox, contact=contact, **context), True
        except IntegrityError as error:
            if LIVE_CONSTRAINT not in str(error):
                raise
        found = Conversation.objects.filter(
            inbox=inbox, contact=contact, status__in=Conversation.LIVE
        ).first()
        if found is not None:  # else it has just been resolved, and there is room again
            return found, False


def describe_conversation(conversation: Conversation, attributes: Mapping[str, Any]) -> None:
    """Add to the attributes of a conversation, new values over former ones.

    Raises:
        InvalidInput: they would be too many.
    """
    with transaction.atomic():
        current = lock_conversation(conversation)
        merged = {**current.attributes, **attributes}
        if merged == current.attributes:
            return
        try:
            validate_attributes(merged)
        except ValidationError as error:
            raise InvalidInput.of("attributes", error.messages[0]) from error
        revise_conversation(current, attributes=merged)
        if current.last_message_at is not None:
            publish(ConversationChanged(current, ("attributes",)))


def lock_conversation(conversation: Conversation) -> Conversation:
    """Return the conversation as it is now, locked until the transaction ends."""
    locked = Conversation.objects.select_for_update(no_key=True).get(pk=conversation.pk)
    for name in ("inbox", "contact"):
        if name in conversation._state.fields_cache:
            setattr(locked, name, getattr(conversation, name))
    return locked


def change_conversation(
    *,
    user: Any,
    conversation: Conversation,
    status: str | None = None,
    snoozed_until: datetime | None = None,
    priority: str | None = None,
    labels: Iterable[Label] | None = None,
    add_labels: Iterable[Label] = (),
    remove_labels: Iterable[Label] = (),
    expected_revision: int | None = None,
) -> Conversation:
    """Change what operators change; None leaves a thing as it is.

    Args:
        snoozed_until: when a snoozed conversation comes back; required with status snoozed.
        labels: the whole new set.
        add_labels, remove_labels: changes of the set as it is, or of ``labels``.
        expected_revision: refuse if the conversation has moved on from it.

    Raises:
        PermissionDenied: the user may not change it.
        Stale: ``expected_revision`` is no longer the revision.
        InvalidTransition: the status cannot follow the present one.
        InvalidInput: ``snoozed_until`` is missing, past or too far.
    """
    if not get_policy().can(user, "change", conversation):
        raise PermissionDenied
    with transaction.atomic():
        current = lock_conversation(conversation)
        if expected_revision is not None and expected_revision != current.revision:
            raise Stale
        changes = _status_changes(current, status, snoozed_until, user)
        if priority is not None and priority != current.priority:
            changes["priority"] = priority
        fields = list(changes)
        if _set_labels(current, labels, add_labels, remove_labels):
            fields.append("labels")
        if fields:
            revise_conversation(current, **changes)
            publish(ConversationChanged(current, tuple(fields)))
    return current


def assign_conversation(
    *,
    user: Any,
    conversation: Conversation,
    assignee: Any,
    expected: Any = None,
    reason: str = "",
) -> Conversation:
    """Give the conversation to somebody: compare-and-set under the row lock.

    Args:
        assignee: the new assignee, or None to put it back into the queue.
        expected: primary key of the assignee that the caller saw, or None.
        reason: why, for colleagues; it is kept in the log.

    Raises:
        PermissionDenied: the user may not assign it to this person.
        AlreadyAssigned: somebody else holds it; carries the winner.
        InvalidInput: the assignee may not see this conversation.
        InvalidTransition: the conversation is closed.
    """
    policy = get_policy()
    own = assignee is None or assignee.pk == user.pk
    if not policy.can(user, "reply" if own else "assign", conversation):
        raise PermissionDenied
    if not own:
        candidates = policy.users_for(conversation, "reply")
        if not candidates.filter(pk=assignee.pk).exists():
            raise InvalidInput.of("assignee", _("There is no such operator."), "unknown")
    with transaction.atomic():
        current = lock_conversation(conversation)
        wanted = None if assignee is None else assignee.pk
        held: Any = current.assignee_id
        if held == wanted:
            return current
        if held != expected:
            raise AlreadyAssigned(current.assignee)
        if current.status == Status.CLOSED:
            raise InvalidTransition
        cause = Cause.ASSIGNED
        if own:
            cause = Cause.RETURNED if assignee is None else Cause.TAKEN
        set_assignee(current, assignee, by=user, cause=cause, reason=reason)
    return current


def set_assignee(conversation: Conversation, assignee: Any, **why: Any) -> None:
    """Give a locked conversation to somebody, or to nobody, and write down why.

    Asks no policy: whoever calls it has decided.

    Args:
        why: as for ``record_assignment``.
    """
    previous: Any = conversation.assignee_id
    revise_conversation(conversation, assignee=assignee)
    record_assignment(conversation, assignee, previous, **why)


def read_conversation(*, user: Any, conversation: Conversation, read_seq: int) -> int:
    """Note how far an operator has read; marks only move forward.

    The visitor sees the mark of those who may answer; others read unseen. Mentions up to there
    are read, too.

    Returns:
        The user's mark: the highest ``seq`` read.
    """
    read_seq = min(read_seq, conversation.revision)
    with transaction.atomic():
        mark, made = ReadMark.objects.get_or_create(
            conversation=conversation, user=user, defaults={"read_seq": read_seq}
        )
        if not made:
            ReadMark.objects.filter(pk=mark.pk, read_seq__lt=read_seq).update(read_seq=read_seq)
        Mention.objects.filter(
            user=user, conversation=conversation, read_at=None, message__seq__lte=read_seq
        ).update(read_at=timezone.now())
        if get_policy().can(user, "reply", conversation):
            _advance(conversation, "operator_read_seq", read_seq)
    return max(mark.read_seq, read_seq)


def unread_conversation(*, user: Any, conversation: Conversation) -> int:
    """Mark a conversation as unread for one operator: the visitor's last message is new again.

    Returns:
        The user's mark. What the visitor sees of who has read does not change.
    """
    read_seq = max(conversation.last_visitor_seq - 1, 0)
    ReadMark.objects.update_or_create(
        conversation=conversation, user=user, defaults={"read_seq": read_seq}
    )
    return read_seq


def read_by_visitor(*, conversation: Conversation, read_seq: int) -> int:
    """Note how far the visitor has read; returns the mark, which only moves forward."""
    read_seq = min(read_seq, conversation.revision)
    with transaction.atomic():
        _advance(conversation, "visitor_read_seq", read_seq)
    return max(conversation.visitor_read_seq, read_seq)


def touch_conversations(contact: Contact) -> None:
    """Count the conversations of a contact as changed, because of what they show of it."""
    rows = Conversation.objects.filter(contact=contact, last_message_at__isnull=False)
    for conversation in rows.select_for_update(no_key=True).order_by("pk"):
        revise_conversation(conversation)
        publish(ConversationChanged(conversation, ("contact",)))


def _advance(conversation: Conversation, field: str, read_seq: int) -> None:
    """Move a shared mark forward. The other side shows it, so it is a change like any other."""
    if getattr(conversation, field) >= read_seq:
        return
    current = lock_conversation(conversation)
    if getattr(current, field) < read_seq:
        changes: dict[str, Any] = {field: read_seq}
        revise_conversation(current, **changes)
        if current.last_message_at is not None:
            publish(ConversationChanged(current, (field,)))
    conversation.revision = current.revision
    setattr(conversation, field, getattr(current, field))


def _status_changes(
    current: Conversation, status: str | None, snoozed_until: datetime | None, user: Any
) -> dict[str, Any]:
    if status is None and snoozed_until is not None:
        status = current.status
    if status is None:
        return {}
    _check_snooze(status, snoozed_until)
    if status == current.status:
        return {"snoozed_until": snoozed_until} if status == Status.SNOOZED else {}
    if status not in TRANSITIONS[current.status]:
        raise InvalidTransition
    changes: dict[str, Any] = {"status": status, "snoozed_until": snoozed_until}
    if status == Status.RESOLVED:
        changes |= {"resolved_at": timezone.now(), "resolved_by": user}
    elif status != Status.CLOSED:
        changes |= {"resolved_at": None, "resolved_by": None}
    return changes


def _check_snooze(status: str, until: datetime | None) -> None:
    if status != Status.SNOOZED:
        if until is not None:
            raise InvalidInput.of("snoozed_until", _("Only a snoozed conversation has this time."))
    elif until is None or not timedelta() < until - timezone.now() <= MAX_SNOOZE:
        raise InvalidInput.of("snoozed_until", _("Choose a time in the coming ten years."))


def _set_labels(
    conversation: Conversation,
    labels: Iterable[Label] | None,
    add: Iterable[Label],
    remove: Iterable[Label],
) -> bool:
    added, removed = {label.pk for label in add}, {label.pk for label in remove}
    if labels is None and not added and not removed:
        return False
    before = set(conversation.labels.values_list("pk", flat=True))
    wanted = before if labels is None else {label.pk for label in labels}
    after = (wanted | added) - removed
    if before != after:
        conversation.labels.set(after)
    return before != after


def revise_conversation(
    conversation: Conversation,
    *,
    hint: HintType = "conversation",
    private: bool | None = None,
    **changes: Any,
) -> None:
    """Write changes of a locked conversation under its next revision, and tell its readers.

    Args:
        private: whether the visitor need not know; None lets the names of the fields decide.

    Raises:
        InvalidTransition: the contact has another live conversation in the inbox.
    """
    try:
        with transaction.atomic():
            Conversation.objects.filter(pk=conversation.pk).update(
                revision=F("revision") + 1, change_xid=CurrentXid(), **changes
            )
    except IntegrityError as error:
        if LIVE_CONSTRAINT not in str(error):
            raise
        text = _("This contact has another open conversation.")
        raise InvalidTransition(text) from error
    conversation.revision += 1
    for name, value in changes.items():
        setattr(conversation, name, value)
    if private is None:
        private = _FOR_VISITORS.isdisjoint(changes)
    tell_on_commit(conversation, hint, private=private)
