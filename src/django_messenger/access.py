"""Who sees what, and who may do what: one class, asked by everything.

Hosts replace it with ``MESSENGER["ACCESS_POLICY"]``. The three questions must agree with each
other; ``django_messenger.test.assert_policy_consistent`` checks a policy of your own.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from django.apps import apps
from django.contrib.auth import get_backends, get_user_model
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Q

from django_messenger.conf import branch_model, import_option
from django_messenger.models import Conversation, Inbox, Operator

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import Model, QuerySet

    User = AbstractBaseUser | AnonymousUser

Action = Literal["view", "reply", "change", "assign", "manage", "report"]
ACTIONS: Final[tuple[Action, ...]] = get_args(Action)

#: The Django permission behind each action; hosts grant them by their own groups.
PERMISSIONS: Final[dict[Action, str]] = {
    "view": "django_messenger.view_conversation",
    "reply": "django_messenger.add_message",
    "change": "django_messenger.change_conversation",
    "assign": "django_messenger.assign_conversation",
    "manage": "django_messenger.change_inbox",
    "report": "django_messenger.view_reports",
}


class AccessPolicy(ABC):
    """What a host may replace. Every method is deny by default: return nothing when in doubt."""

    @abstractmethod
    def branches_for(self, user: User) -> QuerySet[Any]:
        """Return the branches whose chat the user may see."""

    @abstractmethod
    def filter_conversations(
        self, user: User, conversations: QuerySet[Conversation]
    ) -> QuerySet[Conversation]:
        """Narrow a queryset to what the user may see."""

    def has_permission(self, user: User, action: Action) -> bool:
        """Tell whether the user may do ``action`` anywhere at all: the Django permission."""
        return bool(user.is_active) and user.has_perm(PERMISSIONS[action])  # type: ignore[union-attr]

    @abstractmethod
    def can(self, user: User, action: Action, conversation: Conversation) -> bool:
        """Tell whether the user may do ``action`` to this conversation."""

    @abstractmethod
    def users_for(self, conversation: Conversation, action: Action) -> QuerySet[Any]:
        """Return the users who may do ``action`` to this conversation."""

    def handover_inboxes(self, user: User) -> QuerySet[Inbox]:
        """Return the inboxes to which the user may hand customers over, those of branches that
        they see. A host whose operators may name other branches' inboxes returns more."""
        if not self.has_permission(user, "change"):
            return Inbox.objects.none()
        return Inbox.objects.filter(is_active=True, branch__in=self.branches_for(user))


class BranchAccessPolicy(AccessPolicy):
    """Superusers see everything; others need the Django permission for the action and an active
    ``Operator`` row with the branch. Anybody else sees nothing."""

    def branches_for(self, user: User) -> QuerySet[Any]:
        branches: QuerySet[Any] = get_branch_model()._default_manager.all()
        if not user.is_active or not user.is_authenticated:
            return branches.none()
        if getattr(user, "is_superuser", False):
            return branches
        memberships = Operator.branches.through._default_manager.filter(
            operator__user_id=user.pk, operator__is_active=True
        )
        return branches.filter(pk__in=memberships.values(_branch_column()))

    def filter_conversations(
        self, user: User, conversations: QuerySet[Conversation]
    ) -> QuerySet[Conversation]:
        if not self.has_permission(user, "view"):
            return conversations.none()
        if getattr(user, "is_superuser", False):
            return conversations
        return conversations.filter(branch__in=self.branches_for(user))

    def can(self, user: User, action: Action, conversation: Conversation) -> bool:
        return self.has_permission(user, action) and (
            getattr(user, "is_superuser", False)
            or self.branches_for(user).filter(pk=conversation.branch_id).exists()
        )

    def users_for(self, conversation: Conversation, action: Action) -> QuerySet[Any]:
        everybody = get_user_model()._default_manager.order_by("pk")
        operators = Operator.objects.filter(is_active=True, branches=conversation.branch_id)
        candidates = Q(pk__in=operators.values("user"))
        if _is_field("is_superuser"):
            candidates |= Q(is_superuser=True)
        users = everybody.filter(candidates)
        if type(self).has_permission is AccessPolicy.has_permission and _permissions_in_database():
            return users.filter(_with_permission(PERMISSIONS[action]))
        # What only Python knows is asked of each: a branch has few operators.
        allowed = [user.pk for user in users if self.has_permission(user, action)]
        return everybody.filter(pk__in=allowed)


def get_branch_model() -> type[Model]:
    """Return the model that ``MESSENGER_BRANCH_MODEL`` names."""
    return apps.get_model(branch_model())


def get_policy() -> AccessPolicy:
    """Return the policy that ``MESSENGER["ACCESS_POLICY"]`` names.

    Raises:
        ImproperlyConfigured: the path cannot be imported.
    """
    policy: AccessPolicy = import_option("ACCESS_POLICY")()
    return policy


def _branch_column() -> str:
    """Name the column of the membership table that points at the branch."""
    return Operator._meta.get_field("branches").m2m_reverse_field_name()


def _permissions_in_database() -> bool:
    """Tell whether one query answers ``has_perm``: by Django's own rule and ``with_perm``."""
    asks_backends = getattr(get_user_model(), "has_perm", None) is PermissionsMixin.has_perm
    return asks_backends and all(hasattr(backend, "with_perm") for backend in get_backends())


def _with_permission(permission: str) -> Q:
    """Match the active users who have a permission by any of the host's backends."""
    matches = Q(pk__in=[])
    for backend in get_backends():
        permitted: QuerySet[Any] = backend.with_perm(permission)  # type: ignore[attr-defined]
        matches |= Q(pk__in=permitted.values("pk"))
    return matches


def _is_field(name: str) -> bool:
    """Tell whether the host's user model has a field of this name."""
    try:
        get_user_model()._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True
