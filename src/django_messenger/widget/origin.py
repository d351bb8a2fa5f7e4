"""Which pages may use an inbox: a list of origins, matched label by label."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from django.core.exceptions import DisallowedHost

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest

_ORIGIN: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9_.-]+|\[[0-9a-f:.]+\])(:(?P<port>\d{1,5}|\*))?", re.ASCII
)
_DEFAULT_PORTS: Final = {"http": "80", "https": "443"}
_MAX_LENGTH: Final = 4096


def is_allowed(request: HttpRequest, origin: str | None, allowed: Iterable[str]) -> bool:
    """Tell whether a call from ``origin`` may use an inbox with this list.

    The messenger's own origin always passes. A call without ``Origin`` passes too: it comes from
    no browser page, and an origin is no authentication anyway.
    """
    if origin is None:
        return True
    called = _split(origin.lower()) if len(origin) <= _MAX_LENGTH else None
    if called is None:
        return False
    return called == _split(own_origin(request)) or any(
        _matches(called, pattern) for pattern in allowed
    )


def own_origin(request: HttpRequest) -> str:
    """Return the origin under which the request reached us, or an empty text."""
    try:
        return f"{request.scheme}://{request.get_host()}".lower()
    except DisallowedHost:
        return ""


def _split(origin: str) -> tuple[str, str, str] | None:
    found = _ORIGIN.fullmatch(origin)
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
