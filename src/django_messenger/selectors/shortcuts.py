"""Reading labels and canned responses to set them up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q

from django_messenger.access import get_policy
from django_messenger.exceptions import NotFound
from django_messenger.models import CannedResponse, Conversation, Label
from django_messenger.selectors.contacts import visible_canned_responses, visible_labels

if TYPE_CHECKING:
    from django.db.models import QuerySet


def found_labels(user: Any, text: str = "") -> QuerySet[Label]:
    """Return the labels that the user sees whose name holds a text."""
    return visible_labels(user).filter(name__icontains=text).select_related("branch")


def found_canned_responses(user: Any, text: str = "") -> QuerySet[CannedResponse]:
    """Return the canned responses that the user sees which hold a text."""
    rows = visible_canned_responses(user).select_related("branch")
    return rows.filter(Q(shortcut__icontains=text) | Q(texts__icontains=text)) if text else rows


def get_label(user: Any, pk: int) -> Label:
    """Return one label.

    Raises:
        NotFound: it does not exist, or is not for this user.
    """
    label: Label = _one(found_labels(user), pk)
    return label


def get_canned_response(user: Any, pk: int) -> CannedResponse:
    """Return one canned response.

    Raises:
        NotFound: it does not exist, or is not for this user.
    """
    answer: CannedResponse = _one(found_canned_responses(user), pk)
    return answer


def may_change_shortcut(user: Any, row: Label | CannedResponse) -> bool:
    """Tell whether the user may change a label or an answer that they see: what is for all
    branches belongs to superusers."""
    policy = get_policy()
    if not policy.has_permission(user, "manage"):
        return False
    if row.branch_id is None:
        return bool(getattr(user, "is_superuser", False))
    return bool(policy.branches_for(user).filter(pk=row.branch_id).exists())


def count_labelled(label: Label) -> int:
    """Return how many conversations carry a label."""
    return Conversation.objects.filter(labels=label).count()


def _one(rows: QuerySet[Any], pk: int) -> Any:
    row = rows.filter(pk=pk).first()
    if row is None:
        raise NotFound
    return row
