"""Hints over PostgreSQL ``LISTEN`` and ``NOTIFY``: no further server is needed."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Any, Final

import psycopg
from django.db import connections, router

from django_messenger.bus.base import Bus, Hint
from django_messenger.models import Message

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

#: What Django adds to the parameters of a connection and psycopg does not know.
_DJANGO_ONLY: Final = frozenset(
    {"context", "cursor_factory", "server_side_binding", "pool", "isolation_level"}
)
_QUIET: Final = 10
_PATIENCE: Final = 5


class PostgresBus(Bus):
    """The default where there is no Redis.

    ``NOTIFY`` goes out in a statement of its own after the commit: inside the writing transaction
    it would line up all commits of the server behind one lock.
    """

    def publish(self, hint: Hint) -> None:
        with connections[_alias()].cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [_channel(), hint.encode()])

    async def listen(self) -> AsyncIterator[Hint]:
        # The hub calls from an event loop; a connection of its own, outside any pool of Django's.
        line = await psycopg.AsyncConnection.connect(**line_parameters(), autocommit=True)
        async with line:
            await line.execute(f"LISTEN {_channel()}")
            yield Hint("resync")
            while True:
                async for notification in line.notifies(timeout=_QUIET):
                    yield Hint.decode(notification.payload)
                async with asyncio.timeout(_PATIENCE):
                    await line.execute("SELECT 1")


def line_parameters() -> dict[str, Any]:
    """Return what psycopg needs for a connection of its own to the messenger's database."""
    parameters: dict[str, Any] = connections[_alias()].get_connection_params()
    return {name: value for name, value in parameters.items() if name not in _DJANGO_ONLY}


def _alias() -> str:
    return router.db_for_write(Message)


def _channel() -> str:
    """Name the channel: channels belong to a database, so one name per table set is enough."""
    return "dm_" + hashlib.sha256(Message._meta.db_table.encode()).hexdigest()[:8]
