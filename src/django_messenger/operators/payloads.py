"""How the operator API shows things: plain dicts, made without a further query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django_messenger.api import iso, message_json
from django_messenger.exceptions import AlreadyAssigned, NewerReply
from django_messenger.models import Inbox, Message
from django_messenger.selectors.conversations import is_unread
from django_messenger.selectors.operators import staff_name
from django_messenger.selectors.ratings import rating_of
from django_messenger.services.presence import people_at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django_messenger.models import (
        CannedResponse,
        Contact,
        Conversation,
        Label,
        Operator,
    )
    from django_messenger.services.presence import People, Person

Json = dict[str, Any]

_WIDGET_SETTINGS: Final = (
    *Inbox.QUESTIONS.values(),
    "ask_consent",
    "consent_url",
    *Inbox.SWITCHES.values(),
)


def user_json(user: Any) -> Json | None:
    """Return a user of the host's as colleagues see them."""
    return None if user is None else {"id": str(user.pk), "name": staff_name(user)}


def branch_json(branch: Any) -> Json | None:
    """Return a branch, of whatever model it is."""
    return None if branch is None else {"id": str(branch.pk), "name": str(branch)}


def label_json(label: Label) -> Json:
    """Return a label as it stands on a conversation."""
    return {"id": str(label.pk), "name": label.name, "color": label.color}


def conversation_row(conversation: Conversation) -> Json:
    """Return a conversation as lists show it; it must come from ``conversation_rows``."""
    contact = conversation.contact
    return {
        "id": str(conversation.public_id),
        "status": conversation.status,
        "priority": conversation.priority,
        "inbox": {"id": str(conversation.inbox.public_id), "name": conversation.inbox.name},
        "branch": branch_json(conversation.branch),
        "contact": {
            "id": str(contact.public_id),
            "name": contact.name,
            "email": contact.email,
            "phone": contact.phone,
            "trust": contact.trust,
        },
        "assignee": user_json(conversation.assignee),
        "labels": [label_json(label) for label in _labels_of(conversation)],
        "preview": conversation.preview,
        "last_message_at": iso(conversation.last_message_at),
        "waiting_since": iso(conversation.waiting_since),
        "first_response_at": iso(conversation.first_response_at),
        "snoozed_until": iso(conversation.snoozed_until),
        "created_at": iso(conversation.created_at),
        "rating": conversation.rating,
        "revision": conversation.revision,
        "unread": is_unread(conversation),
        "mentioned": conversation.mentioned,  # type: ignore[attr-defined]
        "draft": conversation.has_draft,  # type: ignore[attr-defined]
        "read_seq": conversation.read_seq,  # type: ignore[attr-defined]
        "visitor_read_seq": conversation.visitor_read_seq,
        "operator_read_seq": conversation.operator_read_seq,
    }


def _labels_of(conversation: Conversation) -> Iterable[Label]:
    # To ask the manager for what has been fetched takes longer than all the rest of a row.
    fetched: dict[str, Any] = getattr(conversation, "_prefetched_objects_cache", {})
    return fetched["labels"] if "labels" in fetched else conversation.labels.all()


def conversation_detail(conversation: Conversation, reader: Any) -> Json:
    """Return a conversation as its own page shows it: the row and more, and who is there."""
    row = conversation_row(conversation)
    rating = rating_of(conversation)
    row["contact"]["attributes"] = conversation.contact.attributes
    return row | {
        "source_url": conversation.source_url,
        "referrer": conversation.referrer,
        "locale": conversation.locale,
        "attributes": conversation.attributes,
        "resolved_at": iso(conversation.resolved_at),
        "rating_comment": rating.comment if rating else "",
        "rated_at": iso(rating.rated_at if rating else None),
        "people": people_json(people_at(conversation), reader),
    }


def people_json(people: People, reader: Any) -> Json:
    """Return who is at a conversation besides ``reader``: colleagues and the visitor."""
    own = str(reader.pk)

    def colleagues(persons: Iterable[Person]) -> list[Json]:
        return [{"id": p.key, "name": p.name} for p in persons if p.name and p.key != own]

    return {
        "viewing": colleagues(people.viewing),
        "typing": colleagues(people.typing),
        "visitor_typing": people.visitor_types,
    }


def operator_message(message: Message, reader: Any) -> Json:
    """Return a message as ``reader`` sees it, with the colleague who wrote it."""
    author: Any = message.author_user
    own = author is not None and author.pk == reader.pk
    is_note = message.kind == Message.Kind.NOTE
    mentioned = [user_json(mention.user) for mention in message.mentions.all()] if is_note else []
    return {
        **message_json(message, own=own),
        "author_user": user_json(author),
        "mentions": mentioned,
    }


def conflict_json(error: Exception, reader: Any) -> Json:
    """Return what a conflict is about, to stand beside ``detail`` and ``code``."""
    if isinstance(error, AlreadyAssigned):
        return {"assignee": user_json(error.assignee)}
    if isinstance(error, NewerReply):
        return {"messages": [operator_message(message, reader) for message in error.messages]}
    return {}


def contact_row(contact: Contact) -> Json:
    """Return a contact as lists show it."""
    return {
        "id": str(contact.public_id),
        "branch": branch_json(contact.branch),
        "name": contact.name,
        "email": contact.email,
        "phone": contact.phone,
        "trust": contact.trust,
        "created_at": iso(contact.created_at),
    }


def contact_detail(contact: Contact) -> Json:
    """Return all that operators know of a contact."""
    return contact_row(contact) | {
        "external_id": contact.external_id,
        "attributes": contact.attributes,
        "blocked_at": iso(contact.blocked_at),
    }


def scoped_label(label: Label) -> Json:
    """Return a label with the branch that it is for, None for all."""
    return label_json(label) | {"branch": branch_json(label.branch)}


def canned_json(response: CannedResponse) -> Json:
    """Return a prepared answer with its text in every language."""
    return {
        "id": str(response.pk),
        "branch": branch_json(response.branch),
        "shortcut": response.shortcut,
        "texts": response.texts,
    }


def inbox_row(inbox: Inbox) -> Json:
    """Return an inbox as every operator sees it."""
    return {
        "id": str(inbox.public_id),
        "name": inbox.name,
        "branch": branch_json(inbox.branch),
        "is_active": inbox.is_active,
        "locale": inbox.locale,
        "time_zone": inbox.time_zone,
    }


def inbox_settings(inbox: Inbox) -> Json:
    """Return an inbox as those see it who may change it. Secrets go in, never out."""
    return inbox_row(inbox) | {
        "widget_token": inbox.widget_token,
        "previous_widget_token_until": iso(inbox.previous_widget_token_until),
        "allowed_origins": inbox.allowed_origins,
        "appearance": inbox.appearance,
        **{name: getattr(inbox, name) for name in _WIDGET_SETTINGS},
        "identity_mode": inbox.identity_mode,
        "has_identity_secret": bool(inbox.identity_secret),
        "has_identity_secret_previous": bool(inbox.identity_secret_previous),
        "reopen_hours": inbox.reopen_hours,
        "assignment": inbox.assignment,
        "created_at": iso(inbox.created_at),
    }


def operator_json(operator: Operator | None) -> Json | None:
    """Return the caller's own operator row."""
    if operator is None:
        return None
    return {
        "display_name": operator.display_name,
        "is_active": operator.is_active,
        "availability": operator.availability,
        "capacity": operator.capacity,
    }
