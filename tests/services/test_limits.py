"""Throttles: exact counts, whole windows, buckets in their order."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.core.cache import cache
from django.test import override_settings

from django_messenger.exceptions import Unavailable
from django_messenger.services.limits import check_limits
from django_messenger.test import override_messenger

#: A day: no test runs across the end of the window but one in thousands.
VALUES: dict[Any, str] = {"session": "s", "ip": "10.0.0.1", "inbox": "i"}


def rates(**scopes: str) -> Any:
    return override_messenger(THROTTLE_RATES=scopes)


def passes(scope: str, times: int, **values: str) -> int:
    """How many of so many calls are let through."""
    asked: Any = {**VALUES, **values}
    return sum(check_limits(scope, asked) is None for _ in range(times))


@pytest.fixture(autouse=True)
def far_from_midnight() -> None:
    """Windows are aligned to the clock: none must end within a test."""
    left = 86_400 - time.time() % 86_400
    if left < 5:
        time.sleep(left)


def test_exactly_the_limit_passes() -> None:
    with rates(send="7/d/session"):
        assert passes("send", 20) == 7


def test_each_value_has_its_own_bucket() -> None:
    with rates(send="2/d/ip"):
        assert passes("send", 3, ip="a") == 2
        assert passes("send", 3, ip="b") == 2
        assert passes("send", 3, ip="a", session="other", inbox="other") == 0


def test_each_scope_has_its_own_bucket_and_the_rest_share_one() -> None:
    with rates(send="2/d/ip", default="3/d/ip"):
        assert passes("send", 3) == 2
        assert passes("read", 2) + passes("typing", 2) == 3


def test_a_dimension_that_a_call_lacks_is_not_asked() -> None:
    with rates(send="1/d/session, 3/d/ip"):
        assert sum(check_limits("send", {"ip": "a"}) is None for _ in range(5)) == 3


def test_an_empty_rate_is_no_limit() -> None:
    with rates(send=""):
        assert passes("send", 50) == 50


def test_the_narrowest_bucket_refuses_first_and_spares_the_next() -> None:
    with rates(send="5/d/inbox, 3/d/ip, 2/d/session"):
        refusals = [check_limits("send", VALUES) for _ in range(4)]
        assert [r.dimension if r else None for r in refusals] == [None, None, "session", "session"]
        # ip has counted the two that passed, and not the two that were refused before it.
        second: Any = {**VALUES, "session": "t"}
        refusals = [check_limits("send", second) for _ in range(2)]
        assert [r.dimension if r else None for r in refusals] == [None, "ip"]
        third: Any = {**VALUES, "session": "u", "ip": "10.0.0.2"}
        assert [check_limits("send", third) is None for _ in range(2)] == [True, True]
        fourth: Any = {**VALUES, "session": "v", "ip": "10.0.0.3"}
        refusal = check_limits("send", fourth)
        assert refusal is not None
        assert refusal.dimension == "inbox"


def test_two_limits_of_one_dimension() -> None:
    with rates(send="2/s/ip, 3/d/ip"):
        passed = 0
        for _ in range(4):
            passed += passes("send", 3)
            time.sleep(1.01 - time.time() % 1)
        assert passed == 3


def test_a_new_window_starts_from_nothing() -> None:
    with rates(send="3/2s/ip"):
        time.sleep(2.01 - time.time() % 2)
        assert passes("send", 10) == 3
        refusal = check_limits("send", VALUES)
        assert refusal is not None
        time.sleep(refusal.retry_after)
        assert passes("send", 10) == 3


@pytest.mark.parametrize("period", ["1s", "7s", "m", "h", "d"])
def test_the_time_to_wait_is_the_rest_of_the_window(period: str) -> None:
    seconds = {"1s": 1, "7s": 7, "m": 60, "h": 3600, "d": 86_400}[period]
    with rates(send=f"1/{period}/ip"):
        left = seconds - time.time() % seconds
        if left < 0.5:
            time.sleep(left + 0.01)
        check_limits("send", VALUES)
        refusal = check_limits("send", VALUES)
        left = seconds - time.time() % seconds
    assert refusal is not None
    assert type(refusal.retry_after) is int
    assert 1 <= refusal.retry_after <= seconds
    assert left <= refusal.retry_after <= left + 2


def test_rates_are_read_at_each_call() -> None:
    with rates(send="1/d/ip"):
        assert passes("send", 3) == 1
    with rates(send="5/d/ip"):
        assert passes("send", 5) == 2  # three had been counted already
    with rates(send=""):
        assert passes("send", 9) == 9


def test_the_cache_holds_no_value_in_clear(settings: Any) -> None:
    values: Any = {"session": "secret-session", "ip": "203.0.113.7", "inbox": "widget-token"}
    client = getattr(cache, "client", None)
    with rates(send="5/d/session, 5/d/ip, 5/d/inbox"):
        check_limits("send", values)
    prefix = cache.make_key("")
    if client is not None:
        keys = [key.decode() for key in client.get_client().scan_iter(match=f"{prefix}*")]
    else:
        keys = list(cache._cache)
    kept = [key for key in keys if key.startswith(f"{prefix}dm:limit:send")]
    assert len(kept) == 3
    assert not any(value in key for key in kept for value in values.values())


def test_counters_go_with_their_window() -> None:
    with rates(send="5/2s/ip"):
        check_limits("send", VALUES)
    if hasattr(cache, "ttl"):
        (key,) = cache.iter_keys("dm:limit:*")
        assert 0 < cache.ttl(key) <= 7
    else:
        (key,) = [key for key in cache._cache if "dm:limit:" in key and cache.make_key("") in key]
        assert 0 < cache._expire_info[key] - time.time() <= 7


def test_limits_never_fail_open() -> None:
    pytest.importorskip("django_redis")
    down = {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    for options in ({}, {"IGNORE_EXCEPTIONS": True}):
        with (
            override_settings(CACHES={"default": {**down, "OPTIONS": options}}),
            rates(send="5/d/ip"),
            pytest.raises(Unavailable),
        ):
            check_limits("send", VALUES)


@pytest.mark.parametrize(
    "backend",
    [
        "django.core.cache.backends.locmem.LocMemCache",
        "django.core.cache.backends.redis.RedisCache",
        "django_redis.cache.RedisCache",
    ],
)
def test_every_cache_that_counts_atomically_does_it_exactly(backend: str, settings: Any) -> None:
    location = settings.CACHES["default"].get("LOCATION", "")
    if "redis" in backend and not location:
        pytest.skip("no Redis in this environment")
    caches = {**settings.CACHES["default"], "BACKEND": backend, "LOCATION": location}
    if "redis" not in backend:
        caches["LOCATION"] = "limits"
    else:
        caches.pop("OPTIONS", None)
    with override_settings(CACHES={"default": caches}), rates(send="4/d/session, 6/d/ip"):
        assert passes("send", 10) == 4
        assert passes("send", 10, session="other") == 2
