"""Saved views: named filters of one's own and of one's branches, with counters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import Count, Q

from django_messenger.access import get_policy
from django_messenger.exceptions import NotFound
from django_messenger.models import Conversation, Label, SavedView
from django_messenger.selectors.conversations import LIVE, VIEWS, narrow_rows, visible_conversations

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.db.models import QuerySet

#: What a saved view may hold: parameters of the list of conversations.
KEYS: Final = ("view", "status", "inbox", "label", "assignee", "contact", "q", "ordering")


def visible_views(user: Any) -> QuerySet[SavedView]:
    """Return the user's own views and those that their branches share."""
    policy = get_policy()
    if not policy.has_permission(user, "view"):
        return SavedView.objects.none()
    shared = Q(branch__in=policy.branches_for(user))
    return SavedView.objects.filter(Q(user=user.pk) | shared).select_related("branch")


def get_view(user: Any, pk: Any) -> SavedView:
    """Return one saved view.

    Raises:
        NotFound: it does not exist, or is not for this user.
    """
    view = visible_views(user).filter(pk=pk).first()
    if view is None:
        raise NotFound
    return view


def count_views(user: Any, views: Iterable[SavedView]) -> dict[int, int | None]:
    """Count the conversations in each view, in one query: live ones, unless it names a status.

    A view with a search is not counted, and has None.
    """
    counts: dict[int, int | None] = {}
    wanted: dict[str, Count] = {}
    for view in views:
        filters = None if view.query.get("q") else read_filters(view.query)
        counts[view.pk] = None
        if filters is not None:
            rows = narrow_rows(user, Conversation.objects.all(), **filters)
            rows = rows if filters.get("status") else rows.filter(LIVE)
            wanted[f"n{view.pk}"] = Count("pk", filter=Q(pk__in=rows.values("pk")))
    if wanted:
        found = visible_conversations(user).aggregate(**wanted)
        counts |= {int(name[1:]): number for name, number in found.items()}
    return counts


def read_filters(query: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what ``narrow_rows`` takes; None if the query is of no use any more."""
    try:
        filters: dict[str, Any] = {
            name: UUID(query[name]) for name in ("inbox", "contact") if name in query
        }
        if "label" in query:
            filters["label"] = Label._meta.pk.to_python(query["label"])
            Label._meta.pk.run_validators(filters["label"])
        if "assignee" in query:
            filters["assignee"] = _assignee(query["assignee"])
    except (ValueError, ValidationError):
        return None
    filters |= {name: query[name] for name in ("view", "status") if name in query}
    return filters if filters.get("view", "all") in VIEWS else None


def _assignee(key: str) -> Any:
    return key if key == "none" else get_user_model()._meta.pk.to_python(key)
