"""Reading contacts, labels and canned responses of the branches that a user may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from django_messenger.access import get_policy
from django_messenger.exceptions import InvalidInput, NotFound
from django_messenger.models import CannedResponse, Contact, ContactMerge, Conversation, Label
from django_messenger.selectors.conversations import visible_conversations

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet


def visible_contacts(user: Any) -> QuerySet[Contact]:
    """Return the contacts of the user's branches that have written something."""
    policy = get_policy()
    if not policy.has_permission(user, "view"):
        return Contact.objects.none()
    return Contact.objects.filter(
        branch__in=policy.branches_for(user),
        merged_into=None,
        pk__in=visible_conversations(user).values("contact"),
    )


def get_contact(user: Any, public_id: UUID | str) -> Contact:
    """Return one contact.

    Raises:
        NotFound: it does not exist, or is not for this user.
    """
    contact = visible_contacts(user).filter(public_id=public_id).first()
    if contact is None:
        raise NotFound
    return contact


def get_other_contact(user: Any, public_id: UUID) -> Contact:
    """Return a contact that a call names beside the one in its address.

    Raises:
        InvalidInput: it does not exist, or is not for this user.
    """
    contact = visible_contacts(user).filter(public_id=public_id).first()
    if contact is None:
        raise InvalidInput.of("other", _("There is no such contact."), "unknown")
    return contact


def get_merge(contact: Contact, other: UUID) -> ContactMerge:
    """Return the merge, not undone, of the contact ``other`` into one that a selector gave.

    Raises:
        InvalidInput: there is none.
    """
    merges = ContactMerge.objects.filter(contact=contact, undone_at=None)
    merge = merges.select_related("contact", "merged").filter(merged__public_id=other).first()
    if merge is None:
        raise InvalidInput.of("other", _("There is no such contact."), "unknown")
    return merge


def visible_labels(user: Any) -> QuerySet[Label]:
    """Return the labels of the user's branches and those of all branches."""
    return Label.objects.filter(_in_scope(user))


def visible_canned_responses(user: Any) -> QuerySet[CannedResponse]:
    """Return the canned responses of the user's branches and those of all branches."""
    return CannedResponse.objects.filter(_in_scope(user))


def labels_for(conversation: Conversation) -> QuerySet[Label]:
    """Return the labels that may be put on a conversation."""
    return Label.objects.filter(Q(branch=None) | Q(branch=conversation.branch_id))


def get_labels(conversation: Conversation, ids: Collection[int]) -> list[Label]:
    """Return the labels with these primary keys, for putting on a conversation.

    Raises:
        InvalidInput: one of them does not exist, or is of another branch.
    """
    labels = list(labels_for(conversation).filter(pk__in=ids))
    if len(labels) < len(set(ids)):
        raise InvalidInput.of("labels", _("There is no such label."), "unknown")
    return labels


def get_visible_labels(user: Any, ids: Collection[int]) -> list[Label]:
    """Return the labels with these primary keys that the user may see.

    Raises:
        InvalidInput: one of them does not exist, or is of another branch.
    """
    labels = list(visible_labels(user).filter(pk__in=ids))
    if len(labels) < len(set(ids)):
        raise InvalidInput.of("labels", _("There is no such label."), "unknown")
    return labels


def _in_scope(user: Any) -> Q:
    policy = get_policy()
    if not policy.has_permission(user, "view"):
        return Q(pk__in=[])
    return Q(branch=None) | Q(branch__in=policy.branches_for(user))
