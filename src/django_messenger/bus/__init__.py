"""Hints: "this conversation has changed", carried between processes, without any content.

A hint is only a reason to look: data is always read from PostgreSQL by cursor, so a hint that is
lost, doubled or late does no harm.
"""

from __future__ import annotations

from functools import lru_cache

from django_messenger import store
from django_messenger.bus.base import Bus, Hint, HintType
from django_messenger.conf import conf, import_option

__all__ = ["Bus", "Hint", "HintType", "get_bus"]


def get_bus() -> Bus:
    """Return the bus that ``MESSENGER["BUS"]`` names; one per process.

    ``"auto"`` is Redis publish/subscribe where the session cache is Redis or Valkey, else
    PostgreSQL's ``LISTEN``.
    """
    name = conf.BUS
    if name != "auto":
        return _make(import_option("BUS"))
    from django_messenger.bus.postgres import PostgresBus
    from django_messenger.bus.redis import RedisBus

    return _make(PostgresBus if store.redis_client() is None else RedisBus)


@lru_cache(maxsize=8)
def _make(kind: type[Bus]) -> Bus:
    return kind()
