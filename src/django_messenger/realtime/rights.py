"""Ending streams when an operator loses rights."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models.signals import m2m_changed, post_delete, post_save

from django_messenger.bus import Hint, get_bus
from django_messenger.models import Operator

logger = logging.getLogger("django_messenger")


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
    for field in ("groups", "user_permissions"):
        relation = getattr(user, field, None)
        if relation is not None:
            m2m_changed.connect(_user_changed, sender=relation.through, dispatch_uid=name)


def _operator_changed(instance: Operator, **kwargs: Any) -> None:
    revoke_on_commit(instance.user_id)


def _branches_changed(instance: Any, action: str, **kwargs: Any) -> None:
    if action.startswith("post_") and isinstance(instance, Operator):
        revoke_on_commit(instance.user_id)


def _user_changed(instance: Any, **kwargs: Any) -> None:
    # A login writes last_login and changes no right.
    if kwargs.get("created") or set(kwargs.get("update_fields") or ()) == {"last_login"}:
        return
    if isinstance(instance, get_user_model()):
        revoke_on_commit(instance.pk)


def _revoke(user: str) -> None:
    try:
        get_bus().publish(Hint("revoke", user=user))
    except Exception as error:
        logger.warning("The bus is down (%s): streams end by themselves.", type(error).__name__)
