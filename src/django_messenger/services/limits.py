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

#: Reads values and counts in buckets, all in one round trip. The keys of the buckets, each with
#: its limit and period among the arguments, come first, then those to read. Returns the 1-based
#: place of the bucket that refused, or 0, and the values.
SCRIPT: Final = """
local buckets, place = #ARGV / 2, 0
for i = 1, buckets do
    local n = redis.call('INCR', KEYS[i])
    if n == 1 then redis.call('EXPIRE', KEYS[i], ARGV[2 * i]) end
    if n > tonumber(ARGV[2 * i - 1]) then place = i break end
end
local answer = {place}
for i = buckets + 1, #KEYS do answer[#answer + 1] = redis.call('GET', KEYS[i]) end
return answer
"""
SHA: Final = hashlib.sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()


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
    return plan.verdict(read_and_count([], plan)[1])


def read_and_count(keys: Sequence[str], plan: Plan) -> tuple[list[Any], int]:
    """Read keys and count a call, on Redis in one round trip.

    Returns:
        The values in the order of the keys, None for those missing; and the 1-based place of
        the bucket that refuses the call, or 0.

    Raises:
        Unavailable: the cache cannot be reached.
    """
    client = store.redis_client() if plan.limits else None
    if client is None:
        found = store.get_many(keys) if keys else {}
        return [found.get(key) for key in keys], _count_each(plan)
    with store.guarded():
        return plan.read_answer(_run(client, plan.script_arguments(keys)))


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

    def script_arguments(self, keys: Sequence[str]) -> list[Any]:
        """Return what ``SCRIPT`` takes to count here and read ``keys``."""
        names = store.full_keys([*self.keys, *keys])
        numbers = [number for limit in self.limits for number in (limit.count, limit.period + 5)]
        return [len(names), *names, *numbers]

    @staticmethod
    def read_answer(answer: Sequence[Any]) -> tuple[list[Any], int]:
        """Return what ``SCRIPT`` answered: the values read, and a place for ``verdict``."""
        decode = store.decoder()
        return [decode(value) for value in answer[1:]], int(answer[0])

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


def _run(client: Any, arguments: Sequence[Any]) -> Any:
    from redis.exceptions import NoScriptError

    try:
        return store.ask(client, ("EVALSHA", SHA, *arguments))[0]
    except NoScriptError:  # a server that has been restarted
        return store.ask(client, ("EVAL", SCRIPT, *arguments))[0]
