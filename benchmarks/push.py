"""Streams: what an idle one costs, and how fast hints reach many."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import time
from collections.abc import Sequence
from typing import Any

from benchmarks import client, delivery
from benchmarks.data import Talk, answer_all, make_inbox, make_superuser, make_talks
from benchmarks.measure import Series, percentile
from benchmarks.report import Report, Table, Verdict
from benchmarks.servers import Server, database_connections, serve
from benchmarks.streams import close_streams, open_streams

KIB = 1024
WARM = 50
#: A process has a few threads and connections of its own, which come and go with its work. A stream
#: that holds one of either would make this 1.
FEW = 0.02


def run(*, quick: bool = False) -> Report:
    """Measure idle streams, fan-out and delay; memory, threads and connections are hard gates."""
    _lift_file_limit()
    report = Report("push: event streams, one server process")
    talks = make_talks(make_inbox("Push"), 1000)
    if quick:
        _idle(report, talks, (500,), 500, rounds=1)
        return report
    _idle(report, talks, (100, 1000, 5000), 1000, rounds=3)
    _fan_out(report, talks, rounds=3)
    _delays(report, talks, rounds=3)
    return report


def _lift_file_limit() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


Idle = tuple[float, float, float, float, float]


def _idle(
    report: Report, talks: list[Talk], sizes: Sequence[int], judged: int, *, rounds: int
) -> None:
    """Open many streams and leave them alone, beside the floor: a bare ASGI hello.

    The verdict is on ``judged`` streams.
    """
    kinds = {
        "raw ASGI hello (floor)": ("hello", "visitor"),
        "visitors, `with_messenger`": ("with_messenger", "visitor"),
        "visitors, Django view": ("unwrapped", "visitor"),
        "operators, `with_messenger`": ("with_messenger", "operator"),
    }
    cookie, rows = _operator(), []
    seen: dict[tuple[str, int], list[Idle]] = {}
    for size in sizes:
        for _ in range(rounds):
            for name, (kind, who) in kinds.items():
                if who == "operator" and size > 1000:
                    continue
                requests = _requests(who, talks, size + WARM, cookie)
                seen.setdefault((name, size), []).append(_hold(kind, requests, size))
    for (name, size), figures in seen.items():
        memory, connect, cpu, threads, connections = (Series(s) for s in zip(*figures, strict=True))
        cells = [memory.text(1), connect.text(1), cpu.text(), threads.text(), connections.text()]
        rows.append([name, size, *cells])
    columns = ("who", "streams", "KiB per stream", "seconds to open all", "CPU µs to open one",
               "threads more", "PostgreSQL connections more")  # fmt: skip
    report.tables.append(Table("Idle streams", columns, rows))
    _judge_idle(report, seen, judged)


def _judge_idle(report: Report, seen: dict[tuple[str, int], list[Idle]], size: int) -> None:
    def series(name: str, place: int) -> Series:
        return Series(tuple(figures[place] for figures in seen[name, size]))

    floor, ours = series("raw ASGI hello (floor)", 0), series("visitors, `with_messenger`", 0)
    report.verdicts += [
        Verdict("memory per stream / raw ASGI hello", ours.over(floor).median, 1.3, "at most",
                hard=True, moody=True, noisy=floor.is_noisy),
        Verdict("memory per stream", ours.median, 20, "at most", "KiB", hard=True, moody=True),
    ]  # fmt: skip
    for name, each in seen:
        if each == size and "floor" not in name:
            for place, what in ((3, "threads"), (4, "PostgreSQL connections")):
                more = max(series(name, place).values) / size
                report.verdicts.append(
                    Verdict(f"{what} per stream: {name}", more, FEW, "at most", hard=True)
                )


def _hold(kind: str, requests: Sequence[bytes], size: int) -> Idle:
    """Return KiB per stream, seconds and CPU µs to open, threads and connections more."""

    async def measure(server: Server) -> Idle:
        warm = await open_streams(server.port, requests[:WARM])
        await asyncio.sleep(1)
        before, threads, cpu = server.memory(), server.threads(), server.cpu()
        connections = await asyncio.to_thread(database_connections)
        started = time.perf_counter()
        streams = await open_streams(server.port, requests[WARM:])
        seconds = time.perf_counter() - started
        cpu = server.cpu() - cpu
        await asyncio.sleep(1)
        result = (
            (server.memory() - before) / size / KIB,
            seconds,
            cpu / size * 1e6,
            float(server.threads() - threads),
            float(await asyncio.to_thread(database_connections) - connections),
        )
        if any(stream.closed for stream in streams):
            raise RuntimeError("a stream was closed by the server")
        await close_streams([*warm, *streams])
        return result

    # Without a pool, which would hide how many connections are held: each request takes its own.
    with serve(kind, BENCH_POOL="", BENCH_CONN_MAX_AGE="0") as server:
        return client.run(measure(server))


def _requests(who: str, talks: list[Talk], count: int, cookie: str) -> list[bytes]:
    if who == "operator":
        return [client.head("GET", "/api/messenger/stream/", Cookie=cookie)] * count
    return delivery.stream_requests(talks, count)


def _operator() -> str:
    from benchmarks.micro import log_in

    user: Any = make_superuser()
    return log_in(user)


def _fan_out(report: Report, talks: list[Talk], *, rounds: int) -> None:
    """One event to a thousand streams, in turns with a raw-socket server that does only that."""
    streams, times = 1000, 20
    found: dict[str, list[tuple[float, float]]] = {"floor": [], "ours": []}
    with serve("fanout") as raw, serve("with_messenger") as server:
        for _ in range(rounds):
            opened = client.run(delivery.raw_fan_out(raw, streams, times))
            found["floor"].append(_per_delivery(*opened, streams))
            opened = client.run(delivery.broadcast(server, talks[0], streams, times))
            found["ours"].append(_per_delivery(*opened, streams))
        burst = client.run(delivery.burst(server, talks, streams, 3000))
    floor, ours = ([Series(column) for column in zip(*found[who], strict=True)] for who in found)
    rows = [
        ["raw sockets (floor)", floor[0].text(), floor[1].text()],
        ["the messenger", ours[0].text(), ours[1].text()],
        ["the messenger, 3,000 hints to single streams", f"{burst:,.0f}", ""],
    ]
    columns = ("who", "deliveries per s", "server CPU µs per delivery")
    report.tables.append(Table(f"Fan-out, {streams} streams", columns, rows))
    for name, ratio in (("per s", ours[0].over(floor[0])), ("by CPU", floor[1].over(ours[1]))):
        report.verdicts.append(
            Verdict(f"deliveries {name} / raw sockets", ratio.median, 0.6, "at least",
                    noisy=floor[0].is_noisy)
        )  # fmt: skip


def _per_delivery(rates: Sequence[float], cpu: float, streams: int) -> tuple[float, float]:
    return Series(tuple(rates)).median, cpu / len(rates) / streams * 1e6


def _delays(report: Report, talks: list[Talk], *, rounds: int) -> None:
    """From commit to hint and to text, in turns with Redis alone."""
    rate, seconds, streams = 200.0, 10.0, 1000
    found: dict[str, list[list[float]]] = {"floor": [], "hint": [], "text": []}
    with serve("with_messenger") as server:
        for _ in range(rounds):
            found["floor"].append(client.run(delivery.publish_to_subscriber(rate, seconds)))
            answer_all()
            work = delivery.commit_to_hint(server, talks, streams, rate, seconds)
            found["hint"].append(client.run(work))
            answer_all()
            work = delivery.commit_to_text(server, talks, streams, 50, seconds)
            found["text"].append(client.run(work))
            answer_all()
    names = {
        "floor": "Redis PUBLISH to redis-py subscriber (floor), 200/s",
        "hint": "commit to hint at the visitor, 200/s",
        "text": "commit to text at the visitor, 50/s",
    }
    rows = [
        [names[what], *(_percentile(figures, p).text(2) for p in (50, 99))]
        for what, figures in found.items()
    ]
    columns = ("from, to", "p50 ms", "p99 ms")
    report.tables.append(Table(f"Delay, {streams} streams", columns, rows))
    floor, hint, text = (_percentile(figures, 99) for figures in found.values())
    noisy = floor.is_noisy
    report.verdicts += [
        Verdict("commit to hint p99 / Redis", hint.over(floor).median, 3, "at most", noisy=noisy),
        Verdict("commit to hint p99", hint.median, 5, "at most", "ms", noisy=noisy),
        Verdict("commit to text p99", text.median, 50, "at most", "ms", noisy=noisy),
    ]


def _percentile(rounds: Sequence[Sequence[float]], percent: float) -> Series:
    return Series(tuple(percentile(values, percent) * 1e3 for values in rounds))
