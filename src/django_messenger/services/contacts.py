"""Changing contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import transaction

from django_messenger.services.conversations import touch_conversations

if TYPE_CHECKING:
    from django_messenger.models import Contact


#: Epoch and erasure are not among them: a stale object must not revive ended sessions.
EDITABLE: Final = (
    "external_id",
    "name",
    "email",
    "phone",
    "trust",
    "attributes",
    "blocked_at",
)


def save_contact(contact: Contact) -> None:
    """Store what people may change of a contact that ``full_clean()`` has accepted.

    Its conversations count as changed, so that every list shows the new name.
    """
    with transaction.atomic():
        contact.save(update_fields=None if contact._state.adding else EDITABLE)
        touch_conversations(contact)
