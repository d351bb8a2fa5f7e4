"""In process: the WSGI handler called directly, one request after the other.

No sockets and no server: good for counting statements and for what never waits. A request that
waits for PostgreSQL or Valkey finds the processor asleep and its caches cold afterwards and pays
more for that than on a server that is busy; ``benchmarks.http`` is the judge there.
"""

from __future__ import annotations

import gc
import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from io import BytesIO
from typing import Any
from uuid import UUID

from benchmarks.data import Talk, answer_all, make_inbox, make_superuser, make_talks
from benchmarks.measure import Series, interleave
from benchmarks.report import Report, Table, Verdict

FORM = "application/x-www-form-urlencoded"
_numbers = itertools.count(1)

Call = Callable[[], int]


def run(*, quick: bool = False) -> Report:
    """Measure single requests; the hard gates are how many statements polls and sends take."""
    talks = make_talks(make_inbox("Micro"), 200)
    rounds, calls = (7, 60) if quick else (9, 200)
    report = Report("micro: one request in process, CPU of the handler")
    measured: dict[str, list[Series]] = {}
    for make in (_reading, _sending, *([] if quick else [_listing])):
        subjects = {name: _timed(call, calls) for name, call in make(talks).items()}
        measured |= interleave(subjects, rounds)
        answer_all()
    rows = [
        [name, cpu.text(), wall.text(), f"{queries.median:g}"]
        for name, (cpu, wall, queries) in measured.items()
    ]
    report.tables.append(
        Table("One request", ("request", "CPU µs", "elapsed µs", "SQL statements"), rows)
    )
    _judge(report, {name: figures[0] for name, figures in measured.items()})
    for name, most in (("empty poll", 0), ("send", 1)):
        statements = max(measured[name][2].values)
        report.verdicts.append(
            Verdict(f"SQL statements, {name}", statements, most, "at most", hard=True)
        )
    return report


def _judge(report: Report, cpu: dict[str, Series]) -> None:
    for subject, floor_name in (
        ("50 rows to JSON", "50 dicts of the same values to JSON"),
        ("50 messages to JSON", "50 dicts of messages to JSON"),
    ):
        if subject in cpu:
            floor = cpu[floor_name]
            ratio = floor.over(cpu[subject]).median
            name = f"CPU, {floor_name} / {subject}"
            report.verdicts.append(Verdict(name, ratio, 0.5, "at least", noisy=floor.is_noisy))


def _timed(call: Call, calls: int) -> Callable[[], tuple[float, float, float]]:
    """Return a subject: CPU and elapsed microseconds, and SQL statements, of one call."""

    def measure() -> tuple[float, float, float]:
        from django.db import connection, reset_queries

        connection.force_debug_cursor = True
        reset_queries()
        call()
        statements = [entry for entry in connection.queries if _counts(entry["sql"])]
        connection.force_debug_cursor = False
        gc.collect()
        gc.disable()
        cpu, wall = time.process_time(), time.perf_counter()
        for _ in range(calls):
            call()
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        gc.enable()
        return cpu / calls * 1e6, wall / calls * 1e6, len(statements)

    return measure


def _counts(sql: str) -> bool:
    return not sql.startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "SET"))


def _reading(talks: list[Talk]) -> dict[str, Call]:
    token, turn = talks[0].widget_token, itertools.cycle(talks)

    def empty_poll() -> int:
        talk = next(turn)
        cursor = talk.conversation.revision
        return request("POST", "/api/widget/poll/", talk.form(after=cursor))

    def full_poll() -> int:
        return request("POST", "/api/widget/poll/", next(turn).form(after=0))

    for _ in talks:  # the first poll of a session is never empty for the cache
        empty_poll()
    return {
        "bare JSON view": lambda: request("GET", "/floor/plain/"),
        "bare JSON view, one cache.get": lambda: request("GET", "/floor/cached/"),
        "bare DRF view": lambda: request("GET", "/floor/drf/"),
        "empty poll": empty_poll,
        "poll with one message": full_poll,
        "config": lambda: request("GET", f"/api/widget/config/?widget_token={token}"),
    }


