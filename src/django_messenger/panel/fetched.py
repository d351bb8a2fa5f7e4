"""What the panel's script asks for: parts of pages instead of pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, cast

if TYPE_CHECKING:
    from django.http import HttpRequest

Part = Literal["", "talk", "lines"]

_PARTS: Final = ("talk", "lines")
FRAGMENT: Final = "django_messenger/panel/_fragment.html"


def is_fetched(request: HttpRequest) -> bool:
    """Tell whether the script asks: it wants the block ``dm_main`` without the page around it."""
    return request.headers.get("X-Requested-With") == "fetch"


def wanted_part(request: HttpRequest) -> Part:
    """Return which part of ``dm_main`` is enough: a conversation without the list, or its lines.

    Empty for all of it, as for every page that the script did not ask for.
    """
    part = request.headers.get("Dm-Part", "")
    return cast("Part", part) if part in _PARTS and is_fetched(request) else ""
