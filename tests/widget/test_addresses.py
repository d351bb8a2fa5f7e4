"""Whose call it is that counts: the connection's address, or the trusted end of the header."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.test import RequestFactory

from django_messenger.test import override_messenger
from django_messenger.widget.address import client_address
from tests.widget.client import Transport, Widget, through_asgi, through_django

both_ways = pytest.mark.parametrize("transport", [through_django, through_asgi])


def address(direct: str, forwarded: str | None = None, *, proxies: int = 0) -> str:
    headers: dict[str, Any] = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    request = RequestFactory(REMOTE_ADDR=direct).get("/", headers=headers)
    with override_messenger(TRUSTED_PROXY_COUNT=proxies):
        return client_address(request)


@pytest.mark.parametrize(
    ("direct", "bucket"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.7:8080", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("[::ffff:203.0.113.7]:443", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:0db8:0001:0002::1", "2001:db8:1:2::"),
        ("[2001:db8:1:2::1]:443", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ("::1", "::"),
        ("", "unknown"),
        ("unix:", "unknown"),
        ("/run/socket", "unknown"),
        ("203.0.113.7, 10.0.0.1", "unknown"),
        ("203.0.113.256", "unknown"),
        ("0x7f000001", "unknown"),
        ("x" * 100_000, "unknown"),
        ("٢٠٣.0.113.7", "unknown"),
    ],
    ids=lambda value: value[:24] or "nothing",
)
def test_what_an_address_is_counted_as(direct: str, bucket: str) -> None:
    assert address(direct) == bucket
    if direct and "," not in direct and direct.isascii():
        assert address("10.0.0.1", direct, proxies=1) == bucket


@pytest.mark.parametrize("forwarded", ["1.1.1.1", "1.1.1.1, 2.2.2.2", "", "garbage"])
def test_without_a_proxy_the_header_means_nothing(forwarded: str) -> None:
    assert address("203.0.113.7", forwarded) == "203.0.113.7"


@pytest.mark.parametrize(
    ("forwarded", "proxies", "expected"),
    [
        ("1.1.1.1", 1, "1.1.1.1"),
        ("6.6.6.6, 1.1.1.1", 1, "1.1.1.1"),
        ("6.6.6.6, 7.7.7.7, 1.1.1.1", 1, "1.1.1.1"),
        ("6.6.6.6, 1.1.1.1, 10.0.0.2", 2, "1.1.1.1"),
        ("1.1.1.1,10.0.0.2", 2, "1.1.1.1"),
        ("  1.1.1.1  ", 1, "1.1.1.1"),
        ("6.6.6.6, , ,1.1.1.1", 1, "1.1.1.1"),
        ("6.6.6.6, garbage", 1, "unknown"),
        # Fewer hops than proxies: not through them all, so the header is not theirs.
        ("1.1.1.1", 2, "203.0.113.7"),
        ("", 1, "203.0.113.7"),
        (",,,", 1, "203.0.113.7"),
        ("x" * 100_000 + ", 1.1.1.1", 1, "1.1.1.1"),
    ],
)
def test_behind_proxies_only_their_end_of_the_header_counts(
    forwarded: str, proxies: int, expected: str
) -> None:
    assert address("203.0.113.7", forwarded, proxies=proxies) == expected


# --- At the door ----------------------------------------------------------------------------------


def passes(widget: Widget, times: int, **changes: Any) -> int:
    return sum(replace(widget, **changes).poll().status == 200 for _ in range(times))


@both_ways
def test_a_header_that_changes_each_time_gains_nothing(chat: Widget, transport: Transport) -> None:
    chat.transport = transport
    with override_messenger(THROTTLE_RATES={"poll": "5/d/ip"}):
        chat.poll()
        passed = sum(
            replace(chat, headers={name: f"1.1.1.{number}"}).poll().status == 200
            for number in range(3)
            for name in ("X-Forwarded-For", "X-Real-Ip", "Forwarded", "Client-Ip", "True-Client-Ip")
        )
        assert passed == 4
        assert passes(chat, 3, address="198.51.100.8") == 3


@both_ways
def test_nor_behind_a_proxy(chat: Widget, transport: Transport) -> None:
    chat.transport = transport
    with override_messenger(THROTTLE_RATES={"poll": "5/d/ip"}, TRUSTED_PROXY_COUNT=1):
        forged = [{"X-Forwarded-For": f"1.1.1.{n}, 203.0.113.7"} for n in range(8)]
        assert sum(passes(chat, 1, headers=headers) for headers in forged) == 5
        assert passes(chat, 3, headers={"X-Forwarded-For": "203.0.113.8"}) == 3


@both_ways
def test_a_network_of_ipv6_is_one_client(chat: Widget, transport: Transport) -> None:
    chat.transport = transport
    with override_messenger(THROTTLE_RATES={"poll": "5/d/ip"}):
        assert sum(passes(chat, 1, address=f"2001:db8:1:2::{n:x}") for n in range(8)) == 5
        assert passes(chat, 1, address="2001:db8:1:3::1") == 1
        assert passes(chat, 6, address="::ffff:198.51.100.9") == 5
        assert passes(chat, 1, address="198.51.100.9") == 0
