"""Whether the database answers: a visitor hears at once that it does not, and nobody piles up.

A database that is frozen, or a pool that waits for one that is gone, keeps a request for as long as
its drivers please. Slow is not dead, though, so nothing is cut off by the clock alone: a request
that waits has the database asked, over a connection of its own. As long as there is no answer,
further requests are refused before they take a thread.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, TypeVar
from weakref import WeakKeyDictionary

import psycopg

from django_messenger.bus.postgres import line_parameters
from django_messenger.exceptions import Unavailable

T = TypeVar("T")

if TYPE_CHECKING:
    Work = asyncio.Future[T]

#: Seconds that a request may wait before the database is asked.
_PATIENCE: Final = 1.0
#: How often, after how many seconds each, it is looked whether the database has answered. That is
#: half a second, and longer in a process that is itself too busy to take its turns in time.
_LOOKS: Final = 20
_LOOK: Final = 0.025


class Pulse:
    """What one event loop knows of the database.

    Attributes:
        is_down: it did not answer when asked last.
    """

    def __init__(self) -> None:
        self.is_down = False
        self._probe: asyncio.Task[bool] | None = None
        self._watch: asyncio.Task[None] | None = None

    async def accompany(self, work: Work[T]) -> T:
        """Wait for work that needs the database.

        Raises:
            Unavailable: the database does not answer. The work goes on by itself.
        """
        while not (await asyncio.wait((work,), timeout=_PATIENCE))[0]:
            if not await self._beats():
                raise Unavailable
        return work.result()

    async def _beats(self) -> bool:
        """Ask the database, once for all who want to know at the same time."""
        if self._probe is None or self._probe.done():
            self._probe = asyncio.create_task(_answers())
        self.is_down = not await asyncio.shield(self._probe)
        if self.is_down and (self._watch is None or self._watch.done()):
            self._watch = asyncio.create_task(self._wait_until_it_is_back())
        return not self.is_down

    async def _wait_until_it_is_back(self) -> None:
        while self.is_down:
            await asyncio.sleep(_LOOKS * _LOOK)
            self.is_down = not await _answers()


async def _answers() -> bool:
    """Tell whether the database lets us in.

    That is enough; a statement that is given up would first be cancelled at length.
    """
    door = asyncio.create_task(_knock())
    for _ in range(_LOOKS):
        if (await asyncio.wait((door,), timeout=_LOOK))[0]:
            return door.result()
    door.cancel()
    return False


async def _knock() -> bool:
    try:
        line = await psycopg.AsyncConnection.connect(**line_parameters())
        await line.close()
    except (psycopg.Error, OSError):
        return False
    return True


_pulses: WeakKeyDictionary[asyncio.AbstractEventLoop, Pulse] = WeakKeyDictionary()


def get_pulse() -> Pulse:
    """Return the pulse of the running event loop."""
    loop = asyncio.get_running_loop()
    pulse = _pulses.get(loop)
    if pulse is None:
        pulse = _pulses[loop] = Pulse()
    return pulse
