"""Idle streams do not slow down the ordinary pages of the host."""

from __future__ import annotations

import socket
import statistics
import time
from collections.abc import Iterator

import psycopg
import pytest

from tests.drills.people import Operator, Visitor, Wire, form_request
from tests.drills.stores import Stores
from tests.drills.world import WIDGET, Server
from tools.processes import HOST

pytestmark = pytest.mark.slow

STREAMS, OPERATORS = 256, 32
#: Generous, because the machine has other work; a page that had to wait for streams would take
#: minutes.
BOUND = 2.0


@pytest.fixture
def wires() -> Iterator[list[socket.socket]]:
    """Sockets that are closed in the end."""
    found: list[socket.socket] = []
    yield found
    for wire in found:
        wire.close()


def median(server: Server) -> float:
    """Return the median time of the shop's front page, in seconds."""
    wire = Wire(server.port)
    for _ in range(60):
        reply = wire.ask("GET", "/")
        assert reply is not None
        assert reply.status == 200
    return statistics.median(reply.seconds for reply in wire.replies[10:])


def connections(stores: Stores) -> int:
    """Return how many connections to the database there are."""
    with psycopg.connect(stores.postgres.url) as database:
        row = database.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
        ).fetchone()
    assert row is not None
    return int(row[0])


def test_256_idle_streams_cost_other_requests_nothing(
    stores: Stores, server: Server, wires: list[socket.socket]
) -> None:
    visitor = Visitor(server.port, WIDGET, "idle")
    visitor.boot()
    request = form_request("/api/widget/stream/", visitor.tokens)
    cookie = Operator(server.port, "vera").cookie
    of_operator = f"GET /api/messenger/stream/ HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}"
    alone = [median(server)]
    before = server.threads(), connections(stores)
    for number in range(STREAMS):
        wire = socket.create_connection((HOST, server.port), timeout=10)
        wires.append(wire)
        wire.sendall(request if number >= OPERATORS else f"{of_operator}\r\n\r\n".encode())
        assert b" 200 " in wire.recv(1000)[:20]
    time.sleep(1)
    beside = [median(server), median(server)]
    after = server.threads(), connections(stores)
    while wires:
        wires.pop().close()
    time.sleep(1)
    alone.append(median(server))
    assert min(beside) < BOUND * max(alone), (beside, alone)
    assert after[0] - before[0] < 10  # executors keep a few threads whatever is open
    assert after[1] - before[1] < 10
