"""Handing a customer over to another inbox: a new, linked conversation there.

A conversation never changes branch. What the visitor has asked goes along, with a note that says
why; the old conversation stays where it is and is resolved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from django_messenger.access import get_policy
from django_messenger.exceptions import InvalidInput, InvalidTransition, PermissionDenied
from django_messenger.models import AssignmentLog, Contact, Conversation, Message
from django_messenger.selectors.operators import staff_name
from django_messenger.services.assignment import Cause, log_assignment
from django_messenger.services.conversations import (
    assign_conversation,
    change_conversation,
    lock_conversation,
    open_conversation,
)
from django_messenger.services.messages import append_message, reply_message
from django_messenger.text import clean_body

if TYPE_CHECKING:
    from django_messenger.models import Inbox

Kind = Message.Kind

#: No more of the visitor's messages go along, the newest ones.
MOST: Final = 20


def hand_over_conversation(
    *, user: Any, conversation: Conversation, inbox: Inbox, reason: str, message: str = ""
) -> Conversation:
    """Open a conversation in another inbox that continues this one, and resolve this one.

    Args:
        inbox: one that ``selectors.inboxes.handover_inboxes`` gave for this user.
        reason: a note for the colleagues there.
        message: what the visitor is told in the old conversation; empty: nothing.

    Returns:
        The new conversation; the contact's live one in that inbox if there is one.

    Raises:
        PermissionDenied: the user may not change it, or not answer where they send a ``message``.
        InvalidInput: the reason is blank, or the inbox is the one where it is.
        InvalidTransition: it is not live any more, or nothing in it can go along.
    """
    if not get_policy().can(user, "change", conversation):
        raise PermissionDenied
    reason = clean_body(reason, field="reason")
    if inbox.pk == conversation.inbox_id:
        raise InvalidInput.of("inbox", _("The conversation is in this inbox already."))
    with transaction.atomic():
        current = lock_conversation(conversation)
        said = _to_go_along(current)
        if not current.is_live or not said:
            raise InvalidTransition
        contact = _counterpart(current.contact, inbox)
        new = _continue(current, inbox, contact)
        for line in said:
            append_message(conversation=new, kind=Kind.VISITOR, body=line.body)
        append_message(conversation=new, kind=Kind.NOTE, body=reason, author=user)
        if message:
            reply_message(user=user, conversation=current, body=message, force=True)
        change_conversation(user=user, conversation=current, status=Conversation.Status.RESOLVED)
        held = current.assignee
        log_assignment(
            current, held, current.assignee_id, by=user, cause=Cause.HANDED_OVER, reason=reason
        )
    return new


def transfer_conversation(
    *,
    user: Any,
    conversation: Conversation,
    assignee: Any,
    expected: Any = None,
    reason: str = "",
    message: str = "",
) -> Conversation:
    """Assign a conversation with a word to the colleague, and one to the visitor. Sent once more by
    the same user, it says nothing again.

    Args:
        assignee, expected: as for ``assign_conversation``.
        reason: becomes a note that names the colleague, and stands in the log.
        message: what the visitor is told; empty: nothing.

    Raises:
        MessengerError: as ``assign_conversation`` and ``reply_message``; then nothing has changed.
    """
    with transaction.atomic():
        held: Any = lock_conversation(conversation).assignee_id
        current = assign_conversation(
            user=user,
            conversation=conversation,
            assignee=assignee,
            expected=expected,
            reason=reason,
        )
        is_there = held == current.assignee_id
        if is_there and held != expected and _assigned_last_by(current) == user.pk:
            return current
        if message.strip():
            reply_message(user=user, conversation=current, body=message, force=True)
        if reason.strip():
            to = f"@{staff_name(assignee)} " if assignee is not None else ""
            reply_message(user=user, conversation=current, body=f"{to}{reason}", note=True)
    return current


def _assigned_last_by(conversation: Conversation) -> Any:
    """Return the primary key of who has changed the assignee last."""
    changes = AssignmentLog.objects.filter(conversation=conversation).order_by("-pk")
    return changes.values_list("by", flat=True).first()


def _to_go_along(conversation: Conversation) -> list[Message]:
    """Return what the visitor has said since the last answer, else their last message."""
    shown = Message.objects.filter(
        conversation=conversation, kind=Kind.VISITOR, quarantined_at=None, removed_at=None
    )
    count = min(max(conversation.unanswered, 1), MOST)
    return list(shown.order_by("-seq")[:count])[::-1]


def _counterpart(contact: Contact, inbox: Inbox) -> Contact:
    """Return the same person as the other branch knows them, or will from now on."""
    if contact.branch_id == inbox.branch_id:
        return contact
    earlier = Conversation.objects.filter(continues__contact=contact, branch=inbox.branch_id)
    known = earlier.select_related("contact").order_by("-pk").first()
    if known is not None and known.contact.merged_into_id is None:
        return known.contact
    told = {name: getattr(contact, name) for name in ("name", "email", "phone")}
    if contact.trust == Contact.Trust.VERIFIED and contact.external_id:
        return Contact.objects.get_or_create(
            branch_id=inbox.branch_id,
            external_id=contact.external_id,
            defaults={"trust": Contact.Trust.VERIFIED, **told},
        )[0]
    trust = Contact.Trust.CLAIMED if any(told.values()) else Contact.Trust.ANONYMOUS
    return Contact.objects.create(branch_id=inbox.branch_id, trust=trust, **told)


def _continue(old: Conversation, inbox: Inbox, contact: Contact) -> Conversation:
    new, created = open_conversation(
        inbox=inbox,
        contact=contact,
        source_url=old.source_url,
        referrer=old.referrer,
        locale=old.locale,
    )
    if created or new.continues_id is None:
        Conversation.objects.filter(pk=new.pk).update(continues=old)
        new.continues = old
    return new
