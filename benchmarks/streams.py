"""Many event streams held open by one client on raw sockets."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from tools.processes import HOST

_REVISION = re.compile(rb'"revision":(\d+)')

Arrival = Callable[[int, int, float], None]


class Stream(asyncio.Protocol):
    """One stream; tells ``arrived(number, revision, when)`` about every hint."""

    def __init__(self, number: int, request: bytes, arrived: Arrival | None) -> None:
        self.opened = asyncio.get_running_loop().create_future()
        self.closed = False
        self._number, self._request, self.arrived = number, request, arrived
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any
        self.transport = transport
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        if not self.opened.done():
            self.opened.set_result(data.startswith(b"HTTP/1.1 200") and b"event-stream" in data)
        data = self._rest + data
        whole, _, self._rest = data.rpartition(b"\n")
        if self.arrived is not None:
            for found in _REVISION.finditer(whole):
                self.arrived(self._number, int(found[1]), now)

    def connection_lost(self, error: Exception | None) -> None:
        self.closed = True
        if not self.opened.done():
            self.opened.set_result(False)


async def open_streams(
    port: int, requests: Sequence[bytes], arrived: Arrival | None = None
) -> list[Stream]:
    """Open a stream for each request, a hundred at a time.

    Raises:
        RuntimeError: one was not let in.
    """
    loop, streams = asyncio.get_running_loop(), list[Stream]()
    for start in range(0, len(requests), 100):
        batch = [
            Stream(number, request, arrived)
            for number, request in enumerate(requests[start : start + 100], start)
        ]
        await asyncio.gather(
            *(loop.create_connection(partial(_itself, one), HOST, port) for one in batch)
        )
        opened = await asyncio.gather(*(one.opened for one in batch))
        if not all(opened):
            raise RuntimeError(f"{opened.count(False)} of {len(batch)} streams were not let in")
        streams += batch
    return streams


def _itself(stream: Stream) -> Stream:
    return stream


async def close_streams(streams: Sequence[Stream]) -> None:
    """Hang up all of them."""
    for stream in streams:
        stream.transport.close()
    await asyncio.sleep(0.1)
