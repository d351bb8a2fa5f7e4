"""Keeping saved views: one's own, or shared with a branch by those who manage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from django_messenger.access import get_policy
from django_messenger.exceptions import InvalidInput, PermissionDenied
from django_messenger.models import SavedView
from django_messenger.selectors.views import KEYS
from django_messenger.text import storable_line

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_NAME: Final = 60
MAX_VALUE: Final = 200
#: One person, or one branch, has no more.
MOST: Final = 50


def create_view(*, user: Any, name: str, query: Mapping[str, str], branch: Any = None) -> SavedView:
    """Save filters under a name.

    Args:
        branch: share the view with this branch, one of the user's; None: for the user alone.

    Raises:
        PermissionDenied: the user may not share.
        InvalidInput: the name is blank or taken, a filter is unknown, or there are too many.
    """
    owner = {"user": user} if branch is None else {"branch": branch}
    view = SavedView(**owner)
    _require_owner(user, view)
    if SavedView.objects.filter(**owner).count() >= MOST:
        raise InvalidInput.of("name", _("There are too many saved views."), "too_many")
    return _save(view, name, query)


def update_view(
    *, user: Any, view: SavedView, name: str | None = None, query: Mapping[str, str] | None = None
) -> SavedView:
    """Change a view that a selector gave this user.

    Raises:
        PermissionDenied: it is shared, and the user may not manage.
        InvalidInput: as ``create_view``.
    """
    _require_owner(user, view)
    return _save(view, view.name if name is None else name, view.query if query is None else query)


def delete_view(*, user: Any, view: SavedView) -> None:
    """Delete a view that a selector gave this user.

    Raises:
        PermissionDenied: it is shared, and the user may not manage.
    """
    _require_owner(user, view)
    view.delete()


def may_change_view(user: Any, view: SavedView) -> bool:
    """Tell whether the user may change or delete a view that they see."""
    if view.branch_id is None:
        return bool(view.user_id == user.pk)
    policy = get_policy()
    visible = policy.branches_for(user).filter(pk=view.branch_id)
    return bool(policy.has_permission(user, "manage") and visible.exists())


def _require_owner(user: Any, view: SavedView) -> None:
    if not may_change_view(user, view):
        raise PermissionDenied


def _save(view: SavedView, name: str, query: Mapping[str, str]) -> SavedView:
    view.name = storable_line(name)[:MAX_NAME]
    if not view.name:
        raise InvalidInput.of("name", _("Give it a name."), "blank")
    for key, value in query.items():
        if key not in KEYS or len(value) > MAX_VALUE:
            raise InvalidInput.of("query", _("This filter is not known."), "unknown")
    view.query = dict(query)
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError as error:
        raise InvalidInput.of("name", _("There is a view of this name."), "unique") from error
    return view
