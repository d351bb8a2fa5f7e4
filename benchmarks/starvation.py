"""Idle streams beside ordinary work: what the rest of the host notices of them."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Sequence

from benchmarks import client, delivery
from benchmarks.data import Talk, make_inbox, make_superuser, make_talks
from benchmarks.measure import Series, percentile
from benchmarks.micro import log_in
from benchmarks.report import Report, Table, Verdict
from benchmarks.servers import Server, database_connections, serve
from benchmarks.streams import close_streams, open_streams

#: How many streams are open, visitors' and operators' together; one in eight is an operator's.
SIZES = (0, 16, 64, 256, 1000)
EIGHTH = 8
CONNECTIONS = 4

#: Median and 99th percentile in ms, requests per second, threads, PostgreSQL connections.
Figures = tuple[float, float, float, float, float]


def run(*, quick: bool = False) -> Report:
    """Time ordinary requests of the host while more and more people hold idle streams."""
    rounds, seconds = (2, 0.5) if quick else (3, 2.0)
    report = Report("starvation: ordinary requests beside idle streams, one server process")
    talks, cookie = make_talks(make_inbox("Starvation"), 250), _operator()
    numbers = itertools.count()
    pages = {
        "a page without a query": lambda: client.head("GET", "/floor/plain/"),
        "two writes by the ORM": lambda: client.head("POST", "/floor/orm/", _form(next(numbers))),
    }
    for name, make in pages.items():
        seen: dict[int, list[Figures]] = {size: [] for size in SIZES}
        for _ in range(rounds):
            for size in SIZES:
                with serve("with_messenger") as server:
                    requests = _requests(talks, size, cookie)
                    work = _measure(server, requests, make, seconds)
                    seen[size].append(client.run(work))
        _tell(report, name, {size: _series(figures) for size, figures in seen.items()})
    return report


def _form(number: int) -> bytes:
    return b"thread=%d&body=Good+day&client_id=" % (number % 1000 + 1)


def _operator() -> str:
    user = make_superuser()
    return log_in(user)


def _requests(talks: Sequence[Talk], size: int, cookie: str) -> list[bytes]:
    operators = size // EIGHTH
    stream = client.head("GET", "/api/messenger/stream/", Cookie=cookie)
    return [*delivery.stream_requests(talks, size - operators), *[stream] * operators]


async def _measure(
    server: Server, requests: Sequence[bytes], make: Callable[[], bytes], seconds: float
) -> Figures:
    streams = await open_streams(server.port, requests)
    await client.load(server.port, make, connections=CONNECTIONS, seconds=0.3)  # warm
    load = await client.load(server.port, make, connections=CONNECTIONS, seconds=seconds)
    if load.failed or any(stream.closed for stream in streams):
        raise RuntimeError("a request failed, or a stream was closed by the server")
    times = [time * 1e3 for time in load.latencies]
    figures = (
        percentile(times, 50),
        percentile(times, 99),
        load.rate,
        float(server.threads()),
        float(await asyncio.to_thread(database_connections)),
    )
    await close_streams(streams)
    return figures


def _series(figures: Sequence[Figures]) -> list[Series]:
    return [Series(column) for column in zip(*figures, strict=True)]


def _tell(report: Report, name: str, found: dict[int, list[Series]]) -> None:
    rows = [
        [size, *(series.text(2) for series in all_series[:2]), all_series[2].text(),
         all_series[3].text(), all_series[4].text()]
        for size, all_series in found.items()
    ]  # fmt: skip
    columns = ("idle streams", "p50 ms", "p99 ms", "per s", "threads", "PostgreSQL connections")
    report.tables.append(Table(f"{name}, {CONNECTIONS} connections", columns, rows))
    floor, most = found[0][0], found[SIZES[-1]][0]
    report.verdicts.append(
        Verdict(f"{name}: p50 beside {SIZES[-1]} streams / alone", most.over(floor).median, 1.2,
                "at most", noisy=floor.is_noisy)
    )  # fmt: skip
