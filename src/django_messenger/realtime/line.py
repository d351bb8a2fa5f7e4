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
    """A connection that is open, until it breaks; then another one has to be opened.

    Questions of one turn of the event loop are written together, and one clock watches over all
    that wait: a timer and a system call for each would cost more than all the rest of a question.
    """

    def __init__(self, connection: Any, seconds: float) -> None:
        self.is_open = True
        self._connection, self._seconds = connection, seconds
        self._unsent: list[bytes] = []
        self._asked = asyncio.Event()
        self._waiting: deque[tuple[float, asyncio.Future[Any]]] = deque()
        self._loop = asyncio.get_running_loop()
        self._reader = self._loop.create_task(self._read())
        self._writer = self._loop.create_task(self._write())
        self._clock: asyncio.TimerHandle | None = None

    @classmethod
    async def open(cls, *, seconds: float) -> Line:
        """Connect to the server of the session cache; ``seconds`` are the longest to wait for that
        and for each answer.

        Raises:
            RedisError, OSError, TimeoutError: it does not answer.
        """
        connection = async_client(socket_timeout=None).connection_pool.make_connection()
        async with asyncio.timeout(seconds):
            await connection.connect()
        return cls(connection, seconds)

    async def ask(self, *words: str | int) -> Any:
        """Return the answer to a command, in bytes where it is text.

        Raises:
            RedisError, OSError, TimeoutError: the server refuses it or does not answer, or the
                line broke.
        """
        if not self.is_open:
            raise ConnectionError
        answer = self._loop.create_future()
        self._waiting.append((self._loop.time() + self._seconds, answer))
        self._unsent.append(_packed(words))
        self._asked.set()
        if self._clock is None:
            self._clock = self._loop.call_later(self._seconds, self._look)
        return await answer

    def close(self) -> None:
        """Hang up; whoever still waits for an answer gets an error."""
        self.is_open = False
        self._reader.cancel()

    def _look(self) -> None:
        """Hang up if the oldest question has waited for too long: answers come in order, so all
        others are as late."""
        self._clock = None
        if not self._waiting:
            return
        until = self._waiting[0][0]
        if until > self._loop.time():
            self._clock = self._loop.call_at(until, self._look)
            return
        while self._waiting:
            self._settle(None, TimeoutError())
        self.close()

    async def _write(self) -> None:
        try:
            while await self._asked.wait():
                self._asked.clear()
                unsent, self._unsent = self._unsent, []
                await self._connection.send_packed_command(unsent, check_health=False)
        except (RedisError, OSError):
            self.close()

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
            self._writer.cancel()
            while self._waiting:
                self._settle(None, ConnectionError("The line to the cache broke."))
            await self._connection.disconnect(nowait=True)

    def _settle(self, found: Any, error: Exception | None) -> None:
        _, answer = self._waiting.popleft()
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
