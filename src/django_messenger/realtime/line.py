"""One connection to Redis or Valkey for all questions of an event loop.

Questions go out as they come, and answers come back in their order: none waits for a connection to
be free, and those that come together share the cost of writing and reading.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any

from redis.exceptions import RedisError, ResponseError

from django_messenger.bus.redis import async_client

if TYPE_CHECKING:
    from collections.abc import Sequence


class Line:
    """A connection that is open, until it breaks; then another one has to be opened."""

    def __init__(self, connection: Any) -> None:
        self.is_open = True
        self._connection = connection
        self._waiting: deque[asyncio.Future[Any]] = deque()
        self._reader = asyncio.get_running_loop().create_task(self._read())

    @classmethod
    async def open(cls, *, seconds: float) -> Line:
        """Connect to the server of the session cache.

        Raises:
            RedisError, OSError, TimeoutError: it does not answer.
        """
        connection = async_client(socket_timeout=None).connection_pool.make_connection()
        async with asyncio.timeout(seconds):
            await connection.connect()
        return cls(connection)

    async def ask(self, *words: str | int) -> Any:
        """Return the answer to a command, in bytes where it is text.

        Raises:
            RedisError, OSError: the server refuses it, or the line broke.
        """
        if not self._connection.is_connected:
            raise ConnectionError
        answer = asyncio.get_running_loop().create_future()
        self._waiting.append(answer)
        await self._connection.send_packed_command(_packed(words), check_health=False)
        return await answer

    def close(self) -> None:
        """Hang up; whoever still waits for an answer gets an error."""
        self._reader.cancel()

    async def _read(self) -> None:
        try:
            while True:
                try:
                    found, error = await self._connection.read_response(), None
                except ResponseError as refusal:
                    found, error = None, refusal
                self._settle(found, error)
        except (RedisError, OSError):
            return
        finally:
            self.is_open = False
            while self._waiting:
                self._settle(None, ConnectionError("The line to the cache broke."))
            await self._connection.disconnect(nowait=True)

    def _settle(self, found: Any, error: Exception | None) -> None:
        answer = self._waiting.popleft()
        if answer.done():  # nobody waits any more
            return
        if error is None:
            answer.set_result(found)
        else:
            answer.set_exception(error)


def _packed(words: Sequence[str | int]) -> bytes:
    """Return a command as it goes over the wire."""
    encoded = [str(word).encode() for word in words]
    parts = [b"$%d\r\n%b\r\n" % (len(word), word) for word in encoded]
    return b"*%d\r\n" % len(parts) + b"".join(parts)
