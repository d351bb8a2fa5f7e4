"""How conversation and messages look to a visitor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_messenger.api import message_json
from django_messenger.models import Message

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django_messenger.models import Contact, Conversation
    from django_messenger.widget.polling import Poll


def conversation_json(conversation: Conversation) -> dict[str, Any]:
    """Return what a visitor learns of their conversation."""
    return {
        "id": str(conversation.public_id),
        "status": conversation.status,
        "rating": conversation.rating,
    }


def contact_json(contact: Contact) -> dict[str, str]:
    """Return what a visitor learns of their own contact."""
    return {"name": contact.name, "email": contact.email, "trust": contact.trust}


def messages_json(messages: Iterable[Message]) -> list[Mapping[str, Any]]:
    """Return messages as their visitor sees them."""
    own = Message.Kind.VISITOR
    return [message_json(message, own=message.kind == own) for message in messages]


def poll_json(poll: Poll) -> dict[str, Any]:
    """Return the answer to a poll."""
    return {
        "messages": messages_json(poll.messages),
        "cursor": poll.cursor,
        "has_more": poll.has_more,
        "conversation": {"status": poll.status, "rating": poll.rating},
        "operator_read_seq": poll.operator_read_seq,
        "typing": None if poll.typing is None else {"name": poll.typing},
        "next_in": 0 if poll.has_more else poll.next_in,
    }
