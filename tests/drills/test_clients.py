"""Clients that stop half-way, never read or vanish: their places come back, others keep theirs."""

from __future__ import annotations

import ctypes
import socket
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

from tests.drills.people import Operator, Visitor, form_request
from tests.drills.stores import Stores
from tests.drills.world import UNLIMITED, WIDGET, Server
from tools.processes import HOST

pytestmark = pytest.mark.slow

#: Within so many seconds the place of a client that has gone is free again.
FREED = 30
_ATTACH_FILTER = getattr(socket, "SO_ATTACH_FILTER", 26)
_DROP = struct.pack("HBBI", 0x06, 0, 0, 0)  # one instruction: return 0, keep nothing of a packet

StartServer = Callable[..., Server]


@pytest.fixture
def start_server(stores: Stores, shared_server: Server, tmp_path: Path) -> Iterator[StartServer]:
    """Start another server on the same stores; options as in ``MESSENGER``."""
    servers: list[Server] = []

    def start(**options: Any) -> Server:
        given = {"THROTTLE_RATES": UNLIMITED["THROTTLE_RATES"], **options}
        servers.append(Server(tmp_path / f"{len(servers)}.log", stores.env, given))
        servers[-1].start()
        return servers[-1]

    yield start
    for each in servers:
        each.stop()


@pytest.fixture
def wires() -> Iterator[list[socket.socket]]:
    """Sockets that are closed in the end."""
    found: list[socket.socket] = []
    yield found
    for wire in found:
        wire.close()


def connect(server: Server, request: bytes, *, address: str = HOST, room: int = 0) -> socket.socket:
    """Send a request from an address; ``room`` is the size of the kernel's buffer for answers."""
    wire = socket.socket()
    if room:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    wire.settimeout(10)
    wire.bind((address, 0))
    wire.connect((HOST, server.port))
    wire.sendall(request)
    return wire


def gets_a_stream(wire: socket.socket) -> bool:
    """Read the beginning of the answer; tell whether it is a stream."""
    head = b""
    while b"\r\n\r\n" not in head:
        data = wire.recv(1000)
        assert data
        head += data
    assert b" 200 " in head[:20], head
    return b"event-stream" in head


def vanish(wire: socket.socket) -> None:
    """Let nothing in any more, as a cut cable would: the kernel acknowledges nothing."""
    program = ctypes.create_string_buffer(_DROP)
    filter_of_one = struct.pack("HL", 1, ctypes.addressof(program))
    wire.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, filter_of_one)


def make_visitors(server: Server, count: int) -> list[Visitor]:
    visitors = [Visitor(server.port, WIDGET, f"client {number}") for number in range(count)]
    for visitor in visitors:
        visitor.boot()
    return visitors


def stream_of(visitor: Visitor) -> bytes:
    return form_request("/api/widget/stream/", visitor.tokens)


def test_300_that_vanish_or_stop_half_way(
    start_server: StartServer, wires: list[socket.socket]
) -> None:
    most = 200
    lifted = {"STREAMS_PER_SESSION": 1000, "STREAMS_PER_IP": 1000}
    server = start_server(STREAMS_PER_PROCESS=most, **lifted)
    request = stream_of(make_visitors(server, 1)[0])
    for _ in range(most):
        wires.append(connect(server, request))
        assert gets_a_stream(wires[-1])
    half_heads = [connect(server, request[:60]) for _ in range(50)]
    half_bodies = [connect(server, request[:-5]) for _ in range(50)]
    wires += half_heads + half_bodies
    assert not gets_a_stream(connect_and_keep(server, request, wires))
    for wire in wires[:most]:
        vanish(wire)
    gone = time.monotonic()
    for wire in half_bodies:
        wire.settimeout(15)
        assert b" 400 " in wire.recv(1000)[:20]
    assert make_visitors(server, 1)[0].poll(0)["messages"] == []
    time.sleep(max(0.0, gone + FREED - time.monotonic()))
    again = [connect_and_keep(server, request, wires) for _ in range(most)]
    assert all(gets_a_stream(wire) for wire in again)


def connect_and_keep(server: Server, request: bytes, wires: list[socket.socket]) -> socket.socket:
    wires.append(connect(server, request))
    return wires[-1]


def test_300_that_never_read_keep_nobody_else_out(
    start_server: StartServer, wires: list[socket.socket]
) -> None:
    """A kernel that buffers looks like a reader; the caps are what holds it in bounds."""
    server = start_server()
    sessions = make_visitors(server, 100)
    hostile = [f"127.0.0.{number}" for number in range(2, 7)]
    for number in range(300):
        address = hostile[number % len(hostile)]
        wires.append(connect(server, stream_of(sessions[number // 3]), address=address))
    time.sleep(1)
    assert len([wire for wire in wires if gets_a_stream(wire)]) == 10 * len(hostile)
    mine = make_visitors(server, 3)
    for number, visitor in enumerate(mine):
        wires.append(connect(server, stream_of(visitor), address=f"127.0.1.{number + 1}"))
        assert gets_a_stream(wires[-1])


def test_one_that_never_reads_where_much_happens_is_let_go(
    start_server: StartServer, stores: Stores, wires: list[socket.socket]
) -> None:
    server = start_server(STREAMS_PER_IP=1)
    operator = Operator(server.port, "vera")
    head = f"GET /api/messenger/stream/ HTTP/1.1\r\nHost: localhost\r\nCookie: {operator.cookie}"
    request = f"{head}\r\n\r\n".encode()
    wires.append(connect(server, request, room=4096))
    assert gets_a_stream(wires[-1])
    assert not gets_a_stream(connect_and_keep(server, request, wires))
    time.sleep(1)
    before = memory_of(server)
    with psycopg.connect(stores.postgres.url) as database:
        branches = [row[0] for row in database.execute("SELECT id FROM crm_branch")]
    with redis.Redis.from_url(stores.valkey.url) as bus:
        (channel,) = bus.pubsub_channels("*dm:hints")
        until = time.monotonic() + 25
        free = False
        while not free and time.monotonic() < until:
            pipeline = bus.pipeline(transaction=False)
            for number in range(1000):
                for branch in branches:
                    hint = f'["message",{number},"{"x" * 36}","{branch}",{number + 1},"",false]'
                    pipeline.publish(channel, hint)
            pipeline.execute()
            time.sleep(0.3)
            wires.append(connect(server, request))
            free = gets_a_stream(wires[-1])
    assert free
    assert memory_of(server) - before < 20_000


def memory_of(server: Server) -> int:
    """Return the resident memory of a server in KiB."""
    text = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(text.split("VmRSS:")[1].split()[0])
