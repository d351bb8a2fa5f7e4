"""Reading operators and users."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from django_messenger.access import get_policy
from django_messenger.exceptions import InvalidInput, PermissionDenied
from django_messenger.models import Operator

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from django_messenger.models import Conversation, Inbox


def operator_of(user: Any) -> Operator | None:
    """Return the user's operator row, if there is one; read once per user object."""
    try:
        found: Operator = user.messenger_operator
    except (Operator.DoesNotExist, AttributeError):
        return None
    return found


def public_name(user: Any) -> str:
    """Return the name that visitors may see: the operator's display name, else nothing."""
    operator = operator_of(user)
    return operator.display_name if operator else ""


def staff_name(user: Any) -> str:
    """Return the name that colleagues see. Not every user model has ``get_full_name``."""
    full_name = getattr(user, "get_full_name", str)()
    return public_name(user) or full_name or user.get_username()


def visible_branches(user: Any) -> QuerySet[Any]:
    """Return the branches whose chat the user may see."""
    return get_policy().branches_for(user).order_by("pk")


def get_branch(user: Any, pk: Any) -> Any:
    """Return one of the user's branches.

    Raises:
        InvalidInput: it does not exist, or is not for this user.
    """
    branch = get_policy().branches_for(user).filter(pk=pk).first()
    if branch is None:
        raise InvalidInput.of("branch", _("There is no such branch."), "unknown")
    return branch


def inbox_team(user: Any, inbox: Inbox) -> QuerySet[Operator]:
    """Return the active operators of an inbox that a selector gave this user, by name."""
    return visible_operators(user).filter(branches=inbox.branch_id).order_by("display_name", "pk")


def get_assignee(user: Any, conversation: Conversation, pk: Any) -> Any:
    """Return the user with the key ``pk`` for assigning a conversation.

    Raises:
        PermissionDenied: ``user`` may not take it, or not give it to somebody else.
        InvalidInput: there is no such user, or not one who may answer there.
    """
    policy = get_policy()
    if not policy.can(user, "reply" if pk == user.pk else "assign", conversation):
        raise PermissionDenied
    candidates = policy.users_for(conversation, "reply").select_related("messenger_operator")
    assignee = candidates.filter(pk=pk).first()
    if assignee is None:
        raise InvalidInput.of("assignee", _("There is no such operator."), "unknown")
    return assignee


def colleagues_at(user: Any, conversation: Conversation) -> list[str]:
    """Return the names of the others who may see a conversation that a selector gave this user."""
    people = get_policy().users_for(conversation, "view").exclude(pk=user.pk)
    names = {staff_name(person) for person in people.select_related("messenger_operator")}
    return sorted(names, key=str.casefold)


def visible_operators(user: Any) -> QuerySet[Operator]:
    """Return the active operators of the branches that the user may see."""
    policy = get_policy()
    if not policy.has_permission(user, "view"):
        return Operator.objects.none()
    shared = policy.branches_for(user).filter(pk=OuterRef("branches"))
    ids = Operator.objects.filter(Exists(shared), is_active=True).values("pk")
    return Operator.objects.filter(pk__in=ids).select_related("user")
