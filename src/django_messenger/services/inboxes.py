"""Changing inboxes. A change reaches the visitors' cached copy when it commits."""

from __future__ import annotations

import hashlib
import json
import logging
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.db.models.signals import post_save
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_messenger.access import get_policy
from django_messenger.exceptions import (
    Conflict,
    FieldProblem,
    InvalidInput,
    PermissionDenied,
    Stale,
    Unavailable,
)
from django_messenger.models import Inbox
from django_messenger.models.inbox import new_widget_token
from django_messenger.selectors.inboxes import keep_public_inbox

if TYPE_CHECKING:
    from collections.abc import Iterable

logger = logging.getLogger("django_messenger")

_SECRETS: Final = ("identity_secret", "identity_secret_previous")
#: How long the old widget token still works after a rotation.
OVERLAP: Final = timedelta(days=7)


def create_inbox(*, user: Any, branch: Any, **fields: Any) -> Inbox:
    """Make an inbox in a branch.

    Raises:
        PermissionDenied: the user may not manage inboxes there.
        InvalidInput: a field is not valid.
    """
    policy = get_policy()
    allowed = policy.branches_for(user).filter(pk=branch.pk).exists()
    if not (policy.has_permission(user, "manage") and allowed):
        raise PermissionDenied
    inbox = Inbox(branch=branch, **fields)
    save_inbox(inbox)
    return inbox


def update_inbox(*, user: Any, inbox: Inbox, expected: str = "", **fields: Any) -> Inbox:
    """Change an inbox that a selector gave this user; its branch cannot change.

    Args:
        expected: ``fingerprint`` of these fields as the user saw them; empty: whatever they are.

    Raises:
        PermissionDenied: the user may not manage inboxes.
        InvalidInput: a field is not valid, or ``branch`` differs.
        Stale: somebody else has changed one of these fields meanwhile.
    """
    if not get_policy().has_permission(user, "manage"):
        raise PermissionDenied
    with transaction.atomic():
        # The row as it is now: changes of other fields made meanwhile must stay.
        inbox.refresh_from_db(from_queryset=Inbox.objects.select_for_update(no_key=True))
        if expected and expected != fingerprint(inbox, fields):
            raise Stale(_("Somebody else has changed these settings meanwhile."))
        for name, value in fields.items():
            setattr(inbox, name, value)
        save_inbox(inbox)
    return inbox


def fingerprint(inbox: Inbox, fields: Iterable[str]) -> str:
    """Return a short text that differs where one of the fields does; secrets have no part in it."""
    values = {name: getattr(inbox, name) for name in fields if name not in _SECRETS}
    written = json.dumps(values, sort_keys=True, default=str)
    return hashlib.sha256(written.encode()).hexdigest()[:16]


def delete_inbox(*, user: Any, inbox: Inbox) -> None:
    """Delete an inbox that a selector gave this user, as long as nobody has ever used it.

    Raises:
        PermissionDenied: the user may not manage inboxes.
        Conflict: it has conversations or visitors. Switch it off instead.
    """
    if not get_policy().has_permission(user, "manage"):
        raise PermissionDenied
    try:
        with transaction.atomic():
            inbox.delete()
    except (ProtectedError, IntegrityError) as error:
        raise Conflict(_("It has conversations already. Switch it off instead.")) from error


def rotate_widget_token(*, user: Any, inbox: Inbox) -> Inbox:
    """Give an inbox a new widget token; the old one works for another week.

    Raises:
        PermissionDenied: the user may not manage inboxes.
    """
    with transaction.atomic():
        inbox.refresh_from_db(from_queryset=Inbox.objects.select_for_update(no_key=True))
        return update_inbox(
            user=user,
            inbox=inbox,
            previous_widget_token=inbox.widget_token,
            previous_widget_token_until=timezone.now() + OVERLAP,
            widget_token=new_widget_token(),
        )


def save_inbox(inbox: Inbox) -> None:
    """Validate and store an inbox; switching it off ends its sessions.

    Raises:
        InvalidInput: a field is not valid; keyed by field.
    """
    try:
        inbox.full_clean()
    except ValidationError as error:
        raise InvalidInput(problems_of(error)) from error
    with transaction.atomic():
        if not inbox._state.adding:
            # The row's epoch, not the object's: a stale object must not revive ended sessions.
            stored = Inbox.objects.select_for_update(no_key=True).get(pk=inbox.pk)
            inbox.epoch = stored.epoch + (stored.is_active and not inbox.is_active)
        inbox.save()


def connect() -> None:
    """Keep the visitors' cached copy up to date, also when host code saves an inbox itself."""
    post_save.connect(_inbox_saved, sender=Inbox, dispatch_uid="django_messenger.inboxes")


def _inbox_saved(instance: Inbox, **kwargs: Any) -> None:
    transaction.on_commit(partial(_refresh, instance), robust=True)


def _refresh(inbox: Inbox) -> None:
    try:
        keep_public_inbox(inbox)
    except Unavailable:
        logger.warning("The cache is down: widgets may see inbox %s change late.", inbox.pk)


def problems_of(error: ValidationError) -> dict[str, list[FieldProblem]]:
    """Return what a model has refused, by field."""
    return {
        name: [
            FieldProblem(message, problem.code or "invalid")
            for problem in problems
            for message in problem.messages
        ]
        for name, problems in error.error_dict.items()
    }
