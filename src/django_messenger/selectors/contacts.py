"""Reading contacts, labels and canned responses of the branches that a user may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.db.models import Count, Max, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from django_messenger.access import get_policy
from django_messenger.exceptions import InvalidInput, NotFound
from django_messenger.models import (
    CannedResponse,
    Consent,
    Contact,
    ContactMerge,
    Conversation,
    Label,
)
from django_messenger.selectors.conversations import visible_conversations
from django_messenger.selectors.paging import Page, Sort, read_page_or_first
from django_messenger.selectors.search import contacts_with, time_limit

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from django.db.models import QuerySet

#: The newest contacts first.
NEWEST: Final = Sort(descending=True)
#: A choice of contacts shows no more.
MAX_CHOICE: Final = 20


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


def contact_rows(user: Any) -> QuerySet[Contact]:
    """Return visible contacts with all that a row shows: ``conversation_count`` and ``last_at``
    tell of the conversations that the user may see."""
    own = visible_conversations(user).filter(contact=OuterRef("pk")).order_by().values("contact")
    return (
        visible_contacts(user)
        .select_related("branch")
        .annotate(
            conversation_count=Subquery(own.annotate(found=Count("pk")).values("found")),
            last_at=Subquery(own.annotate(found=Max("last_message_at")).values("found")),
        )
    )


def list_contacts(user: Any, *, text: str = "", cursor: str = "") -> Page[Contact]:
    """Return a page of rows, the newest first. A cursor that is worn out begins again.

    Raises:
        InvalidInput: the search for ``text`` takes too long; code ``too_broad``.
    """
    rows = contact_rows(user)
    if not text:
        return read_page_or_first(rows, NEWEST, cursor)
    with time_limit():
        return read_page_or_first(contacts_with(rows, text), NEWEST, cursor)


def other_contacts(user: Any, contact: Contact, text: str = "") -> Sequence[Contact]:
    """Return rows of the same branch that may be the same person as ``contact``, ``MAX_CHOICE`` at
    most: those that a search finds; without a text those with the same e-mail or phone.

    Raises:
        InvalidInput: the search takes too long; code ``too_broad``.
    """
    others = contact_rows(user).filter(branch=contact.branch_id).exclude(pk=contact.pk)
    with time_limit():
        if text:
            found = contacts_with(others, text)
        else:
            same = Q(email__iexact=contact.email) & ~Q(email="")
            found = others.filter(same | Q(phone=contact.phone) & ~Q(phone=""))
        return list(found.order_by("-pk")[:MAX_CHOICE])


def get_contact(user: Any, public_id: UUID | str) -> Contact:
    """Return one contact.

    Raises:
        NotFound: it does not exist, or is not for this user.
    """
    contact = visible_contacts(user).filter(public_id=public_id).first()
    if contact is None:
        raise NotFound
    return contact


def contact_that_kept(user: Any, public_id: UUID) -> Contact | None:
    """Return the visible contact into which one with this public id was merged, if there is."""
    return visible_contacts(user).filter(merged__public_id=public_id).first()


def merges_of(contact: Contact) -> QuerySet[ContactMerge]:
    """Return what was merged into a contact that a selector gave, undone or not, the newest
    first."""
    people = ("by__messenger_operator", "undone_by__messenger_operator")
    return ContactMerge.objects.filter(contact=contact).select_related("merged", *people)


def consents_of(user: Any, contact: Contact) -> QuerySet[Consent]:
    """Return what a contact has agreed to in conversations that the user may see."""
    conversations = visible_conversations(user).filter(contact=contact)
    return Consent.objects.filter(conversation__in=conversations).order_by("-given_at", "-pk")


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
