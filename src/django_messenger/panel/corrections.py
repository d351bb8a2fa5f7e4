"""Forms of a conversation that correct what was said, or hand the customer over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.translation import gettext as _

from django_messenger.exceptions import NotFound
from django_messenger.panel.done import Done
from django_messenger.selectors.inboxes import get_handover_inbox
from django_messenger.selectors.messages import get_message
from django_messenger.services.corrections import edit_message, remove_message
from django_messenger.services.handover import hand_over_conversation

if TYPE_CHECKING:
    from django.http import QueryDict

    from django_messenger.models import Conversation, Message


def edit(user: Any, conversation: Conversation, data: QueryDict) -> Done:
    """Change the text of one's own message."""
    edit_message(user=user, message=_message(conversation, data), body=data.get("body", ""))
    return Done(_("The message is changed."))


def remove(user: Any, conversation: Conversation, data: QueryDict) -> Done:
    """Take a message away."""
    message = _message(conversation, data)
    remove_message(user=user, message=message, reason=data.get("reason", ""))
    return Done(_("The message is removed."))


def hand_over(user: Any, conversation: Conversation, data: QueryDict) -> Done:
    """Open a linked conversation in another inbox, and resolve this one."""
    inbox = get_handover_inbox(user, _read_id(data.get("inbox", "")))
    hand_over_conversation(
        user=user,
        conversation=conversation,
        inbox=inbox,
        reason=data.get("reason", ""),
        message=data.get("message", ""),
    )
    return Done(_("Handed over to %(inbox)s.") % {"inbox": inbox.name}, goto="list")


def _message(conversation: Conversation, data: QueryDict) -> Message:
    message = get_message(conversation, _read_id(data.get("message", "")))
    message.conversation = conversation
    return message


def _read_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound from error
