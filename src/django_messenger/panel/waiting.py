"""How long visitors may wait for an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from django.utils import timezone

if TYPE_CHECKING:
    from datetime import datetime

#: Minutes of waiting from which on it is soon too long, and from which on it is.
SOON: Final = 5
LATE: Final = 15

Level = Literal["ok", "soon", "late"]


def wait_level(since: datetime) -> Level:
    """Judge how long a visitor has waited."""
    minutes = (timezone.now() - since).total_seconds() / 60
    if minutes >= LATE:
        return "late"
    return "soon" if minutes >= SOON else "ok"
