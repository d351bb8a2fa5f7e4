"""The grammar of throttle rates: ``"30/m/session, 60/m/ip, 3000/m/inbox"``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, cast, get_args

Dimension = Literal["session", "ip", "inbox"]

#: Buckets are asked in this order; a call refused by one does not count in the next.
DIMENSIONS: Final[tuple[Dimension, ...]] = get_args(Dimension)

#: Endpoints of the widget API that may have a rate of their own; all others share ``default``.
SCOPES: Final = (
    "bootstrap",
    "config",
    "end-session",
    "history",
    "identify",
    "poll",
    "rate",
    "read",
    "send",
    "stream",
    "typing",
    "default",
)

_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LIMIT: Final = re.compile(r"([1-9]\d{0,8})/([1-9]\d{0,3})?([smhd])/(session|ip|inbox)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``count`` calls per ``period`` seconds for one value of ``dimension``."""

    count: int
    period: int
    dimension: Dimension


@lru_cache(maxsize=64)
def parse_rate(rate: str) -> tuple[Limit, ...]:
    """Read a rate: limits ``count/[n]period/dimension`` joined by commas, period s, m, h or d.

    An empty rate means no limit. The limits come back in the order in which they are asked.

    Raises:
        ValueError: a part does not follow the grammar, or two parts limit the same thing.
    """
    limits = [_parse_limit(part) for part in rate.split(",")] if rate.strip() else []
    if len({(limit.dimension, limit.period) for limit in limits}) != len(limits):
        raise ValueError(f"{rate!r} limits the same dimension twice over the same period")
    return tuple(sorted(limits, key=lambda limit: DIMENSIONS.index(limit.dimension)))


def _parse_limit(part: str) -> Limit:
    found = _LIMIT.fullmatch(part.strip())
    if found is None:
        raise ValueError(f"{part.strip()!r} is not count/period/dimension, such as '30/m/session'")
    count, factor, unit, dimension = found.groups()
    return Limit(int(count), int(factor or 1) * _SECONDS[unit], cast("Dimension", dimension))
