"""A policy of a host's own."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from django_messenger.access import BranchAccessPolicy
from django_messenger.models import Conversation


class OwnOrQueued(BranchAccessPolicy):
    """Users see what is theirs or nobody's."""

    def filter_conversations(
        self, user: Any, conversations: QuerySet[Conversation]
    ) -> QuerySet[Conversation]:
        visible = super().filter_conversations(user, conversations)
        return visible.filter(Q(assignee=None) | Q(assignee=user.pk))
