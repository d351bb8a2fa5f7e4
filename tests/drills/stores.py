"""A PostgreSQL and a Valkey of a drill's own, to be killed, frozen and brought back."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis

from tools import services
from tools.processes import HOST, Account, end, unprivileged


class Store:
    """A server process that comes back on the same port with the same data."""

    def __init__(
        self,
        url: str,
        pid: int,
        command: list[str],
        account: Account,
        log: Path,
        polite: signal.Signals,
    ) -> None:
        self.port = urlsplit(url).port
        self.url = url
        self.pid = pid
        self._command, self._account, self._log, self._polite = command, account, log, polite
        self._again: subprocess.Popen[bytes] | None = None

    def stop(self, how: signal.Signals) -> None:
        """Send a signal that ends the process, and wait until nobody listens."""
        os.kill(self.pid, how)
        until = time.monotonic() + 15
        while self.listens() and time.monotonic() < until:
            time.sleep(0.02)
        if self._again is not None:
            self._again.wait(15)
        assert not self.listens()

    def start(self) -> None:
        """Start the same command again and wait until it listens."""
        self._again = self._account.popen(self._command, self._log, self._polite.name[3:], None)
        self.pid = self._again.pid
        until = time.monotonic() + 15
        while not self.listens() and time.monotonic() < until:
            time.sleep(0.02)
        assert self.listens()

    def close(self) -> None:
        """End what ``start`` has started; the first process belongs to ``services``."""
        if self._again is not None:
            end(self._again, self._polite)

    def listens(self) -> bool:
        """Tell whether anybody takes connections on the port."""
        with contextlib.suppress(OSError), socket.create_connection((HOST, self.port), timeout=1):
            return True
        return False

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop the process and its children as they are; let them go on afterwards."""
        pids = [self.pid, *_children(self.pid)]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


class Stores:
    """Both stores of a drill."""

    def __init__(self, postgres: Store, valkey: Store) -> None:
        self.postgres, self.valkey = postgres, valkey

    @property
    def env(self) -> dict[str, str]:
        """The environment of a server on these stores."""
        return {"DATABASE_URL": self.postgres.url, "REDIS_URL": self.valkey.url}

    def flush(self) -> None:
        """Empty the cache."""
        with contextlib.closing(redis.Redis.from_url(self.valkey.url)) as client:
            client.flushall()


@contextlib.contextmanager
def own_stores(folder: Path) -> Iterator[Stores]:
    """Start both, the database safe against its own death."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        patch.delenv("REDIS_URL", raising=False)
        running = services.start(data=folder)
    with running, contextlib.ExitStack() as stack:
        stores = Stores(
            _postgres(running.env["DATABASE_URL"], folder / "postgres.log"),
            _valkey(running.env["REDIS_URL"], folder),
        )
        stack.callback(stores.postgres.close)
        stack.callback(stores.valkey.close)
        yield stores


def _postgres(url: str, log: Path) -> Store:
    with psycopg.connect(url) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    pid = int(Path(row[0], "postmaster.pid").read_text().split()[0])
    command = Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0").split("\0")
    return Store(url, pid, command, unprivileged(), log, signal.SIGINT)


def _valkey(url: str, folder: Path) -> Store:
    with contextlib.closing(redis.Redis.from_url(url)) as client:
        pid = client.info("server")["process_id"]
    # It replaces its command line by a title.
    command = [str(Path(f"/proc/{pid}/exe").readlink()), "--bind", HOST, "--dir", str(folder)]
    command += ["--port", str(urlsplit(url).port), "--save", "", "--appendonly", "no"]
    return Store(url, pid, command, Account(), folder / "valkey.log", signal.SIGTERM)
