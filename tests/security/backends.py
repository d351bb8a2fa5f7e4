"""An authentication backend that a host might write."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend

ON_CALL = "on-call"


class OnCall(BaseBackend):
    """Lets the user of this name do anything, by a rule that no table holds."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return bool(user_obj.is_active) and user_obj.get_username().startswith(ON_CALL)
