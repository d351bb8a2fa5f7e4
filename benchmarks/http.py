"""Over HTTP: what a call costs on a real server, with clients that wait for each answer.

Server CPU per request is the steadiest figure; rates are those of a machine that also runs the
client, PostgreSQL and Valkey.
"""

from __future__ import annotations

import functools
import itertools
import json
from collections.abc import Callable
from typing import Any

from benchmarks import client
from benchmarks.data import Talk, answer_all, make_inbox, make_superuser, make_talks
from benchmarks.measure import Series, interleave, percentile
from benchmarks.micro import log_in, request
from benchmarks.report import Report, Table, Verdict
from benchmarks.servers import Server, cpu_of, database_pid, serve

CONNECTIONS = 8
#: Floors of a send.
BARE = "bare DRF view and ORM"
STATEMENT = "bare Django view and one statement"
COLUMNS = ("request", "per s", "server CPU µs", "PostgreSQL CPU µs", "p50 ms", "p99 ms", "failed")

Maker = Callable[[], bytes]
Figures = dict[str, list[Series]]

_numbers = itertools.count(1)


def run(*, quick: bool = False) -> Report:
    """Measure calls on gunicorn (WSGI) and on uvicorn with ``with_messenger`` (ASGI).

    Quickly only what a send costs; that it costs no more than a plain view is a hard gate.
    """
    seconds, rounds = (0.4, 9) if quick else (1.0, 5)
    report = Report(f"http: calls over HTTP, {CONNECTIONS} connections, one server process")
    inbox = make_inbox("Http")
    calls = _calls(make_talks(inbox, 50), make_talks(inbox, 300))
    if quick:
        calls = {name: calls[name] for name in (BARE, "send")}
    found: dict[str, Figures] = {}
    for kind in ("gunicorn",) if quick else ("gunicorn", "with_messenger"):
        with serve(kind) as server:
            subjects = {
                name: functools.partial(_measure, server, maker, seconds)
                for name, maker in calls.items()
            }
            found[kind] = interleave(subjects, rounds)
        answer_all()
        report.tables.append(_table(kind, found[kind]))
    if quick:
        _judge_send(report, found["gunicorn"])
    else:
        _judge(report, found["gunicorn"], found["with_messenger"])
    failures = sum(sum(figures[5].values) for one in found.values() for figures in one.values())
    report.verdicts.append(Verdict("failed requests", failures, 0, "at most", hard=True))
    return report


def _measure(server: Server, maker: Maker, seconds: float) -> tuple[float, ...]:
    cpu, database = server.cpu(), cpu_of(database_pid())
    load = client.run(client.load(server.port, maker, connections=CONNECTIONS, seconds=seconds))
    cpu, database = server.cpu() - cpu, cpu_of(database_pid()) - database
    done = len(load.latencies) or 1
    times = load.latencies or [0.0]
    return (
        load.rate,
        cpu / done * 1e6,
        database / done * 1e6,
        percentile(times, 50) * 1e3,
        percentile(times, 99) * 1e3,
        load.failed,
    )


def _table(kind: str, figures: Figures) -> Table:
    rows = []
    for name, (rate, cpu, database, p50, p99, failed) in figures.items():
        times = [f"{p50.median:.1f}", f"{p99.median:.1f}", f"{sum(failed.values):g}"]
        rows.append([name, rate.text(), cpu.text(), f"{database.median:.0f}", *times])
    title = {"gunicorn": "WSGI: gunicorn, one process with 8 threads"}
    return Table(title.get(kind, "ASGI: uvicorn, `with_messenger`"), COLUMNS, rows)


def _judge_send(report: Report, wsgi: Figures) -> None:
    """The hard gate: by CPU, which neighbours disturb less than rates, and those of both alike."""
    floor = wsgi[BARE][1]
    ratio = floor.over(wsgi["send"][1]).median
    report.verdicts.append(
        Verdict(f"{BARE} / send, server CPU", ratio, 0.9, "at least", hard=True, moody=True,
                noisy=floor.is_noisy)
    )  # fmt: skip


def _judge(report: Report, wsgi: Figures, asgi: Figures) -> None:
    def against(what: str, floor: list[Series], subject: list[Series], bound: float) -> None:
        for column, unit in ((0, "rate"), (1, "CPU")):
            mine, its = subject[column], floor[column]
            ratio = mine.over(its) if column == 0 else its.over(mine)
            report.verdicts.append(
                Verdict(f"{what}, {unit}", ratio.median, bound, "at least", noisy=its.is_noisy)
            )

    for name, figures in (("WSGI", wsgi), ("ASGI", asgi)):
        against(f"{name}: send / {BARE}", figures[BARE], figures["send"], 1)
        against(f"{name}: send / {STATEMENT}", figures[STATEMENT], figures["send"], 0.45)
    poll = wsgi["empty poll"]
    against("WSGI: empty poll / bare JSON view", wsgi["bare JSON view"], poll, 0.3)
    against("empty poll, ASGI / WSGI", poll, asgi["empty poll"], 4)


def _calls(readers: list[Talk], writers: list[Talk]) -> dict[str, Maker]:
    """Return the requests by name. Readers' conversations do not change meanwhile."""
    reading, writing = itertools.cycle(readers), itertools.cycle(writers)
    threads, token = itertools.cycle(range(1, 301)), readers[0].widget_token

    def empty_poll() -> bytes:
        talk = next(reading)
        body = talk.form(after=talk.conversation.revision)
        return client.head("POST", "/api/widget/poll/", body)

    def full_poll() -> bytes:
        return client.head("POST", "/api/widget/poll/", next(writing).form(after=0))

    def floor(path: str) -> bytes:
        number = next(_numbers)
        body = f"thread={next(threads)}&body=Hello+there+{number}&client_id=floor-{number}"
        return client.head("POST", f"/floor/{path}/", body.encode())

    def send() -> bytes:
        number = next(_numbers)
        body = next(writing).form(body=f"Hello there {number}", client_id=f"send-{number}")
        return client.head("POST", "/api/widget/send/", body)

    config = client.head("GET", f"/api/widget/config/?widget_token={token}")
    bootstrap = client.head("POST", "/api/widget/bootstrap/", f"widget_token={token}".encode())
    return {
        "bare JSON view": functools.partial(client.head, "GET", "/floor/plain/"),
        "bare DRF view": functools.partial(client.head, "GET", "/floor/drf/"),
        "empty poll": empty_poll,
        "poll with messages": full_poll,
        "config": lambda: config,
        STATEMENT: functools.partial(floor, "append"),
        BARE: functools.partial(floor, "orm"),
        "send": send,
        "bootstrap": lambda: bootstrap,
        **_operators_calls(),
    }


def _operators_calls() -> dict[str, Maker]:
    user: Any = make_superuser()
    cookie, answer = log_in(user), list[bytes]()
    changes = "/api/messenger/conversations/changes/"
    request("GET", changes, cookie=cookie, into=answer)
    cursor = json.loads(b"".join(answer))["cursor"]

    def get(path: str) -> Maker:
        wire = client.head("GET", path, Cookie=cookie)
        return lambda: wire

    return {
        "operators' list of 50": get("/api/messenger/conversations/"),
        "operators' changes": get(f"{changes}?cursor={cursor}"),
    }
