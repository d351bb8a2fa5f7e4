"""Rows as they stand, past the services: the database must judge them alone."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from django_messenger.models import Contact, Conversation, Inbox, Message
from tests.factories import make_contact, make_inbox


def conversation_row(
    inbox: Inbox | None = None, contact: Contact | None = None, **fields: Any
) -> Conversation:
    """A conversation in any status, without a message."""
    inbox = inbox or make_inbox()
    contact = contact or make_contact(inbox.branch)
    return Conversation.objects.create(inbox=inbox, contact=contact, **fields)


def message_row(conversation: Conversation, seq: int = 1, **fields: Any) -> Message:
    """A message under any number; the visitor's unless the fields say otherwise."""
    fields = {"kind": "visitor", "revision": seq, "created_at": timezone.now(), **fields}
    if fields["kind"] == "visitor":
        fields.setdefault("author_contact", conversation.contact)
    return Message.objects.create(conversation=conversation, seq=seq, body="Hello", **fields)
