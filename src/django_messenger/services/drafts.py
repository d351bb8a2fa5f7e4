"""What operators have begun to write, kept so that it follows them to another computer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from django_messenger.models import Draft
from django_messenger.text import clean_body

if TYPE_CHECKING:
    from django_messenger.models import Conversation


def save_draft(
    *, user: Any, conversation: Conversation, mode: Draft.Mode | str, body: str
) -> Draft | None:
    """Keep a draft in the place of the former one; an empty text forgets it.

    Args:
        conversation: one that a selector gave this user.

    Raises:
        InvalidInput: the text is too long or cannot be stored.
    """
    if not body.strip():
        forget_draft(user=user, conversation=conversation, mode=mode)
        return None
    fields = {"body": clean_body(body), "updated_at": timezone.now()}
    return Draft.objects.update_or_create(
        user=user, conversation=conversation, mode=mode, defaults=fields
    )[0]


def forget_draft(*, user: Any, conversation: Conversation, mode: Draft.Mode | str) -> None:
    """Drop a draft, if there is one."""
    Draft.objects.filter(user=user, conversation=conversation, mode=mode).delete()
