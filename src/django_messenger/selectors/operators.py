"""Reading operators and users."""

from __future__ import annotations

from typing import Any

from django_messenger.models import Operator


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
    """Return the name that colleagues see."""
    return public_name(user) or user.get_full_name() or user.get_username()
