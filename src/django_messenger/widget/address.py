"""The client's address: one function for limits and everything else that asks."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from django_messenger.conf import conf

if TYPE_CHECKING:
    from django.http import HttpRequest

_MAX_HEADER: Final = 4096
_MAX_ADDRESS: Final = 64


def client_address(request: HttpRequest) -> str:
    """Return the address to count by: IPv4 whole, IPv6 as its /64, ``"unknown"`` if unreadable.

    ``X-Forwarded-For`` is read from the right and only as far as ``TRUSTED_PROXY_COUNT`` proxies
    of the host's own have written it; what stands further left can be invented by anybody.
    """
    meta = request.META
    return address_of(
        str(meta.get("REMOTE_ADDR") or ""), str(meta.get("HTTP_X_FORWARDED_FOR") or "")
    )


def address_of(direct: str, forwarded: str) -> str:
    """Return the same from the address of the connection and the text of the header."""
    trusted = conf.TRUSTED_PROXY_COUNT
    if not trusted:
        return _bucket(direct)
    hops = [hop.strip() for hop in forwarded[-_MAX_HEADER:].split(",") if hop.strip()]
    return _bucket(hops[-trusted] if len(hops) >= trusted else direct)


@lru_cache(maxsize=4096)
def _bucket(text: str) -> str:
    text = text[:_MAX_ADDRESS]
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False).network_address)
