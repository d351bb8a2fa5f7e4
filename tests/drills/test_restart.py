"""The server process dies in mid-traffic, or is replaced as a deployment does it."""

from __future__ import annotations

import re
import time

import pytest

from tests.drills.people import Visitor
from tests.drills.traffic import Traffic
from tests.drills.world import WIDGET, Server
from tests.realtime.client import Stream

pytestmark = pytest.mark.slow


def test_the_server_is_killed_and_started_again(server: Server, traffic: Traffic) -> None:
    with traffic:
        for _ in range(2):
            time.sleep(2)
            server.kill()
            server.start()
        back = time.monotonic()
        time.sleep(4)
    traffic.check()
    for listener in traffic.listeners:
        assert any(at > back for at in listener.hints)


def test_a_deployment_does_not_wait_for_streams(server: Server, traffic: Traffic) -> None:
    with traffic:
        time.sleep(2)
        started = time.monotonic()
        server.stop()
        assert time.monotonic() - started < 6
        server.start()
        time.sleep(4)
    traffic.check()
    assert all(len(listener.opened) >= 2 for listener in traffic.listeners)


def test_the_streams_of_a_server_that_died_come_back_one_by_one(server: Server) -> None:
    visitor = Visitor(server.port, WIDGET, "jitter")
    visitor.boot()
    pauses = []
    for _ in range(60):
        line = Stream.of_visitor(server.port, visitor.tokens).line()
        found = re.fullmatch(rb"retry: (\d+)\n", line)
        assert found is not None
        pauses.append(int(found[1]))
    assert max(pauses) - min(pauses) > 7_000
    for second in range(1, 11):
        # Six of them are expected within each second.
        assert sum(second * 1000 <= pause < (second + 1) * 1000 for pause in pauses) < 20
