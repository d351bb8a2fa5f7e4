"""Reading drafts: everybody only their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_messenger.models import Draft

if TYPE_CHECKING:
    from django_messenger.models import Conversation


def drafts_of(user: Any, conversation: Conversation) -> dict[str, Draft]:
    """Return the user's drafts in a conversation by mode, ``reply`` and ``note``."""
    drafts = Draft.objects.filter(user=user, conversation=conversation)
    return {draft.mode: draft for draft in drafts}
