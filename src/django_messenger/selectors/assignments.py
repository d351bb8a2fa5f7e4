"""Reading who had a conversation, and where it came from or went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q

from django_messenger.models import AssignmentLog, Conversation
from django_messenger.selectors.conversations import visible_conversations

if TYPE_CHECKING:
    from django.db.models import QuerySet


def assignments_of(conversation: Conversation) -> QuerySet[AssignmentLog]:
    """Return the log of a conversation that a selector gave, oldest first."""
    people = ("assignee", "previous", "by")
    operators = [f"{name}__messenger_operator" for name in people]
    rows = AssignmentLog.objects.filter(conversation=conversation)
    return rows.select_related(*people, *operators).order_by("pk")


def linked_conversations(user: Any, conversation: Conversation) -> QuerySet[Conversation]:
    """Return what a conversation continues and what continues it, as far as the user may see."""
    linked = Q(continues=conversation.pk)
    if conversation.continues_id is not None:
        linked |= Q(pk=conversation.continues_id)
    return visible_conversations(user).filter(linked).select_related("inbox").order_by("pk")
