"""Reading operators and branches to set them up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, OuterRef, Prefetch, Q

from django_messenger.access import get_policy
from django_messenger.exceptions import NotFound
from django_messenger.models import Inbox, Operator
from django_messenger.selectors.operators import visible_branches

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet


def managed_operators(user: Any) -> QuerySet[Operator]:
    """Return the operators, active or not, whom the user may set up: those who share a branch with
    them, and for superusers all. ``shown_branches`` are those that the user sees."""
    policy = get_policy()
    if not policy.has_permission(user, "manage"):
        return Operator.objects.none()
    shared = policy.branches_for(user).filter(pk=OuterRef("branches"))
    wanted = Q(pk__in=Operator.objects.filter(Exists(shared)).values("pk"))
    if getattr(user, "is_superuser", False):
        # Rows without a name only keep the preferences of somebody who is no operator.
        wanted |= ~Q(display_name="") | Q(is_active=True)
    branches = Prefetch("branches", visible_branches(user), to_attr="shown_branches")
    rows = Operator.objects.filter(wanted).select_related("user").prefetch_related(branches)
    return rows.order_by("-is_active", "display_name", "pk")


def get_operator(user: Any, pk: int) -> Operator:
    """Return one operator.

    Raises:
        NotFound: there is none, or not for this user.
    """
    operator = managed_operators(user).filter(pk=pk).first()
    if operator is None:
        raise NotFound
    return operator


def has_hidden_branches(user: Any, operator: Operator) -> bool:
    """Tell whether the operator also answers in branches that the user does not see."""
    return operator.branches.exclude(pk__in=visible_branches(user).values("pk")).exists()


def find_person(login: str) -> Any:
    """Return the active user of the host with this login, or None."""
    if not login or "\x00" in login:
        return None
    users: Any = get_user_model()._default_manager
    try:
        person = users.filter(**{get_user_model().USERNAME_FIELD: login}).first()
    except (ValueError, ValidationError):  # a host whose people log in by a number, or a UUID
        return None
    return person if person is not None and person.is_active else None


def count_inboxes(branches: Iterable[Any]) -> dict[Any, int]:
    """Return how many inboxes branches have, by primary key of the branch."""
    rows = Inbox.objects.filter(branch__in=[branch.pk for branch in branches]).order_by()
    return dict(rows.values_list("branch").annotate(Count("pk")))


def count_operators(branches: Iterable[Any]) -> dict[Any, int]:
    """Return how many active operators branches have, by primary key of the branch."""
    keys = [branch.pk for branch in branches]
    rows = Operator.objects.filter(is_active=True, branches__in=keys).order_by()
    return dict(rows.values_list("branches").annotate(Count("pk", distinct=True)))
