"""How inbox, conversation and messages look to a visitor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django_messenger.api import message_json
from django_messenger.conf import conf
from django_messenger.models import Message
from django_messenger.text import MAX_COMMENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django_messenger.models import Contact, Conversation
    from django_messenger.selectors.inboxes import PublicInbox
    from django_messenger.widget.polling import Poll

DEFAULT_COLOR: Final = "#1d4ed8"


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


def config_json(inbox: PublicInbox) -> dict[str, Any]:
    """Return the public settings of an inbox."""
    look = inbox.appearance
    color = look.get("color", DEFAULT_COLOR)
    return {
        "name": inbox.name,
        "locale": inbox.locale,
        "appearance": {
            "color": color,
            "on_color": text_color_on(color),
            "position": look.get("position", "right"),
            "theme": look.get("theme", "auto"),
        },
        "texts": _texts(look),
        "availability": {"state": "open"},
        "identity": inbox.identity_mode,
        "pre_chat": inbox.pre_chat,
        "features": inbox.features,
        "limits": {
            "max_message_length": conf.MAX_MESSAGE_LENGTH,
            "max_comment_length": MAX_COMMENT,
        },
        "honeypot_field": conf.HONEYPOT_FIELD,
    }


def _texts(look: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return the inbox's own texts by key and language; title and greeting may have places of
    their own, and are always there."""
    texts: dict[str, dict[str, str]] = dict(look.get("texts", {}))
    for key in ("title", "greeting"):
        texts[key] = {**texts.get(key, {}), **look.get(key, {})}
    return texts


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


def text_color_on(color: str) -> str:
    """Return black or white, whichever stands out more on ``#rrggbb``: always at least 4.58:1."""
    channels = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#000000" if (luminance + 0.05) / 0.05 >= 1.05 / (luminance + 0.05) else "#ffffff"
