"""Limits: of many calls at once exactly as many pass as the rate says.

Two server processes count together. DRF's own throttle stands beside as the control; it promises
no exactness.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks import client
from benchmarks.data import UNLIMITED, Talk, make_inbox, make_talks
from benchmarks.measure import interleave
from benchmarks.report import Report, Table, Verdict
from benchmarks.servers import serve

LIMIT = 60
CALLS = 400
#: A window of a day: none ends in mid-test, but for the second around midnight.
RATE = f"{LIMIT}/d/session"


def run(*, quick: bool = False) -> Report:
    """Measure exactness over HTTP, and what one check costs in process."""
    report = Report(f"throttle: limit {LIMIT}, {CALLS} calls, two server processes")
    talks = make_talks(make_inbox("Throttle"), 8)
    _exactness(report, iter(talks), (20,) if quick else (1, 5, 20))
    if not quick:
        _cost(report)
    return report


def _exactness(report: Report, talks: Any, clients: tuple[int, ...]) -> None:
    rates = UNLIMITED["THROTTLE_RATES"] | {"poll": RATE, "send": RATE}
    options = json.dumps(UNLIMITED | {"THROTTLE_RATES": rates})
    rows, worst = [], 0
    with serve("with_messenger", workers=2, MESSENGER_OPTIONS=options) as server:
        for count in clients:
            talk = next(talks)
            passed = {
                "poll": _passed(server.port, _call("poll", talk, after=1), count),
                "send": _passed(server.port, _call("send", talk, body="Hello"), count),
            }
            name = f"/floor/throttled/?client={time.time()}"
            control = _passed(server.port, client.head("GET", name), count)
            worst = max(worst, *(abs(number - LIMIT) for number in passed.values()))
            rows.append([count, passed["poll"], passed["send"], control])
    columns = (
        "clients at once",
        "polls that passed",
        "sends that passed",
        "DRF throttle (control)",
    )
    report.tables.append(Table(f"Of {CALLS} calls, {LIMIT} may pass", columns, rows))
    report.verdicts.append(Verdict("off the limit", worst, 0, "at most", "calls", hard=True))


def _call(name: str, talk: Talk, **fields: object) -> bytes:
    return client.head("POST", f"/api/widget/{name}/", talk.form(**fields))


def _passed(port: int, wire: bytes, clients: int) -> int:
    load = client.run(client.exhaust(port, [wire] * CALLS, connections=clients))
    return len(load.latencies)


def _cost(report: Report) -> None:
    from django.core.cache import cache

    from django_messenger.services.limits import check_limits

    values: Mapping[Any, str] = {"session": "s" * 64, "ip": "127.0.0.1", "inbox": "i" * 20}
    cache.set("counter", 0, None)
    subjects = {
        "one cache.incr (floor)": lambda: cache.incr("counter"),
        "check of one limit": lambda: check_limits("send", {"session": values["session"]}),
        "check of three limits": lambda: check_limits("send", values),
    }
    timed = {name: _timed(call) for name, call in subjects.items()}
    found = interleave(timed, 9)
    rows = [[name, cpu.text(), wall.text()] for name, (cpu, wall) in found.items()]
    report.tables.append(Table("One check, in process", ("what", "CPU µs", "elapsed µs"), rows))
    floor, *checks = (figures[0] for figures in found.values())
    for name, cpu in zip(("one limit", "three limits"), checks, strict=True):
        report.verdicts.append(
            Verdict(f"check of {name} / one cache.incr", cpu.over(floor).median, 1.2, "at most",
                    noisy=floor.is_noisy)
        )  # fmt: skip


def _timed(call: Callable[[], object], calls: int = 300) -> Callable[[], tuple[float, float]]:
    def measure() -> tuple[float, float]:
        cpu, wall = time.process_time(), time.perf_counter()
        for _ in range(calls):
            call()
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        return cpu / calls * 1e6, wall / calls * 1e6

    return measure
