"""Changing contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from django_messenger.services.conversations import touch_conversations

if TYPE_CHECKING:
    from django_messenger.models import Contact


def save_contact(contact: Contact) -> None:
    """Store a contact that ``full_clean()`` has accepted.

    Its conversations count as changed, so that every list shows the new name.
    """
    with transaction.atomic():
        contact.save()
        touch_conversations(contact)
