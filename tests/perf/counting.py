"""Counting what a call costs: statements in PostgreSQL, round trips to Redis."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

needs_redis = pytest.mark.skipif(
    "Redis" not in settings.CACHES["default"]["BACKEND"],
    reason="local memory has no round trips",
)
#: What a budget leaves out: the borders of transactions and the set-up of a connection.
_BORDERS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SET ")


@dataclass
class Cost:
    """What a block has cost."""

    sql: list[str] = field(default_factory=list)
    trips: list[Any] = field(default_factory=list)


@contextmanager
def measure() -> Iterator[Cost]:
    """Count in the block. What is sent to Redis in one go is one round trip."""
    cost = Cost()
    with CaptureQueriesContext(connection) as captured, _listen(cost.trips):
        yield cost
    statements = [query["sql"] for query in captured.captured_queries]
    cost.sql += [sql for sql in statements if not sql.lstrip().upper().startswith(_BORDERS)]


@contextmanager
def _listen(trips: list[Any]) -> Iterator[None]:
    try:
        from redis.connection import AbstractConnection
    except ImportError:  # an extra
        yield
        return
    send = AbstractConnection.send_packed_command

    def count(self: Any, command: Any, *args: Any, **kwargs: Any) -> Any:
        trips.append(command)
        return send(self, command, *args, **kwargs)

    with patch.object(AbstractConnection, "send_packed_command", count):
        yield
