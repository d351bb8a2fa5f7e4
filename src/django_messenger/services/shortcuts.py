"""Keeping labels and canned responses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from django_messenger.exceptions import InvalidInput, PermissionDenied
from django_messenger.models import Label
from django_messenger.selectors.shortcuts import may_change_shortcut
from django_messenger.services.inboxes import problems_of

if TYPE_CHECKING:
    from django_messenger.models import CannedResponse


def save_shortcut(*, user: Any, row: Label | CannedResponse) -> None:
    """Store a label or a canned response, new or one that a selector gave this user.

    Raises:
        PermissionDenied: the user may not manage, or not in this branch; what is for all branches
            belongs to superusers.
        InvalidInput: a field is not valid, or the name is taken.
    """
    if not may_change_shortcut(user, row):
        raise PermissionDenied
    try:
        row.full_clean(validate_constraints=False)
    except ValidationError as error:
        raise InvalidInput(problems_of(error)) from error
    name = "name" if isinstance(row, Label) else "shortcut"
    taken = (
        _("There is a label of this name already.")
        if isinstance(row, Label)
        else _("There is an answer with this shortcut already.")
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise InvalidInput.of(name, taken, "unique") from error


def delete_shortcut(*, user: Any, row: Label | CannedResponse) -> None:
    """Delete a label or a canned response that a selector gave this user; a label disappears from
    all conversations.

    Raises:
        PermissionDenied: the user may not manage it.
    """
    if not may_change_shortcut(user, row):
        raise PermissionDenied
    row.delete()
