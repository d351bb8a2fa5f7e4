"""Hints within one process: for tests and ``runserver``. And no hints at all."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

from django_messenger.bus.base import Bus, Hint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

Line = tuple[asyncio.AbstractEventLoop, "asyncio.Queue[Hint]"]


class MemoryBus(Bus):
    """Reaches only the streams of the process that wrote."""

    def __init__(self) -> None:
        self._lines: set[Line] = set()
        self._lock = threading.Lock()

    def publish(self, hint: Hint) -> None:
        with self._lock:
            lines = list(self._lines)
        for loop, queue in lines:
            loop.call_soon_threadsafe(queue.put_nowait, hint)

    async def listen(self) -> AsyncIterator[Hint]:
        line: Line = (asyncio.get_running_loop(), asyncio.Queue())
        with self._lock:
            self._lines.add(line)
        try:
            yield Hint("resync")
            while True:
                yield await line[1].get()
        finally:
            with self._lock:
                self._lines.discard(line)


class NoBus(Bus):
    """Carries nothing: every client polls."""

    pushes = False

    def publish(self, hint: Hint) -> None:
        pass

    async def listen(self) -> AsyncIterator[Hint]:
        return
        yield  # makes this a generator
