"""Reading ratings."""

from __future__ import annotations

from django_messenger.models import Conversation, Rating


def rating_of(conversation: Conversation) -> Rating | None:
    """Return the rating of a conversation, with its comment.

    The conversation must come from ``selectors.conversations``, which asks the access policy.
    """
    if conversation.rating is None:
        return None
    return Rating.objects.filter(conversation=conversation).first()
