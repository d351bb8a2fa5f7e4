"""The hub by itself: places are given back, slow readers cost little, work goes on."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from django_messenger.bus import Hint
from django_messenger.bus.memory import MemoryBus
from django_messenger.realtime.hub import MAX_PENDING, Full, Hub
from django_messenger.realtime.sse import serve, visitor_event
from django_messenger.test import override_messenger

ONE = {"session": 1}


async def never() -> Any:
    await asyncio.Event().wait()


async def broken(message: Any) -> None:
    raise OSError


def test_a_client_that_left_before_the_first_byte_frees_its_place() -> None:
    async def scenario() -> int:
        hub = Hub(MemoryBus())
        for _ in range(3):
            subscription = hub.subscribe(["c:1"], caps=ONE)
            await serve(never, broken, {}, hub, subscription, visitor_event)
        return hub.streams

    assert asyncio.run(scenario()) == 0


def test_a_stream_that_nobody_began_to_read_is_taken_out() -> None:
    async def scenario() -> tuple[int, int]:
        hub = Hub(MemoryBus())
        hub.subscribe(["c:1"], caps=ONE)
        with pytest.raises(Full):
            hub.subscribe(["c:1"], caps=ONE)
        await asyncio.sleep(2.5)
        hub.subscribe(["c:1"], caps=ONE)
        return hub.streams, len(hub._topics)

    with override_messenger(STREAM_HEARTBEAT=1):
        assert asyncio.run(scenario()) == (1, 1)


def test_a_reader_who_falls_behind_is_told_to_look_everywhere() -> None:
    async def scenario() -> tuple[int, list[Hint]]:
        hub = Hub(MemoryBus())
        subscription = hub.subscribe(["b:1"], caps={})
        for number in range(MAX_PENDING + 10):
            hub.deliver(Hint("message", number, f"id-{number}", "1", 5))
        hints = await subscription.next()
        assert hints is not None
        return len(hints), hints

    count, hints = asyncio.run(scenario())
    assert count <= MAX_PENDING
    assert any(hint.type == "resync" for hint in hints)


def test_only_the_newest_hint_about_a_conversation_waits() -> None:
    async def scenario() -> list[Hint] | None:
        hub = Hub(MemoryBus())
        subscription = hub.subscribe(["c:7"], caps={})
        for revision in (4, 5, 6):
            hub.deliver(Hint("message", 7, "id", "1", revision))
        return await subscription.next()

    assert [hint.revision for hint in asyncio.run(scenario()) or []] == [6]


def test_what_concerns_operators_only_does_not_wake_the_visitor() -> None:
    hint = Hint("message", 7, "id", "north", 3, private=True)
    assert hint.topics() == ("b:north",)
    assert Hint.decode(hint.encode()) == hint


class Slow(ThreadPoolExecutor):
    """Writes down what it is asked to do, and takes its time over nothing."""

    def __init__(self) -> None:
        super().__init__(4)
        self.asked: list[set[int]] = []

    def submit(self, work: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.asked.append(set(args[0]))
        return super().submit(time.sleep, 0.3)


def test_operators_who_come_together_are_noted_together() -> None:
    pool = Slow()

    async def scenario() -> None:
        asyncio.get_running_loop().set_default_executor(pool)
        hub = Hub(MemoryBus())
        for turn in range(3):
            for user in range(1, 101):
                hub.subscribe(["b:1"], caps={}, user=100 * turn + user)
            await asyncio.sleep(0.1)
        await asyncio.sleep(0.4)

    asyncio.run(scenario())
    # The last two hundred came while the first hundred were noted.
    assert pool.asked == [set(range(1, 101)), set(range(101, 301))]
