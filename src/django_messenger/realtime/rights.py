"""Ending streams when an operator loses rights."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models.signals import m2m_changed, post_delete, post_save

from django_messenger.bus import Hint, get_bus
from django_messenger.flags import is_enabled
from django_messenger.models import Operator

if TYPE_CHECKING:
    from django.db.models import QuerySet

logger = logging.getLogger("django_messenger")

#: Fields of a user that make a right.
_DECISIVE: Final = frozenset({"is_active", "is_superuser"})


def revoke_on_commit(user_id: Any) -> None:
    """End the user's streams once the transaction has committed; those still allowed return."""
    transaction.on_commit(partial(_revoke, str(user_id)))


def connect() -> None:
    """Watch what decides about rights: operators, their branches, users, groups, permissions."""
    user = get_user_model()
    name = "django_messenger.rights"
    post_save.connect(_operator_changed, sender=Operator, dispatch_uid=name)
    post_delete.connect(_operator_changed, sender=Operator, dispatch_uid=name)
    m2m_changed.connect(_branches_changed, sender=Operator.branches.through, dispatch_uid=name)
    post_save.connect(_user_changed, sender=user, dispatch_uid=name)
    m2m_changed.connect(_grants_changed, sender=Group.permissions.through, dispatch_uid=name)
    for field in ("groups", "user_permissions"):
        relation = getattr(user, field, None)
        if relation is not None:
            m2m_changed.connect(_grants_changed, sender=relation.through, dispatch_uid=name)


def _operator_changed(instance: Operator, **kwargs: Any) -> None:
    revoke_on_commit(instance.user_id)


def _branches_changed(instance: Any, action: str, **kwargs: Any) -> None:
    if action.startswith("post_") and isinstance(instance, Operator):
        revoke_on_commit(instance.user_id)


def _user_changed(
    instance: Any, *, created: bool, raw: bool, update_fields: Any, **kwargs: Any
) -> None:
    """Look only at operators, and only at what makes a right: hosts save users all the time."""
    decisive = update_fields is None or not _DECISIVE.isdisjoint(update_fields)
    if created or raw or not decisive or not is_enabled():
        return
    if getattr(instance, "is_superuser", False) or _operators(instance.pk).exists():
        revoke_on_commit(instance.pk)


def _grants_changed(instance: Any, action: str, **kwargs: Any) -> None:
    """A group or a permission reaches any number of users: then every operator asks anew."""
    if not action.startswith("post_") or not is_enabled():
        return
    if isinstance(instance, get_user_model()):
        revoke_on_commit(instance.pk)
        return
    for user_id in _operators().values_list("user_id", flat=True):
        revoke_on_commit(user_id)


def _operators(user_id: Any = None) -> QuerySet[Operator]:
    operators = Operator.objects.filter(is_active=True)
    return operators if user_id is None else operators.filter(user_id=user_id)


def _revoke(user: str) -> None:
    try:
        get_bus().publish(Hint("revoke", user=user))
    except Exception as error:
        logger.warning("The bus is down (%s): streams end by themselves.", type(error).__name__)
