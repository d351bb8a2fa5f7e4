"""A load client on raw sockets: HTTP/1.1 with keep-alive, as little as will do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tools.processes import HOST

T = TypeVar("T")

FORM = "application/x-www-form-urlencoded"


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run in the fastest event loop there is, so that the client is not what is measured."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(work)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def head(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """A request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}"]
    if body:
        lines += [f"Content-Type: {FORM}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass
class Load:
    """What a load test saw; latencies in seconds."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    failed: int = 0

    @property
    def rate(self) -> float:
        """Good answers per second."""
        return len(self.latencies) / self.seconds


class Asker(asyncio.Protocol):
    """One connection that asks, waits for the answer and asks again."""

    def __init__(self, next_request: Callable[[], bytes | None], load: Load) -> None:
        self.done = asyncio.get_running_loop().create_future()
        self._next, self._load = next_request, load
        self._buffer, self._asked_at = b"", 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        self._ask()

    def _ask(self) -> None:
        request = self._next()
        if request is None:
            self._transport.close()
            return
        self._asked_at = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not is_whole(self._buffer):
            return
        if self._buffer[9:10] == b"2":
            self._load.latencies.append(time.perf_counter() - self._asked_at)
        else:
            self._load.failed += 1
        self._buffer = b""
        self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        if self._buffer:
            self._load.failed += 1
        if not self.done.done():
            self.done.set_result(None)


def is_whole(answer: bytes) -> bool:
    """Whether an answer has arrived to its end."""
    top, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        return False
    lower = top.lower()
    place = lower.find(b"\r\ncontent-length:")
    if place >= 0:
        return len(body) >= int(lower[place + 17 :].split(b"\r\n", 1)[0])
    if b"\r\ntransfer-encoding: chunked" in lower:
        return has_last_chunk(body)
    return lower.startswith((b"http/1.1 204", b"http/1.1 304"))


def has_last_chunk(body: bytes) -> bool:
    """Whether a chunked body has come to its end. What its text looks like does not matter."""
    place = 0
    while (end := body.find(b"\r\n", place)) >= 0:
        size = int(body[place:end].split(b";")[0], 16)
        if size == 0:
            return body.startswith(b"\r\n", end + 2)
        place = end + 2 + size + 2
    return False


async def load(
    port: int, make_request: Callable[[], bytes], *, connections: int, seconds: float
) -> Load:
    """Keep ``connections`` busy for ``seconds``: each asks again once it has its answer."""
    until = time.perf_counter() + seconds
    return await _ask(
        port, lambda: make_request() if time.perf_counter() < until else None, connections
    )


async def exhaust(port: int, requests: Sequence[bytes], *, connections: int) -> Load:
    """Send all requests, ``connections`` at a time."""
    left = iter(requests)
    return await _ask(port, lambda: next(left, None), connections)


async def _ask(port: int, next_request: Callable[[], bytes | None], connections: int) -> Load:
    result, loop = Load(), asyncio.get_running_loop()
    started = time.perf_counter()
    askers = [
        (await loop.create_connection(lambda: Asker(next_request, result), HOST, port))[1]
        for _ in range(connections)
    ]
    await asyncio.gather(*(asker.done for asker in askers))
    result.seconds = time.perf_counter() - started
    return result
