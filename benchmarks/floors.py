"""The stores by themselves, in process: what a statement, a cache call and a message cost."""

from __future__ import annotations

import itertools
import time
import uuid
from collections.abc import Callable
from typing import Any

from benchmarks.data import answer_all, make_inbox, make_talks
from benchmarks.host.views import APPEND
from benchmarks.measure import Series, interleave
from benchmarks.report import Report, Table, Verdict

_numbers = itertools.count(1)
Call = Callable[[], object]


def run(*, quick: bool = False) -> Report:
    """Measure each operation alone, all in turns."""
    calls, rounds = (100, 5) if quick else (200, 9)
    report = Report("floors: the stores from Python, one connection")
    subjects = {**_database(), **_cache(), **_messenger()}
    timed = {name: _timed(call, calls) for name, call in subjects.items()}
    found = interleave(timed, rounds)
    answer_all()
    rows = [
        [name, f"{1e6 / wall.median:,.0f}", cpu.text(), wall.text()]
        for name, (cpu, wall) in found.items()
    ]
    columns = ("operation", "per s", "CPU µs", "elapsed µs")
    report.tables.append(Table("One operation", columns, rows))
    floor, ours = found["statement of a send, in Django"][1], found["append_message"][1]
    ratio: Series = ours.over(floor)
    report.verdicts.append(
        Verdict("append_message with mark and hint / its statement on two bare tables, elapsed",
                ratio.median, 2, "at most", noisy=floor.is_noisy)
    )  # fmt: skip
    return report


def _timed(call: Call, calls: int) -> Callable[[], tuple[float, float]]:
    def measure() -> tuple[float, float]:
        cpu, wall = time.process_time(), time.perf_counter()
        for _ in range(calls):
            call()
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        return cpu / calls * 1e6, wall / calls * 1e6

    return measure


def _database() -> dict[str, Call]:
    import psycopg
    from django.db import connection

    connection.ensure_connection()
    assert connection.connection is not None
    bare = psycopg.connect(connection.connection.info.dsn, autocommit=True)

    def naive() -> None:
        with bare.transaction():
            bare.execute(
                "INSERT INTO host_line (public_id, thread_id, seq, body, client_id, created_at)"
                " VALUES (%s, 1, 0, 'Hello', '', clock_timestamp())",
                [uuid.uuid4()],
            )
            bare.execute("UPDATE host_thread SET last_seq = last_seq + 1 WHERE id = 1")

    def statement(execute: Any) -> None:
        execute(APPEND, ["Hello", 2, uuid.uuid4(), "Hello", ""])

    def in_django() -> None:
        with connection.cursor() as cursor:
            statement(cursor.execute)
            cursor.fetchone()

    return {
        "SELECT 1, psycopg": lambda: bare.execute("SELECT 1").fetchone(),
        "INSERT, then UPDATE, psycopg": naive,
        "statement of a send, psycopg": lambda: statement(bare.execute),
        "statement of a send, in Django": in_django,
    }


def _cache() -> dict[str, Call]:
    from django.core.cache import cache

    from django_messenger.store import redis_client

    client: Any = redis_client()
    cache.set("counter", 0, None)
    return {
        "redis-py GET": lambda: client.get("floor"),
        "redis-py PUBLISH": lambda: client.publish("floor", "x"),
        "cache.get": lambda: cache.get("floor"),
        "cache.incr": lambda: cache.incr("counter"),
    }


def _messenger() -> dict[str, Call]:
    from django_messenger.models import Message
    from django_messenger.services.messages import append_message
    from django_messenger.services.sessions import get_widget_session
    from django_messenger.services.visitors import check_session

    inbox = make_inbox("Floors")
    talks = make_talks(inbox, 50)
    turn = itertools.cycle(talk.conversation for talk in talks)
    session: Any = get_widget_session(talks[0].session_token, inbox=inbox)

    def append() -> None:
        append_message(
            conversation=next(turn), kind=Message.Kind.BOT, body=f"Hello {next(_numbers)}"
        )

    return {"check_session": lambda: check_session(session), "append_message": append}
