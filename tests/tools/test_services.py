"""The servers that tests and the demo start for themselves."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tools import processes, services

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(autouse=True)
def nothing_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hide the servers of this test run, and give these a temporary folder of their own."""
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> bool:
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.05)
    return condition()


def listens(url: str) -> bool:
    parts = urlsplit(url)
    with contextlib.suppress(OSError):
        socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=1).close()
        return True
    return False


def ask(url: str, query: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


def test_they_come_up_speak_russian_and_go() -> None:
    with services.start() as running:
        assert set(running.env) == {"DATABASE_URL", "REDIS_URL"}
        assert all(listens(url) for url in running.env.values())
        database = running.env["DATABASE_URL"]
        assert ask(database, "SELECT lower('ПРИВЕТ')") == "привет"
        query = "SELECT to_tsvector('russian', 'Заказы') @@ plainto_tsquery('russian', 'заказ')"
        assert ask(database, query) is True
        folder = Path(str(ask(database, "SHOW unix_socket_directories")))
        assert folder.is_dir()
    assert not any(listens(url) for url in running.env.values())
    assert not folder.exists()


def test_what_the_environment_names_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/db")
    monkeypatch.setenv("REDIS_URL", "")
    with services.start() as running:
        assert running.env == {"DATABASE_URL": "postgresql://elsewhere/db", "REDIS_URL": ""}


def test_stray_postgres_variables_do_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "")
    monkeypatch.setenv("PGDATA", "/nowhere")
    monkeypatch.setenv("PGPORT", "1")
    with services.start() as running:
        assert ask(running.env["DATABASE_URL"], "SELECT 1") == 1


def test_kept_data_survive_are_locked_and_can_be_reset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", "")
    with services.start(data=tmp_path) as running:
        assert ask(running.env["DATABASE_URL"], "SHOW fsync") == "on"
        with psycopg.connect(running.env["DATABASE_URL"]) as connection:
            connection.execute("CREATE TABLE kept ()")
        with pytest.raises(services.FolderInUseError):
            services.start(data=tmp_path)
    with services.start(data=tmp_path) as running:
        assert ask(running.env["DATABASE_URL"], "SELECT to_regclass('kept')::text") == "kept"
    with services.start(data=tmp_path, reset=True) as running:
        assert ask(running.env["DATABASE_URL"], "SELECT to_regclass('kept')::text") is None


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_a_killed_owner_leaves_no_server_behind() -> None:
    script = (
        "import time; from tools import services; s = services.start()\n"
        "print(*s.env.values(), flush=True); time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout
        urls = owner.stdout.readline().split()
        assert len(urls) == 2
        assert all(map(listens, urls))
        folder = Path(str(ask(urls[0], "SHOW unix_socket_directories")))
        owner.send_signal(signal.SIGKILL)
    assert wait_for(lambda: not any(map(listens, urls)))
    with processes.run_folder():  # the next one to start clears up
        assert not folder.exists()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become nobody")
def test_root_without_user_namespaces_runs_them_as_nobody(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    account = processes.Account(user="nobody")
    monkeypatch.setattr(services, "unprivileged", lambda: account)
    monkeypatch.setattr(processes, "unprivileged", lambda: account)
    monkeypatch.setattr(processes, "_open_to_all", lambda path: False)  # as below /root
    monkeypatch.setenv("REDIS_URL", "")
    with services.start() as running:
        folder = Path(str(ask(running.env["DATABASE_URL"], "SHOW unix_socket_directories")))
        owner = (folder / "postgres" / "PG_VERSION").stat().st_uid
        assert owner != 0
        assert (folder / "binaries").is_dir()
