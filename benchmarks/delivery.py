"""How fast a hint arrives: from commit, from publish, at one stream and at all of them."""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from benchmarks import client
from benchmarks.data import Talk
from benchmarks.servers import Server
from benchmarks.streams import Stream, close_streams, open_streams
from benchmarks.writer import CHANNEL
from tools.processes import HOST

EVENT = b'event: hint\ndata: {"revision":%d}\n\n'

#: Place of the stream and revision of the conversation.
Key = tuple[int, int]


def stream_requests(talks: Sequence[Talk], count: int) -> list[bytes]:
    """The requests that open ``count`` streams, in turn for each talk."""
    forms = [talks[number % len(talks)].form(after=0) for number in range(count)]
    return [client.head("POST", "/api/widget/stream/", form) for form in forms]


@dataclass
class Arrivals:
    """When which hint arrived, and which were awaited."""

    at: dict[Key, float] = field(default_factory=dict)
    count: int = 0

    def __call__(self, place: int, revision: int, when: float) -> None:
        self.at.setdefault((place, revision), when)
        self.count += 1


async def wait_until(met: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Wait until ``met()`` is true; tell whether it came true in time."""
    for _ in range(int(seconds / 0.002)):
        if met():
            return True
        await asyncio.sleep(0.002)
    return met()


Sender = Callable[[int], Awaitable[None]]


async def fan_out(arrivals: Arrivals, count: int, rounds: int, send: Sender) -> list[float]:
    """Send to all streams, ``rounds`` times; returns deliveries per second of each time.

    ``send(number)`` makes the server deliver a hint of that revision to every stream.
    """
    rates = []
    for number in range(1_000_000, 1_000_000 + rounds):
        arrivals.at = {}
        started = time.monotonic()
        await send(number)
        if not await wait_until(lambda: len(arrivals.at) == count):
            raise RuntimeError(f"{count - len(arrivals.at)} of {count} deliveries are missing")
        rates.append(count / (max(arrivals.at.values()) - started))
    return rates


async def raw_fan_out(server: Server, count: int, rounds: int) -> tuple[list[float], float]:
    """The floor: the raw-socket server told to send; returns the same as ``broadcast``."""
    loop = asyncio.get_running_loop()
    control: Any = (await loop.create_connection(asyncio.Protocol, HOST, server.port))[0]

    async def send(number: int) -> None:
        control.write(b"GO " + EVENT % number)

    requests = [b"POST / HTTP/1.1\r\n\r\n"] * count
    result = await _fan_out_on(server, requests, rounds, send)
    control.close()
    return result


async def broadcast(
    server: Server, talk: Talk, count: int, rounds: int
) -> tuple[list[float], float]:
    """The messenger: one hint on the bus, all streams on one conversation.

    Returns deliveries per second of each time, and the server's CPU seconds for all of them.
    """
    from django_messenger.bus import Hint, get_bus

    async def send(number: int) -> None:
        get_bus().publish(Hint("message", talk.conversation.pk, "x", "0", number))

    return await _fan_out_on(server, stream_requests([talk], count), rounds, send)


async def _fan_out_on(
    server: Server, requests: Sequence[bytes], rounds: int, send: Sender
) -> tuple[list[float], float]:
    arrivals, count = Arrivals(), len(requests)
    streams = await open_streams(server.port, requests, arrivals)
    await asyncio.sleep(0.5)
    await fan_out(arrivals, count, 2, send)
    cpu = server.cpu()
    rates = await fan_out(arrivals, count, rounds, send)
    cpu = server.cpu() - cpu
    await close_streams(streams)
    return rates, cpu


async def burst(server: Server, talks: Sequence[Talk], streams: int, count: int) -> float:
    """Send ``count`` hints back to back, each to one stream; returns how many arrive per second.

    Every conversation gets revisions of its own, so that none may be left out but by design: of
    several that wait for one stream the newest stands for all.
    """
    from django_messenger.bus import Hint, get_bus

    arrivals = Arrivals()
    opened = await open_streams(server.port, stream_requests(talks, streams), arrivals)
    await asyncio.sleep(0.5)
    newest: dict[int, int] = {}
    started, hints = time.monotonic(), []
    for number in range(2_000_000, 2_000_000 + count):
        place = random.randrange(streams)
        newest[place] = number
        hints.append(Hint("message", talks[place].conversation.pk, "x", "0", number))
    with ThreadPoolExecutor(4) as pool:
        loop = asyncio.get_running_loop()
        publish = get_bus().publish
        await asyncio.gather(*(loop.run_in_executor(pool, publish, hint) for hint in hints))
    wanted = set(newest.items())
    if not await wait_until(lambda: wanted <= arrivals.at.keys()):
        raise RuntimeError(f"{len(wanted - arrivals.at.keys())} newest hints never arrived")
    rate = arrivals.count / (max(arrivals.at.values()) - started)
    await close_streams(opened)
    return rate


async def _writer(mode: str, keys: list[int], rate: float, seconds: float) -> Any:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.writer", mode, str(rate), str(seconds),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        limit=2**26,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(keys).encode())
    process.stdin.close()
    await process.stdout.readuntil(b"ready\n")
    written = json.loads(await process.stdout.read())
    await process.wait()
    return written


async def publish_to_subscriber(rate: float, seconds: float) -> list[float]:
    """The floor of a hint: PUBLISH in one process to redis-py's subscriber in another; seconds."""
    from django_messenger.bus.redis import async_client

    arrived: dict[int, float] = {}

    async def listen() -> None:
        async with async_client(socket_timeout=5) as redis, redis.pubsub() as line:
            await line.subscribe(CHANNEL)
            while True:
                message = await line.get_message(ignore_subscribe_messages=True, timeout=1)
                if message is not None:
                    arrived[int(message["data"])] = time.monotonic()

    listener = asyncio.create_task(listen())
    written = await _writer("publish", [], rate, seconds)
    await wait_until(lambda: all(number in arrived for _, number, _ in written), 2)
    listener.cancel()
    return [arrived[number] - at for _, number, at in written]


async def commit_to_hint(
    server: Server, talks: Sequence[Talk], streams: int, rate: float, seconds: float
) -> list[float]:
    """Seconds from a message's commit to its hint at the visitor's stream.

    Raises:
        RuntimeError: a hint did not come.
    """
    arrivals = Arrivals()
    opened = await open_streams(server.port, stream_requests(talks, streams), arrivals)
    keys = [talk.conversation.pk for talk in talks[:streams]]
    written = await _writer("messages", keys, rate, seconds)
    newest = {place: revision for place, revision, _ in written}
    if not await wait_until(lambda: newest.items() <= arrivals.at.keys(), 5):
        raise RuntimeError("the hint of a newest message never arrived")
    await close_streams(opened)
    # A hint that a newer one overtook in the queue is no loss; its message came with the newer.
    seen = [(arrivals.at.get((place, revision)), at) for place, revision, at in written]
    return [there - at for there, at in seen if there is not None]


class Fetcher:
    """A visitor's client behind each stream: a hint makes it ask for the text."""

    def __init__(self, port: int, talks: Sequence[Talk], connections: int = 8) -> None:
        self._port, self._talks, self._connections = port, talks, connections
        self._wanted: asyncio.Queue[int] = asyncio.Queue()
        self._cursors = [talk.conversation.revision for talk in talks]
        self.at: dict[Key, float] = {}

    def __call__(self, place: int, revision: int, when: float) -> None:
        self._wanted.put_nowait(place)

    async def run(self) -> None:
        await asyncio.gather(*(self._fetch() for _ in range(self._connections)))

    async def _fetch(self) -> None:
        reader, writer = await asyncio.open_connection(HOST, self._port)
        while True:
            place = await self._wanted.get()
            body = self._talks[place].form(after=self._cursors[place])
            writer.write(client.head("POST", "/api/widget/poll/", body))
            answer = b""
            while not client.is_whole(answer):
                answer += await reader.read(65536)
            now = time.monotonic()
            data = json.loads(answer[answer.index(b"{") : answer.rindex(b"}") + 1])
            for message in data["messages"]:
                self.at.setdefault((place, message["revision"]), now)
            self._cursors[place] = max(self._cursors[place], data["cursor"])


async def commit_to_text(
    server: Server, talks: Sequence[Talk], streams: int, rate: float, seconds: float
) -> list[float]:
    """Seconds from a message's commit to its text at the visitor, who asks after the hint.

    Raises:
        RuntimeError: a text did not come.
    """
    await asyncio.to_thread(_refresh, talks[:streams])
    fetcher = Fetcher(server.port, talks[:streams])
    opened: list[Stream] = await open_streams(server.port, stream_requests(talks, streams), fetcher)
    fetching = asyncio.create_task(fetcher.run())
    keys = [talk.conversation.pk for talk in talks[:streams]]
    written = await _writer("messages", keys, rate, seconds)
    wanted = {(place, revision) for place, revision, _ in written}
    if not await wait_until(lambda: wanted <= fetcher.at.keys(), 10):
        raise RuntimeError(f"{len(wanted - fetcher.at.keys())} texts never arrived")
    fetching.cancel()
    await close_streams(opened)
    return [fetcher.at[place, revision] - at for place, revision, at in written]


def _refresh(talks: Sequence[Talk]) -> None:
    from django.db import connection

    for talk in talks:
        talk.conversation.refresh_from_db(fields=["revision"])
    connection.close()
