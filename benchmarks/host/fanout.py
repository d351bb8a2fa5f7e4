"""The floor of delivery: a raw-socket server that hands one line to every connection.

What a connection asks for is not looked at; the connection that says ``GO`` makes all others get
the event, as the bytes that the messenger would send.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from tools.processes import HOST

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: open\n\n"
_connections: set[Any] = set()


class Reader(asyncio.Protocol):
    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if data.startswith(b"POST"):
            _connections.add(self._transport)
            self._transport.write(_HEAD)
            return
        event = data.removeprefix(b"GO ")
        for transport in _connections:
            transport.write(event)

    def connection_lost(self, error: Exception | None) -> None:
        _connections.discard(self._transport)


async def main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Reader, HOST, port, backlog=10_000)
    await server.serve_forever()


if __name__ == "__main__":
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(int(sys.argv[1])))
