"""Throttles: fixed windows aligned to the clock, exact under concurrency.

The number of the window is part of the key, so a counter can neither be prolonged by use nor
outlive its window. Buckets are asked in the order session, ip, inbox, and a call that one of them
refuses does not count in the next.
"""

from __future__ import annotations

import hashlib
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django_messenger import store
from django_messenger.conf import conf
from django_messenger.rates import Dimension, Limit, parse_rate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: All buckets in one round trip; returns the 1-based place of the one that refused, or 0.
_SCRIPT: Final = """
for i, key in ipairs(KEYS) do
    local n = redis.call('INCR', key)
    if n == 1 then redis.call('EXPIRE', key, ARGV[2 * i]) end
    if n > tonumber(ARGV[2 * i - 1]) then return i end
end
return 0
"""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Which dimension is full, and for how many seconds (at least 1)."""

    dimension: Dimension
    retry_after: int


def check_limits(scope: str, values: Mapping[Dimension, str]) -> Refusal | None:
    """Count a call to ``scope`` and tell whether a bucket refuses it.

    Args:
        scope: endpoint name; one without a rate of its own shares ``default``.
        values: what stands for each dimension in this call; limits of others are skipped.

    Raises:
        Unavailable: the cache cannot be reached; limits never fail open.
    """
    rates = conf.THROTTLE_RATES
    name = scope if scope in rates else "default"
    limits = [limit for limit in parse_rate(rates[name]) if limit.dimension in values]
    if not limits:
        return None
    now = time.time()
    keys = [_key(name, limit, values[limit.dimension], now) for limit in limits]
    client = store.redis_client()
    full = _count_each(keys, limits) if client is None else _count_script(client, keys, limits)
    if full is None:
        return None
    period = full.period
    return Refusal(full.dimension, max(1, math.ceil(period - now % period)))


def _key(scope: str, limit: Limit, value: str, now: float) -> str:
    digest = hashlib.sha256(value.encode()).hexdigest()[:32]
    window = int(now // limit.period)
    return f"dm:limit:{scope}:{limit.dimension}:{limit.period}:{digest}:{window}"


def _count_each(keys: Sequence[str], limits: Sequence[Limit]) -> Limit | None:
    for key, limit in zip(keys, limits, strict=True):
        if store.count(key, seconds=limit.period + 5) > limit.count:
            return limit
    return None


def _count_script(client: object, keys: Sequence[str], limits: Sequence[Limit]) -> Limit | None:
    arguments = [number for limit in limits for number in (limit.count, limit.period + 5)]
    with store.guarded():
        script = client.register_script(_SCRIPT)  # type: ignore[attr-defined]
        place = int(script(keys=[store.full_key(key) for key in keys], args=arguments))
    return limits[place - 1] if place else None
