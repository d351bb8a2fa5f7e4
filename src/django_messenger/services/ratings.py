"""What visitors think of a conversation that is over."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from django_messenger.events import ConversationChanged, publish
from django_messenger.exceptions import NotResolved
from django_messenger.models import Conversation, Rating
from django_messenger.services.conversations import lock_conversation, revise_conversation
from django_messenger.text import clean_comment


def rate_conversation(*, conversation: Conversation, score: int, comment: str = "") -> Conversation:
    """Note the visitor's rating, in the place of a former one; operators see it as a change.

    Args:
        score: 1 (bad) to 5 (good).

    Raises:
        NotResolved: the conversation is still live.
        InvalidInput: the comment is too long, or cannot be stored.
    """
    comment = clean_comment(comment)
    with transaction.atomic():
        current = lock_conversation(conversation)
        if current.is_live:
            raise NotResolved
        rating = Rating(
            conversation=current,
            score=score,
            comment=comment,
            operator_id=current.resolved_by_id,
            rated_at=timezone.now(),
        )
        Rating.objects.bulk_create(
            [rating],
            update_conflicts=True,
            unique_fields=["conversation"],
            update_fields=["score", "comment", "operator", "rated_at"],
        )
        revise_conversation(current, rating=score)
        publish(ConversationChanged(current, ("rating",)))
    return current
