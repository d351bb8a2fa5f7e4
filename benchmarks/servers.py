"""Servers under test: child processes on free ports, and what the system says they use."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tools.processes import HOST, dying_with_us, end, free_port

_TICKS = os.sysconf("SC_CLK_TCK")
_UVICORN = (
    "-m uvicorn --host {host} --port {port} --workers {workers} --log-level error"
    " --no-access-log {app}"
)
_GUNICORN = (
    "-m gunicorn --bind {host}:{port} --worker-class gthread --workers {workers} --threads 8"
    " --keep-alive 60 --log-level error benchmarks.host.wsgi:application"
)
COMMANDS: Mapping[str, str] = {
    "gunicorn": _GUNICORN,
    "with_messenger": _UVICORN.replace("{app}", "benchmarks.host.asgi:application"),
    "unwrapped": _UVICORN.replace("{app}", "benchmarks.host.asgi:unwrapped"),
    "hello": _UVICORN.replace("{app}", "benchmarks.host.hello:application"),
    "fanout": "-m benchmarks.host.fanout {port}",
}
_READY_SECONDS = 30


@dataclass(frozen=True)
class Server:
    """A running server: its port, and what its processes use."""

    port: int
    pid: int

    def cpu(self) -> float:
        """Seconds of CPU, user and system, of all its processes so far."""
        return cpu_of(self.pid)

    def memory(self) -> int:
        """Bytes that are its own (USS)."""
        return sum(_uss(pid) for pid in tree(self.pid))

    def threads(self) -> int:
        return sum(len(os.listdir(f"/proc/{pid}/task")) for pid in tree(self.pid))


@contextlib.contextmanager
def serve(kind: str, *, workers: int = 1, **environment: str) -> Iterator[Server]:
    """Run a server for as long as the block lasts."""
    port = free_port()
    command = COMMANDS[kind].format(host=HOST, port=port, workers=workers).split()
    pool = {} if kind == "gunicorn" else {"BENCH_POOL": "1"}
    process = subprocess.Popen(
        [*dying_with_us("KILL"), sys.executable, *command],
        env={**os.environ, **pool, **environment},
        stdin=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, process)
        yield Server(port, process.pid)
    finally:
        end(process, signal.SIGTERM)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _READY_SECONDS
    while process.poll() is None and time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"{process.args!r} did not start")


def tree(pid: int) -> list[int]:
    """A process and all its descendants."""
    found = [pid]
    for each in found:
        for thread in Path(f"/proc/{each}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found += [int(child) for child in thread.read_text().split()]
    return found


def cpu_of(pid: int) -> float:
    """Seconds of CPU of a process and its living descendants."""
    total = 0
    for each in tree(pid):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            # Children that have ended count in their parent.
            total += sum(int(fields[place]) for place in (11, 12, 13, 14))
    return total / _TICKS


def _uss(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_"))


@cache
def database_pid() -> int:
    """The PostgreSQL server's own process, the parent of every session's."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    status = Path(f"/proc/{backend}/stat").read_text()
    return int(status.rpartition(")")[2].split()[1])


def database_connections() -> int:
    """How many sessions other than our own the benchmark's database has."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])
