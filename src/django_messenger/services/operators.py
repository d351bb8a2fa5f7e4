"""Making users of the host operators or supervisors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from django_messenger.models import Operator

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Role = Literal["operator", "supervisor"]

#: The group behind each role. Its permissions are given once, when the group is made; from then
#: on they are the host's to change.
GROUPS: Final[Mapping[Role, str]] = {
    "operator": "Messenger operators",
    "supervisor": "Messenger supervisors",
}

_OPERATOR: Final = (
    "view_conversation",
    "add_message",
    "change_conversation",
    "view_contact",
    "view_label",
    "view_cannedresponse",
    "view_inbox",
)
_SUPERVISOR: Final = (
    *_OPERATOR,
    "assign_conversation",
    "view_reports",
    "add_inbox",
    "change_inbox",
    "change_contact",
    "add_label",
    "change_label",
    "delete_label",
    "add_cannedresponse",
    "change_cannedresponse",
    "delete_cannedresponse",
    "view_operator",
    "change_operator",
)
_PERMISSIONS: Final[Mapping[Role, tuple[str, ...]]] = {
    "operator": _OPERATOR,
    "supervisor": _SUPERVISOR,
}


def save_operator(
    *, user: Any, display_name: str, branches: Iterable[Any], role: Role = "operator"
) -> Operator:
    """Let a user answer in exactly these branches, in this role.

    A user model without Django's groups keeps the permissions that the host gives it.

    Args:
        display_name: the name that visitors see.

    Raises:
        LookupError: the permissions are not in the database yet; ``migrate`` makes them.
    """
    with transaction.atomic():
        operator, _ = Operator.objects.update_or_create(
            user=user, defaults={"display_name": display_name, "is_active": True}
        )
        operator.branches.set(branches)
        if hasattr(user, "groups"):
            give_role(user=user, role=role)
    return operator


def give_role(*, user: Any, role: Role) -> None:
    """Put a user into the group of this role and out of that of the other.

    Raises:
        LookupError: the permissions are not in the database yet; ``migrate`` makes them.
    """
    with transaction.atomic():
        group = role_group(role)
        user.groups.remove(*Group.objects.filter(name__in=GROUPS.values()).exclude(pk=group.pk))
        user.groups.add(group)


def role_group(role: Role) -> Group:
    """Return the group of a role, making it with the role's permissions if it is missing.

    Raises:
        LookupError: the permissions are not in the database yet; ``migrate`` makes them.
    """
    with transaction.atomic():
        group, created = Group.objects.get_or_create(name=GROUPS[role])
        if created:
            codenames = _PERMISSIONS[role]
            found = Permission.objects.filter(
                content_type__app_label="django_messenger", codename__in=codenames
            )
            if len(found) < len(codenames):
                raise LookupError("Run migrate first: permissions of django_messenger are missing.")
            group.permissions.set(found)
    return group
