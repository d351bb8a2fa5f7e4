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
from typing import TYPE_CHECKING, Any, Final

from django_messenger import store
from django_messenger.conf import conf
from django_messenger.rates import Dimension, Limit, parse_rate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: All buckets in one round trip; returns the 1-based place of the one that refused, or 0.
SCRIPT: Final = """
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
    plan = Plan.make(scope, values)
    return plan.verdict(count_plan(plan))


def count_plan(plan: Plan) -> int:
    """Count a call in its buckets; return the 1-based place of the one that refuses it, or 0."""
    if not plan.limits:
        return 0
    client = store.redis_client()
    return _count_each(plan) if client is None else _count_script(client, plan)


@dataclass(frozen=True, slots=True)
class Plan:
    """The buckets of one call, in the order in which they are asked."""

    limits: Sequence[Limit]
    keys: Sequence[str]
    now: float

    @classmethod
    def make(cls, scope: str, values: Mapping[Dimension, str]) -> Plan:
        """Find the buckets of a call to ``scope``."""
        rates, now = conf.THROTTLE_RATES, time.time()
        name = scope if scope in rates else "default"
        limits = [limit for limit in parse_rate(rates[name]) if limit.dimension in values]
        keys = [_key(name, limit, values[limit.dimension], now) for limit in limits]
        return cls(limits, keys, now)

    def script_arguments(self) -> list[int]:
        """Return the arguments of ``SCRIPT`` for these buckets."""
        return [number for limit in self.limits for number in (limit.count, limit.period + 5)]

    def verdict(self, place: int) -> Refusal | None:
        """Return what the 1-based place of a full bucket means; 0 is none."""
        if not place:
            return None
        full = self.limits[place - 1]
        return Refusal(full.dimension, max(1, math.ceil(full.period - self.now % full.period)))


def _key(scope: str, limit: Limit, value: str, now: float) -> str:
    digest = hashlib.sha256(value.encode()).hexdigest()[:32]
    window = int(now // limit.period)
    return f"dm:limit:{scope}:{limit.dimension}:{limit.period}:{digest}:{window}"


def _count_each(plan: Plan) -> int:
    for place, (key, limit) in enumerate(zip(plan.keys, plan.limits, strict=True), start=1):
        if store.count(key, seconds=limit.period + 5) > limit.count:
            return place
    return 0


def _count_script(client: Any, plan: Plan) -> int:
    keys = [store.full_key(key) for key in plan.keys]
    with store.guarded():
        return int(client.register_script(SCRIPT)(keys=keys, args=plan.script_arguments()))