def _sending(talks: list[Talk]) -> dict[str, Call]:
    turn, threads = itertools.cycle(talks), itertools.cycle(range(1, 201))

    def floor() -> bytes:
        number = next(_numbers)
        return f"thread={next(threads)}&body=Hello+there+{number}&client_id=floor-{number}".encode()

    def send() -> int:
        number = next(_numbers)
        body = next(turn).form(body=f"Hello there {number}", client_id=f"send-{number}")
        return request("POST", "/api/widget/send/", body)

    def bootstrap() -> int:
        return request("POST", "/api/widget/bootstrap/", f"widget_token={token}".encode())

    token = talks[0].widget_token
    return {
        "send, bare Django and one statement": lambda: request("POST", "/floor/append/", floor()),
        "send, bare DRF and ORM": lambda: request("POST", "/floor/orm/", floor()),
        "send": send,
        "bootstrap": bootstrap,
    }


def _listing(talks: list[Talk]) -> dict[str, Call]:
    from rest_framework.renderers import JSONRenderer

    from django_messenger.api import message_json
    from django_messenger.models import Message
    from django_messenger.operators.payloads import conversation_row
    from django_messenger.selectors.conversations import conversation_rows

    user = make_superuser()
    rows = list(conversation_rows(user)[:50])
    messages = list(Message.objects.all()[:50])
    finished = [dict(conversation_row(row)) for row in rows]
    dicts = [_values(row) for row in finished]
    said = [_values(message_json(one, own=True)) for one in messages]
    render, cookie = JSONRenderer().render, log_in(user)

    def listing() -> int:
        return request("GET", "/api/messenger/conversations/", cookie=cookie)

    def as_json(make: Callable[[], Iterator[Any]]) -> Call:
        def call() -> int:
            render(list(make()))
            return 200

        return call

    return {
        "50 dicts of nothing but texts to JSON": as_json(lambda: iter(finished)),
        "50 dicts of the same values to JSON": as_json(lambda: iter(dicts)),
        "50 dicts of messages to JSON": as_json(lambda: iter(said)),
        "50 rows to JSON": as_json(lambda: map(conversation_row, rows)),
        "50 messages to JSON": as_json(lambda: (message_json(one, own=True) for one in messages)),
        "operators' list of 50": listing,
        "operators' changes, nothing new": _changes(cookie),
    }


def _values(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is shown with times and ids as the database gives them: the renderer's work."""
    return {name: _value(name, shown) for name, shown in data.items()}


def _value(name: str, shown: Any) -> Any:
    if isinstance(shown, dict):
        return _values(shown)
    if isinstance(shown, str) and name.endswith(("_at", "_since", "_until")):
        return datetime.fromisoformat(shown)
    return UUID(shown) if name == "id" and len(str(shown)) == 36 else shown


def _changes(cookie: str) -> Call:
    answer: list[bytes] = []
    url = "/api/messenger/conversations/changes/"
    request("GET", url, cookie=cookie, into=answer)
    import json

    cursor = json.loads(b"".join(answer))["cursor"]
    return lambda: request("GET", f"{url}?cursor={cursor}", cookie=cookie)


def log_in(user: Any) -> str:
    """Return the cookie of a new login."""
    from django.test import Client

    client = Client()
    client.force_login(user)
    return f"sessionid={client.cookies['sessionid'].value}"


def request(
    method: str, path: str, body: bytes = b"", *, cookie: str = "", into: list[bytes] | None = None
) -> int:
    """Call the WSGI handler; returns the status, 2xx or an error is raised."""
    path, _, query = path.partition("?")
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1",
        "CONTENT_TYPE": FORM if body else "",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_COOKIE": cookie,
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
    }
    status = []
    answer = _handler()(environ, lambda line, headers: status.append(line))
    parts = list(answer)
    answer.close()
    if into is not None:
        into += parts
    if not status[0].startswith("2"):
        raise RuntimeError(f"{method} {path}: {status[0]} {b''.join(parts)[:500]!r}")
    return int(status[0][:3])


_handlers: list[Any] = []


def _handler() -> Any:
    if not _handlers:
        from django.core.handlers.wsgi import WSGIHandler

        _handlers.append(WSGIHandler())
    return _handlers[0]
