"""One hub per process: a single line to the bus, fanned out to every open stream.

It lives in the event loop of the server. A subscription keeps only the newest hint per
conversation, so a reader that is slow costs a bounded amount of memory and misses nothing that
asking by cursor would not bring back.
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
import time
from collections import Counter, defaultdict
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from django_messenger import store
from django_messenger.bus import Bus, Hint, get_bus
from django_messenger.bus.base import conversation_topic
from django_messenger.conf import conf
from django_messenger.exceptions import Unavailable
from django_messenger.services.attendance import attend_streams
from django_messenger.services.freshness import mark_key, revision_of_mark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

logger = logging.getLogger("django_messenger")

#: More waiting hints than this become a single ``resync``.
MAX_PENDING: Final = 256
_CHUNK: Final = 500
#: A try costs one connection; the longer it waits, the longer nobody hears anything.
_LONGEST_PAUSE: Final = 3.0
#: A line to the bus that has lived this long starts again with the shortest pause.
_STEADY: Final = 60.0


class Full(Exception):
    """A cap on open streams is reached; the client polls instead."""


class Subscription:
    """One open stream: the hints that wait to be sent, newest per conversation and type."""

    __slots__ = (
        "_beat",
        "_closed",
        "_listener",
        "_pending",
        "counted",
        "ends_at",
        "is_old",
        "revision",
        "started",
        "topics",
        "user",
    )

    def __init__(
        self,
        topics: Iterable[str],
        counted: Iterable[str],
        life: float,
        revision: int,
        user: Any = None,
    ) -> None:
        self.topics = tuple(topics)
        self.counted = tuple(counted)
        self.ends_at = time.monotonic() + life
        self.revision = revision
        self.user = user  # primary key of the operator who holds it
        self.is_old = False  # has seen a heartbeat
        self.started = False  # somebody has begun to read
        self._pending: dict[Any, Hint] = {}
        self._listener: Callable[[], None] | None = None
        self._beat = False
        self._closed = False

    def offer(self, hint: Hint) -> None:
        """Let a hint wait; an older one about the same thing gives way."""
        if len(self._pending) >= MAX_PENDING:
            self._pending = {"resync": Hint("resync")}
        elif hint.type == "resync":
            self._pending["resync"] = hint
        else:
            self._pending[hint.type, hint.conversation_id] = hint
        self.revision = hint.revision or self.revision
        self._wake()

    def beat(self) -> None:
        """Ask for a sign of life on the wire."""
        self._beat = True
        self._wake()

    def close(self) -> None:
        """End the stream after what waits has been sent."""
        self._closed = True
        self._wake()

    def listen(self, wake: Callable[[], None] | None) -> None:
        """Have ``wake`` called, at once or later, whenever there is something to do."""
        self._listener = wake
        if self._pending or self._beat or self._closed:
            self._wake()

    def take(self) -> list[Hint] | None:
        """Return the hints that wait: a list, empty for a heartbeat; None if there is nothing."""
        if not (self._pending or self._beat):
            return None
        hints, self._pending, self._beat = list(self._pending.values()), {}, False
        return hints

    @property
    def is_over(self) -> bool:
        """Whether the stream ends as soon as nothing waits any more."""
        return self._closed

    async def next(self) -> list[Hint] | None:
        """Wait for hints, as ``take`` returns them; None when the stream is over."""
        while (hints := self.take()) is None and not self._closed:
            woken = asyncio.get_running_loop().create_future()
            self.listen(partial(_once, woken))
            await woken
        return hints

    def _wake(self) -> None:
        if self._listener is not None:
            self._listener()


def _once(woken: asyncio.Future[None]) -> None:
    if not woken.done():
        woken.set_result(None)


class Hub:
    """Subscriptions by topic, fed by one listener and kept alive by one timer."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self._topics: defaultdict[str, set[Subscription]] = defaultdict(set)
        self._counts: Counter[str] = Counter()
        self._name = f"stream-{secrets.token_hex(8)}"
        self._present: set[Any] = set()
        self._unnoted: set[Any] = set()
        self._open: set[Subscription] = set()
        self._tasks: dict[str, asyncio.Task[None]] = {}

    @property
    def streams(self) -> int:
        """How many streams are open."""
        return len(self._open)

    def subscribe(
        self,
        topics: Iterable[str],
        *,
        caps: Mapping[str, int],
        revision: int = 0,
        user: Any = None,
    ) -> Subscription:
        """Open a subscription.

        Args:
            topics: what it wants to hear of.
            revision: what the reader knows already.
            user: primary key of the operator who reads: they are there while it is open.
            caps: how many streams each of these names may hold, such as ``{"ip:…": 10}``.

        Raises:
            Full: a cap, or that of the process, is reached.
        """
        if self.streams >= conf.STREAMS_PER_PROCESS or not self.bus.pushes:
            raise Full
        if any(self._counts[name] >= most for name, most in caps.items()):
            raise Full
        # Lives differ, so that the streams of a restarted server do not all return at once.
        life = conf.STREAM_LIFE * random.uniform(0.75, 1.0)  # noqa: S311
        subscription = Subscription(topics, caps, life, revision, user)
        self._open.add(subscription)
        self._counts.update(subscription.counted)
        for topic in subscription.topics:
            self._topics[topic].add(subscription)
        self._start()
        if user is not None and user not in self._present:
            self._note_presence({user})
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """Take a subscription out; nothing happens if it is out already."""
        if subscription not in self._open:
            return
        self._open.discard(subscription)
        self._counts.subtract(subscription.counted)
        self._counts = +self._counts if len(self._counts) > 2 * len(self._open) else self._counts
        for topic in subscription.topics:
            waiting = self._topics[topic]
            waiting.discard(subscription)
            if not waiting:
                del self._topics[topic]

    def deliver(self, hint: Hint) -> None:
        """Hand a hint to everybody whom it concerns."""
        if hint.type == "resync":
            for subscription in self._open:
                subscription.offer(hint)
            return
        for topic in hint.topics():
            for subscription in self._topics.get(topic, ()):
                subscription.offer(hint)
                if hint.type == "revoke":
                    subscription.close()

    def _start(self) -> None:
        for name, work in (("listen", self._listen_for_ever), ("beat", self._keep_alive)):
            task = self._tasks.get(name)
            if task is None or task.done():
                self._tasks[name] = asyncio.create_task(work(), name=f"messenger-{name}")

    async def _listen_for_ever(self) -> None:
        pause = 0.5
        while True:
            started = time.monotonic()
            try:
                async with aclosing(self.bus.listen()) as hints:  # type: ignore[type-var]
                    async for hint in hints:
                        self.deliver(hint)
            except Exception as error:
                logger.warning("The line to the bus broke: %s", type(error).__name__)
            if time.monotonic() - started > _STEADY:
                pause = 0.5
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311
            pause = min(_LONGEST_PAUSE, pause * 2)

    async def _keep_alive(self) -> None:
        while True:
            pause = conf.STREAM_HEARTBEAT
            await asyncio.sleep(pause)
            try:
                await self._heal()
            except Exception:
                logger.exception("Lost hints could not be looked for")
            for subscription in list(self._open):
                self._look_after(subscription, time.monotonic(), pause)
            self._present.clear()
            self._note_presence({one.user for one in self._open} - {None})

    def _look_after(self, subscription: Subscription, now: float, pause: float) -> None:
        """Let a stream beat or end; take out one whose request was cancelled before it began."""
        abandoned = subscription.is_old and not subscription.started
        if abandoned or now >= subscription.ends_at + pause:
            self.unsubscribe(subscription)
        elif now >= subscription.ends_at:
            subscription.close()
        else:
            subscription.is_old = True
            subscription.beat()

    def _note_presence(self, users: set[Any]) -> None:
        """Renew the leases of operators, as often as streams beat."""
        self._present |= users
        self._unnoted |= users
        task = self._tasks.get("presence")
        if self._unnoted and (task is None or task.done()):
            self._tasks["presence"] = asyncio.create_task(
                self._tell_presence(), name="messenger-presence"
            )

    async def _tell_presence(self) -> None:
        """Note who is there, with one call at a time: those who come meanwhile go together, and a
        slow database holds one thread, not all."""
        loop = asyncio.get_running_loop()
        while self._unnoted:
            users, self._unnoted = self._unnoted, set()
            await loop.run_in_executor(None, attend_streams, users, self._name)

    async def _heal(self) -> None:
        """Send again what a lost hint would have said: the marks tell the latest revisions."""
        ids = [int(topic[2:]) for topic in self._topics if topic.startswith("c:")]
        loop = asyncio.get_running_loop()
        for start in range(0, len(ids), _CHUNK):
            keys = {mark_key(number): number for number in ids[start : start + _CHUNK]}
            try:
                marks = await loop.run_in_executor(None, store.get_many, list(keys))
            except Unavailable:
                return
            for key, mark in marks.items():
                self._offer_missed(keys[key], revision_of_mark(mark))

    def _offer_missed(self, conversation_id: int, revision: int) -> None:
        for subscription in self._topics.get(conversation_topic(conversation_id), ()):
            if revision > subscription.revision:
                subscription.offer(Hint("message", conversation_id, revision=revision))


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def get_hub() -> Hub:
    """Return the hub of the running event loop."""
    loop = asyncio.get_running_loop()
    hub = _hubs.get(loop)
    bus = get_bus()
    if hub is None or hub.bus is not bus:
        hub = _hubs[loop] = Hub(bus)
    return hub
