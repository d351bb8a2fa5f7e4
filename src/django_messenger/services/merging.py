"""Making one contact of two, and two of one again.

Who merges decides that two people are one: the browsers of the merged contact see the kept
contact's conversations from then on. Where the kept contact has proved who they are and the merged
one has not, they therefore move no browser: its sessions end, and the visitor signs in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_messenger.exceptions import InvalidInput, InvalidTransition
from django_messenger.models import Contact, ContactMerge, Conversation, Visitor
from django_messenger.services.contacts import require_on_contact, save_contact
from django_messenger.services.conversations import revise_conversation, touch_conversations

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

Status = Conversation.Status
Trust = Contact.Trust

FIELDS: Final = ("name", "email", "phone")


@dataclass(frozen=True, slots=True)
class MergePreview:
    """What a merge would do.

    Attributes:
        fields: name, e-mail and phone of the kept contact afterwards.
        conversations: how many would move.
        closed: of them, and of the kept contact's own, how many live ones would be closed, because
            an inbox has room for one.
        ends_sessions: whether the merged contact's browsers are logged out.
    """

    fields: dict[str, str]
    conversations: int
    closed: int
    ends_sessions: bool


def preview_merge(
    *, user: Any, contact: Contact, other: Contact, take: Collection[str] = ()
) -> MergePreview:
    """Say what ``merge_contacts`` would do now.

    Raises:
        As ``merge_contacts``.
    """
    _check(user, contact, other)
    moving = Conversation.objects.filter(contact=other)
    return MergePreview(
        fields=_merged_fields(contact, other, take),
        conversations=moving.filter(last_message_at__isnull=False).count(),
        closed=len(_rivals(contact, other)),
        ends_sessions=_ends_sessions(contact, other),
    )


def merge_contacts(
    *, user: Any, contact: Contact, other: Contact, take: Collection[str] = ()
) -> ContactMerge:
    """Move all that ``other`` has to ``contact``. Both come from a selector for this user.

    Args:
        take: which of name, e-mail and phone shall be those of ``other``, if it has them; of the
            rest only those that ``contact`` lacks.

    Raises:
        PermissionDenied, NotFound: as ``require_on_contact``.
        InvalidInput: they are of two branches or the same one; or ``other`` is a proven identity
            and so must be kept.
        InvalidTransition: one of them has been merged before.
    """
    with transaction.atomic():
        contact, other = _lock_both(contact, other)
        _check(user, contact, other)
        rivals = _rivals(contact, other, lock=True)
        for conversation in rivals:
            revise_conversation(conversation, status=Status.CLOSED, snoozed_until=None)
        moving = _lock_conversations(other)
        for conversation in moving:
            revise_conversation(conversation, contact=contact, private=False)
        moved = {
            "conversations": [conversation.pk for conversation in moving],
            "closed": [conversation.pk for conversation in rivals],
            "visitors": _move_visitors(contact, other),
            "fields": {name: getattr(contact, name) for name in FIELDS},
            "taken": [name for name in FIELDS if name in take and getattr(other, name)],
        }
        for name, value in _merged_fields(contact, other, take).items():
            setattr(contact, name, value)
        save_contact(contact)
        Contact.objects.filter(pk=other.pk).update(merged_into=contact, epoch=F("epoch") + 1)
        return ContactMerge.objects.create(contact=contact, merged=other, by=user, moved=moved)


def undo_merge(*, user: Any, merge: ContactMerge) -> ContactMerge:
    """Give back what a merge moved; conversations that it closed stay closed.

    What came later stays with the kept contact, browsers whose sessions ended stay logged out, and
    the kept contact's data stays as it is if somebody has changed it since.

    Raises:
        PermissionDenied, NotFound: as ``require_on_contact``.
        InvalidTransition: it has been undone, or the kept contact has itself been merged since.
    """
    with transaction.atomic():
        contact, other = _lock_both(merge.contact, merge.merged)
        require_on_contact(user, "change", contact)
        current = ContactMerge.objects.select_for_update(no_key=True).get(pk=merge.pk)
        if current.undone_at is not None or contact.merged_into_id is not None:
            raise InvalidTransition
        Contact.objects.filter(pk=other.pk).update(merged_into=None, epoch=F("epoch") + 1)
        Contact.objects.filter(pk=contact.pk).update(epoch=F("epoch") + 1)
        for conversation in _lock_conversations(contact, current.moved["conversations"]):
            revise_conversation(conversation, contact=other, private=False)
        Visitor.objects.filter(pk__in=current.moved["visitors"], contact=contact).update(
            contact=other
        )
        _restore_fields(contact, other, current.moved)
        current.undone_at, current.undone_by = timezone.now(), user
        current.save(update_fields=["undone_at", "undone_by"])
    return current


def _check(user: Any, contact: Contact, other: Contact) -> None:
    require_on_contact(user, "change", contact)
    require_on_contact(user, "change", other)
    if contact.pk == other.pk or contact.branch_id != other.branch_id:
        raise InvalidInput.of("other", _("Choose another contact of the same branch."))
    if contact.merged_into_id is not None or other.merged_into_id is not None:
        raise InvalidTransition
    if other.trust == Trust.VERIFIED:
        text = _("This contact has proved who they are. Merge the other one into it.")
        raise InvalidInput.of("other", text, "verified")


def _ends_sessions(contact: Contact, other: Contact) -> bool:
    return contact.trust == Trust.VERIFIED and other.trust != Trust.VERIFIED


def _merged_fields(contact: Contact, other: Contact, take: Collection[str]) -> dict[str, str]:
    merged = {}
    for name in FIELDS:
        own, others = getattr(contact, name), getattr(other, name)
        merged[name] = (others or own) if name in take else (own or others)
    return merged


def _lock_both(contact: Contact, other: Contact) -> tuple[Contact, Contact]:
    """Lock two contacts, always in the same order."""
    rows = Contact.objects.select_for_update(no_key=True).filter(pk__in=[contact.pk, other.pk])
    locked = {row.pk: row for row in rows.order_by("pk")}
    return locked[contact.pk], locked[other.pk]


def _lock_conversations(contact: Contact, ids: Sequence[int] | None = None) -> list[Conversation]:
    rows = Conversation.objects.select_for_update(no_key=True).filter(contact=contact)
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    return list(rows.order_by("pk"))


def _rivals(contact: Contact, other: Contact, *, lock: bool = False) -> list[Conversation]:
    """Return the live conversations that must make room: per inbox all but the newest one."""
    live = Conversation.objects.filter(contact__in=[contact, other], status__in=Conversation.LIVE)
    if lock:
        live = live.select_for_update(no_key=True)
    newest: dict[int, Conversation] = {}
    rivals = []
    for conversation in live.order_by("last_message_at", "pk"):
        if (older := newest.get(conversation.inbox_id)) is not None:
            rivals.append(older)
        newest[conversation.inbox_id] = conversation
    return rivals


def _move_visitors(contact: Contact, other: Contact) -> list[int]:
    visitors = Visitor.objects.filter(contact=other)
    if _ends_sessions(contact, other):
        visitors.update(revoked_at=timezone.now(), epoch=F("epoch") + 1)
        return []
    ids = list(visitors.values_list("pk", flat=True))
    visitors.update(contact=contact)
    return ids


def _restore_fields(contact: Contact, other: Contact, moved: dict[str, Any]) -> None:
    """Take back what came from the other contact, unless somebody has changed it since."""
    taken = moved.get("taken", ())
    came = {n: v for n, v in moved["fields"].items() if not v or n in taken}
    filled = {n: v for n, v in came.items() if getattr(contact, n) == getattr(other, n)}
    for name, value in filled.items():
        setattr(contact, name, value)
    contact.save(update_fields=list(filled))
    touch_conversations(contact)
    touch_conversations(other)
