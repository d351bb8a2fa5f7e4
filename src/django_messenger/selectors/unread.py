"""How much waits to be read: a number for the host's own pages."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final

from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from django_messenger import store
from django_messenger.access import get_policy
from django_messenger.exceptions import Unavailable
from django_messenger.models import ReadMark
from django_messenger.selectors.conversations import LIVE, visible_conversations

#: Counting ends here: nobody reads a larger number.
MOST: Final = 100
#: So long a number may be old, rights included. It stands on every page of a host.
SECONDS: Final = 5


def unread_number(user: Any) -> int:
    """Return how many live conversations of the user's and of nobody's hold something of a visitor
    that the user has not read: ``MOST`` at most, and up to ``SECONDS`` old.

    Nobody who may see no conversation has any.
    """
    if not getattr(user, "is_authenticated", False) or not get_policy().has_permission(
        user, "view"
    ):
        return 0
    key = f"dm:unread:{user.pk}"
    try:
        known = store.get(key)
    except Unavailable:
        return _count(user)
    if known is None:
        known = _count(user)
        with suppress(Unavailable):
            store.put(key, known, seconds=SECONDS)
    return int(known)


def _count(user: Any) -> int:
    mark = ReadMark.objects.filter(conversation=OuterRef("pk"), user=user.pk).values("read_seq")
    waiting = visible_conversations(user).filter(LIVE, Q(assignee=None) | Q(assignee=user.pk))
    unread = waiting.filter(last_visitor_seq__gt=Coalesce(Subquery(mark), Value(0)))
    return unread.order_by()[:MOST].count()
