"""A store dies, freezes or forgets in mid-traffic; the server is never started again."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

import pytest

from tests.drills.stores import Stores
from tests.drills.traffic import Traffic

pytestmark = pytest.mark.slow

#: Nobody waits longer for an answer, in seconds; so soon after a fault all is well again.
LONGEST, HEALED = 2.0, 3.0
CALM, FAULT, RECOVERY = 2.0, 5.0, 5.0


class Fault:
    """A span of time in the life of the traffic."""

    def __init__(self, traffic: Traffic, work: Callable[[], None]) -> None:
        with traffic:
            time.sleep(CALM)
            self.began = time.monotonic()
            work()
            self.ended = time.monotonic()
            time.sleep(RECOVERY)
        during = traffic.between(self.began, self.ended)
        self.of_widget = [r for r in during if r.path.startswith("/api/widget/")]
        self.sends = [r for r in self.of_widget if r.path.endswith("/send/")]
        self.of_operator = [r for r in during if "/messenger/" in r.path]
        self._look_at(traffic)

    def _look_at(self, traffic: Traffic) -> None:
        traffic.check()
        slow = [r for r in traffic.replies if r.at > self.began and r.seconds > LONGEST]
        assert not slow, [(r.path, r.status, r.seconds, r.at - self.began) for r in slow]
        late = [r for r in traffic.replies if r.status == 503 and r.at > self.ended + HEALED]
        assert not late, [(r.path, r.at - self.ended) for r in late]
        for listener in traffic.listeners:
            assert any(at > self.ended for at in listener.hints)

    def assert_the_widget_pauses(self) -> None:
        """Nothing could be sent, and everybody was told so."""
        refused = [reply for reply in self.sends if reply.status == 503]
        assert len(refused) > 5
        assert len(refused) > len(self.sends) * 0.8

    def assert_operators_go_on(self) -> None:
        """Lists, pages and answers worked all the time."""
        assert {reply.status for reply in self.of_operator} <= {200, 201, 302}
        assert len(self.of_operator) >= 2


def test_valkey_is_killed_and_comes_back(stores: Stores, traffic: Traffic) -> None:
    def work() -> None:
        stores.valkey.stop(signal.SIGKILL)
        time.sleep(FAULT)
        stores.valkey.start()

    fault = Fault(traffic, work)
    fault.assert_the_widget_pauses()
    fault.assert_operators_go_on()


def test_valkey_freezes(stores: Stores, traffic: Traffic) -> None:
    def work() -> None:
        with stores.valkey.frozen():
            time.sleep(FAULT)

    fault = Fault(traffic, work)
    fault.assert_the_widget_pauses()
    fault.assert_operators_go_on()


def test_valkey_forgets_everything(stores: Stores, traffic: Traffic) -> None:
    def work() -> None:
        for _ in range(3):
            stores.flush()
            time.sleep(1)

    fault = Fault(traffic, work)
    assert any(reply.status == 401 for reply in fault.of_widget)
    assert all(reply.status != 503 for reply in fault.of_widget)
    fault.assert_operators_go_on()


def test_postgres_is_shut_down_at_once_and_comes_back(stores: Stores, traffic: Traffic) -> None:
    def work() -> None:
        stores.postgres.stop(signal.SIGQUIT)
        time.sleep(FAULT)
        stores.postgres.start()

    Fault(traffic, work).assert_the_widget_pauses()


def test_postgres_freezes(stores: Stores, traffic: Traffic) -> None:
    def work() -> None:
        with stores.postgres.frozen():
            time.sleep(FAULT)

    Fault(traffic, work).assert_the_widget_pauses()
