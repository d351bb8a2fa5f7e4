"""Changing contacts: their data, and whether they are heard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from django_messenger.access import get_policy
from django_messenger.exceptions import FieldProblem, InvalidInput, NotFound, PermissionDenied
from django_messenger.models import Contact
from django_messenger.services.conversations import touch_conversations

if TYPE_CHECKING:
    from django_messenger.access import Action

#: Epoch and erasure are not among them: a stale object must not revive ended sessions.
EDITABLE: Final = (
    "external_id",
    "name",
    "email",
    "phone",
    "trust",
    "attributes",
    "blocked_at",
    "blocked_by",
)


def save_contact(contact: Contact) -> None:
    """Store what people may change of a contact that ``full_clean()`` has accepted.

    Its conversations count as changed, so that every list shows the new name.
    """
    with transaction.atomic():
        contact.save(update_fields=None if contact._state.adding else EDITABLE)
        touch_conversations(contact)


def update_contact(*, user: Any, contact: Contact, **fields: str) -> Contact:
    """Correct name, e-mail or phone of a contact that a selector gave this user.

    Raises:
        PermissionDenied: the user may not change conversations.
        InvalidInput: a field is not valid.
    """
    require_on_contact(user, "change", contact)
    with transaction.atomic():
        current = lock_contact(contact)
        for name in ("name", "email", "phone"):
            setattr(current, name, fields.get(name, getattr(current, name)))
        try:
            current.clean_fields(exclude={f.name for f in current._meta.fields} - set(fields))
        except ValidationError as error:
            problems = {
                name: [FieldProblem(text, "invalid") for text in texts]
                for name, texts in error.message_dict.items()
            }
            raise InvalidInput(problems) from error
        save_contact(current)
    return current


def block_contact(*, user: Any, contact: Contact) -> Contact:
    """Stop hearing a contact: what they write from now on only they see. Twice is once.

    Raises:
        PermissionDenied: the user may not change conversations.
    """
    return _set_blocked(user, contact, blocked=True)


def unblock_contact(*, user: Any, contact: Contact) -> Contact:
    """Hear a contact again. What they wrote in the meantime stays unheard.

    Raises:
        PermissionDenied: the user may not change conversations.
    """
    return _set_blocked(user, contact, blocked=False)


def lock_contact(contact: Contact) -> Contact:
    """Return a contact as it is now, locked until the transaction ends."""
    return Contact.objects.select_for_update(no_key=True).get(pk=contact.pk)


def require_on_contact(user: Any, action: Action, contact: Contact) -> None:
    """Refuse users who may not do ``action`` in the contact's branch.

    Raises:
        PermissionDenied: the Django permission is missing.
        NotFound: the contact is of a branch that the user does not see.
    """
    policy = get_policy()
    if not policy.has_permission(user, action):
        raise PermissionDenied
    if not policy.branches_for(user).filter(pk=contact.branch_id).exists():
        raise NotFound


def _set_blocked(user: Any, contact: Contact, *, blocked: bool) -> Contact:
    require_on_contact(user, "change", contact)
    with transaction.atomic():
        current = lock_contact(contact)
        if (current.blocked_at is not None) != blocked:
            current.blocked_at = timezone.now() if blocked else None
            current.blocked_by = user if blocked else None
            save_contact(current)
    return current
