"""Filters of the list, and what operators keep of them under a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages as notices
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from django_messenger.access import get_policy
from django_messenger.exceptions import InvalidInput, NotFound, PermissionDenied
from django_messenger.panel.base import PanelView
from django_messenger.panel.done import read_number
from django_messenger.panel.listing import ListQuery
from django_messenger.selectors.contacts import visible_labels
from django_messenger.selectors.inboxes import visible_inboxes
from django_messenger.selectors.operators import staff_name, visible_branches, visible_operators
from django_messenger.selectors.views import count_views, get_view, visible_views
from django_messenger.services.views import create_view, delete_view, may_change_view

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase

    from django_messenger.models import SavedView


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved view as the list shows it; ``count`` is None where it is not counted."""

    view: SavedView
    url: str
    count: int | None
    is_current: bool
    may_delete: bool


def saved_views(user: Any, query: ListQuery) -> list[Saved]:
    """Return the user's saved views and those of their branches, in two queries."""
    views = list(visible_views(user).order_by("name", "pk"))
    counts = count_views(user, views) if views else {}
    found = []
    for view in views:
        kept = ListQuery.of(view.query)
        is_current = kept.params == query.params
        may_delete = is_current and may_change_view(user, view)
        found.append(Saved(view, kept.url(), counts[view.pk], is_current, may_delete))
    return found


def filter_choices(user: Any) -> dict[str, Any]:
    """Return what the list can be narrowed to, by name: pairs of value and label."""
    people = visible_operators(user).order_by("display_name", "pk")
    return {
        "inboxes": [(str(one.public_id), one.name) for one in visible_inboxes(user)],
        "labels": [(str(one.pk), one.name) for one in visible_labels(user).order_by("name", "pk")],
        "people": [(str(one.user_id), staff_name(one.user)) for one in people],
        "shares": shares_of(user),
    }


def shares_of(user: Any) -> list[tuple[str, str]]:
    """Return the branches with whom the user may share a view."""
    if not get_policy().has_permission(user, "manage"):
        return []
    return [(str(branch.pk), str(branch)) for branch in visible_branches(user)]


class SavedViewsView(PanelView):
    """``POST`` from the filters: keep those of the address as ``name``, or ``delete`` a view."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        query = ListQuery.of(request.GET)
        try:
            words, query = self._delete(query) if "delete" in request.POST else self._save(query)
            notices.success(request, words, fail_silently=True)
        except (InvalidInput, PermissionDenied) as error:
            notices.error(request, error.words, fail_silently=True)
        return redirect(query.url(cursor=""))

    def _save(self, query: ListQuery) -> tuple[str, ListQuery]:
        posted, user = self.request.POST, self.request.user
        shared = posted.get("share", "")
        branches = {str(branch.pk): branch for branch in visible_branches(user)}
        if shared and shared not in branches:
            raise InvalidInput.of("branch", _("There is no such branch."), "unknown")
        branch = branches.get(shared)
        create_view(user=user, name=posted.get("name", ""), query=query.params, branch=branch)
        return _("The view is saved."), query

    def _delete(self, query: ListQuery) -> tuple[str, ListQuery]:
        number = read_number(self.request.POST["delete"])
        if number is None:
            raise NotFound
        delete_view(user=self.request.user, view=get_view(self.request.user, number))
        return _("The view is deleted."), ListQuery()
