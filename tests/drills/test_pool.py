"""The example project's pool under ASGI: a crowd neither empties PostgreSQL nor leaves anything."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import psycopg
import pytest

from tests.drills.people import Operator, Reply, Wire
from tests.drills.stores import Stores
from tests.drills.world import Server

pytestmark = pytest.mark.slow

CROWD, EACH = 64, 3
POOL = 10
COUNT = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
)


def test_64_parallel_requests_share_ten_connections(stores: Stores, server: Server) -> None:
    cookie = Operator(server.port, "vera").cookie
    before = server.threads()
    peaks: list[tuple[int, int]] = []
    done = Event()

    def look() -> None:
        with psycopg.connect(stores.postgres.url, autocommit=True) as database:
            while not done.wait(0.05):
                row = database.execute(COUNT).fetchone()
                assert row is not None
                peaks.append((row[0], server.threads()))

    def visit(number: int) -> list[Reply | None]:
        wire = Wire(server.port)
        path = ("/api/messenger/me/", "/api/messenger/conversations/")[number % 2]
        return [wire.ask("GET", path, Cookie=cookie) for _ in range(EACH)]

    with ThreadPoolExecutor(CROWD + 1) as pool:
        looking = pool.submit(look)
        answers = [reply for replies in pool.map(visit, range(CROWD)) for reply in replies]
        done.set()
        looking.result()
    assert {reply and reply.status for reply in answers} == {200}
    # The messenger's own line for a moment, where a request waits so long that it asks.
    assert max(connections for connections, _ in peaks) <= POOL + 2
    # One thread for each request at work, and no more.
    assert max(threads for _, threads in peaks) <= before + CROWD + 10
    time.sleep(1)
    assert server.threads() <= before + 10
