"""Limits are exact: over processes, at the edge, and against invented addresses."""

from __future__ import annotations

import http.client
import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from django_messenger.models import Inbox
from django_messenger.services.limits import check_limits
from django_messenger.test import override_messenger
from tests.browser.servers import Messenger
from tests.factories import make_inbox
from tests.threads import run_together
from tools.processes import HOST

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

LIMIT, CALLS = 40, 200
#: A window so long that no test meets its edge twice.
RATES = {"default": f"{LIMIT}/6h/ip", "bootstrap": "", "send": "", "poll": ""}

shared_cache = pytest.mark.skipif(
    "redis" not in settings.CACHES["default"]["BACKEND"].lower(),
    reason="several processes share no cache here",
)


def ask(port: int, token: str, **headers: str) -> int:
    """Ask for the configuration over a connection of its own; return the status."""
    wire = http.client.HTTPConnection(HOST, port, timeout=60)
    try:
        wire.request("GET", f"/api/widget/config/?widget_token={token}", headers=headers)
        answer = wire.getresponse()
        body = answer.read()
        if answer.status == 429:
            assert json.loads(body)["code"] == "throttled"
            assert int(answer.headers["Retry-After"]) >= 1
        return answer.status
    finally:
        wire.close()


@pytest.fixture
def inbox() -> Inbox:
    return make_inbox()


@pytest.fixture
def two_processes(inbox: Inbox, tmp_path: Path) -> Iterator[list[Messenger]]:
    servers = [Messenger(tmp_path / f"{n}.log", {"THROTTLE_RATES": RATES}) for n in range(2)]
    yield servers
    for server in servers:
        server.stop()


@shared_cache
def test_two_processes_let_exactly_the_limit_pass(
    inbox: Inbox, two_processes: list[Messenger]
) -> None:
    ports = [server.port for server in two_processes]
    with ThreadPoolExecutor(25) as pool:
        results = pool.map(lambda n: ask(ports[n % 2], inbox.widget_token), range(CALLS))
    assert Counter(results) == {200: LIMIT, 429: CALLS - LIMIT}


@shared_cache
def test_an_invented_forwarding_header_gains_nothing(
    inbox: Inbox, two_processes: list[Messenger]
) -> None:
    port = two_processes[0].port

    def ask_as(number: int) -> int:
        return ask(port, inbox.widget_token, **{"X-Forwarded-For": f"198.51.100.{number}"})

    with ThreadPoolExecutor(10) as pool:
        results = Counter(pool.map(ask_as, range(LIMIT + 60)))
    assert results == {200: LIMIT, 429: 60}


def test_threads_of_one_process_let_exactly_the_limit_pass() -> None:
    with override_messenger(THROTTLE_RATES={"send": f"{LIMIT}/6h/ip"}):
        outcomes = run_together([lambda: check_limits("send", {"ip": "192.0.2.1"})] * 60)
    assert sum(outcome is None for outcome in outcomes) == LIMIT


def test_a_client_at_nine_tenths_of_the_limit_is_never_refused() -> None:
    period, count = 2, 10
    refused = []
    with override_messenger(THROTTLE_RATES={"send": f"{count}/{period}s/session"}):
        started = time.monotonic()
        for turn in range(int(count * 0.9) * 3):
            due = started + turn * period / (count * 0.9)
            time.sleep(max(0.0, due - time.monotonic()))
            refused.append(check_limits("send", {"session": "s"}))
    assert time.monotonic() - started > 2 * period
    assert refused == [None] * len(refused)


def test_a_refused_call_does_not_count_in_the_next_bucket() -> None:
    values: Any = {"session": "s", "ip": "192.0.2.1"}
    with override_messenger(THROTTLE_RATES={"send": "2/6h/session, 3/6h/ip"}):
        outcomes = [check_limits("send", values) for _ in range(10)]
        assert sum(outcome is None for outcome in outcomes) == 2
        other = check_limits("send", {"session": "t", "ip": "192.0.2.1"})
        assert other is None
