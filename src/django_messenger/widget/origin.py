"""Which pages may use an inbox: a list of origins, matched label by label."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from django.core.exceptions import DisallowedHost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.http import HttpRequest

_ORIGIN: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])"
    r"(:(?P<port>\d{1,5}|\*))?",
    re.ASCII,
)
_DEFAULT_PORTS: Final = {"http": "80", "https": "443"}
_MAX_LENGTH: Final = 4096


def is_allowed(
    request: Callable[[], HttpRequest], origin: str | None, allowed: Iterable[str]
) -> bool:
    """Tell whether a call from ``origin`` may use an inbox with this list.

    The messenger's own origin always passes. A call without ``Origin`` passes too: it comes from
    no browser page, and an origin is no authentication anyway.

    Args:
        request: returns the request; asked only if the list does not decide.
    """
    if origin is None:
        return True
    return is_listed(origin, allowed) or _is_own(request(), origin)


def is_listed(origin: str, allowed: Iterable[str]) -> bool:
    """Tell whether an origin stands on a list."""
    called = _split(origin)
    return called is not None and any(_matches(called, pattern) for pattern in allowed)


def embedding_site(request: HttpRequest) -> str:
    """Return the origin of the page that asks, as its browser says it; empty for anybody else."""
    origin: str = request.META.get("HTTP_ORIGIN", "")
    if origin:
        return "" if _split(origin) is None else origin
    # On a page of the messenger's own site browsers leave the header out of a GET.
    if request.headers.get("Sec-Fetch-Site") != "same-origin":
        return ""
    try:
        return f"{request.scheme}://{request.get_host()}"
    except DisallowedHost:
        return ""


def _is_own(request: HttpRequest, origin: str) -> bool:
    try:
        own = _split(f"{request.scheme}://{request.get_host()}")
    except DisallowedHost:
        return False
    return own is not None and own == _split(origin)


def _split(origin: str) -> tuple[str, str, str] | None:
    found = _ORIGIN.fullmatch(origin.lower()) if len(origin) <= _MAX_LENGTH else None
    if found is None:
        return None
    scheme = found["scheme"]
    return scheme, found["host"], found["port"] or _DEFAULT_PORTS[scheme]


def _matches(called: tuple[str, str, str], pattern: str) -> bool:
    wildcard = "://*." in pattern
    wanted = _split(pattern.replace("://*.", "://", 1))
    if wanted is None:
        return False
    scheme, host, port = called
    same_host = host.endswith(f".{wanted[1]}") if wildcard else host == wanted[1]
    return scheme == wanted[0] and same_host and wanted[2] in (port, "*")
