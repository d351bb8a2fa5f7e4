"""Server processes: under whom they run, how they come up, and that none is left behind."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FrameType
from typing import IO

HOST = "127.0.0.1"
READY_SECONDS = 60
STOP_SECONDS = 15


class ServiceError(RuntimeError):
    """A server cannot be started; the text says what to install or to set."""


class FolderInUseError(ServiceError):
    """Another process holds the lock of this folder."""


class StoppedError(Exception):
    """We were asked to stop."""


def dying_with_us(signal_name: str) -> list[str]:
    """The start of a command line that ends with the thread that starts it, even when we are
    killed. Empty where the system cannot do that."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", signal_name] if setpriv else []


@contextlib.contextmanager
def stopping_on_signals() -> Iterator[None]:
    """Leave the block, cleaning up on the way, when the terminal or a supervisor says so."""
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def stop(number: int, frame: FrameType | None) -> None:
        for each in signals:  # an impatient second Ctrl-C must not leave servers behind
            signal.signal(each, signal.SIG_IGN)
        raise StoppedError

    for each in signals:
        signal.signal(each, stop)
    with contextlib.suppress(StoppedError):
        yield


def bring_up(
    stack: contextlib.ExitStack,
    name: str,
    launch: Callable[[int], subprocess.Popen[bytes]],
    ready: Callable[[int], bool],
    quit_signal: signal.Signals,
    log: Path,
) -> int:
    """Start a server on a free port, wait until it is ready, and let ``stack`` end it.

    Another process may snatch the port in between; then another port is tried.

    Raises:
        ServiceError: it does not come up; the text ends with what it logged.
    """
    for _ in range(3):
        port = free_port()
        process = launch(port)
        until = time.monotonic() + READY_SECONDS
        while process.poll() is None and time.monotonic() < until:
            if ready(port):
                stack.callback(end, process, quit_signal)
                return port
            time.sleep(0.02)
        end(process, signal.SIGKILL)
        if "in use" not in log.read_text(errors="replace"):
            break
    raise ServiceError(f"{name} did not start:\n{log.read_text(errors='replace')[-2000:]}")


def end(process: subprocess.Popen[bytes], quit_signal: signal.Signals) -> None:
    """Ask a process to end and wait for it; kill it if it does not."""
    if process.poll() is None:
        process.send_signal(quit_signal)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    """A port of 127.0.0.1 that nobody has now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Account:
    """Under whom a server runs: ourselves, a made-up user of a user namespace, or ``nobody``.

    PostgreSQL refuses to run as root. No user is created and no folder's mode changed for it.
    """

    prefix: tuple[str, ...] = ()
    user: str | None = None

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; errors are in its ``stdout`` too."""
        return subprocess.run(
            [*self.prefix, *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            check=False,
            env=_clean_environment(),
            user=self.user,
            group=self._group(),
            extra_groups=self._extra_groups(),
        )

    def popen(
        self, command: list[str], log: Path, death_signal: str, lock: IO[str] | None
    ) -> subprocess.Popen[bytes]:
        """Start a server that ends with this process, even when that is killed.

        The server inherits ``lock``, so the folder stays locked until the server itself has gone.
        It gets a session of its own: a Ctrl-C in the terminal must not reach it before those who
        use it have ended.
        """
        with log.open("ab") as output:
            return subprocess.Popen(
                [*self.prefix, *dying_with_us(death_signal), *command],
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                env=_clean_environment(),
                pass_fds=(lock.fileno(),) if lock else (),
                user=self.user,
                group=self._group(),
                extra_groups=self._extra_groups(),
            )

    def own(self, folder: Path) -> None:
        """Give the folder to the account, where it is another user's."""
        if self.user:
            shutil.chown(folder, self.user, self._group())

    def reachable(self, binaries: Path, folder: Path) -> Path:
        """``binaries``, or a copy of their installation in ``folder`` if the account cannot read
        them."""
        if self.user is None or _open_to_all(binaries):
            return binaries
        # A wheel keeps the libraries in a folder beside the package.
        package, copy = binaries.parent.parent, folder / "binaries"
        for part in (package, package.with_name(f"{package.name}.libs")):
            if part.exists():
                shutil.copytree(part, copy / part.name)
        return copy / binaries.relative_to(package.parent)

    def data_home(self, home: Path) -> Path:
        """``home``, or a folder among the temporary ones that stands for it if the account cannot
        reach it."""
        if self.user is None or _open_to_all(home):
            return home
        stand_in = Path(tempfile.gettempdir()) / f"djm-data{str(home).replace('/', '-')}"
        stand_in.mkdir(mode=0o711, exist_ok=True)
        if stand_in.stat().st_uid != os.getuid():
            raise ServiceError(f"{stand_in} belongs to somebody else; set DATABASE_URL.")
        return stand_in

    def _group(self) -> int | None:
        return pwd.getpwnam(self.user).pw_gid if self.user else None

    def _extra_groups(self) -> list[int] | None:
        return [] if self.user else None


@cache
def unprivileged() -> Account:
    """The account under which PostgreSQL agrees to run."""
    if os.getuid() != 0:
        return Account()
    mapped = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
    with contextlib.suppress(OSError):
        if subprocess.run([*mapped, "true"], capture_output=True, check=False).returncode == 0:
            return Account(prefix=mapped)
    return Account(user="nobody")


def _open_to_all(path: Path) -> bool:
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents))


def _clean_environment() -> dict[str, str]:
    """Our environment without ``PG*``: a stray PGDATA or PGPORT breaks initdb and postgres."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C"}


@contextlib.contextmanager
def run_folder() -> Iterator[Path]:
    """A throw-away folder with a short path, because a Unix socket lies in it.

    Clears those of killed runs, too.
    """
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix="djm-run-"))
    folder.chmod(0o711)
    unprivileged().own(folder)
    try:
        with hold(folder / "lock"):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep() -> None:
    for lock in Path(tempfile.gettempdir()).glob("djm-run-*/lock"):
        with contextlib.suppress(OSError, FolderInUseError), hold(lock):
            shutil.rmtree(lock.parent, ignore_errors=True)


@contextlib.contextmanager
def hold(lock: Path, *, patience: float = 0) -> Iterator[IO[str]]:
    """Hold a lock that the system itself releases with the last process that has it open.

    ``patience`` is how many seconds to wait for it.

    Raises:
        FolderInUseError: somebody else holds it.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a") as handle:
        until = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise FolderInUseError(f"{lock.parent} is in use.") from None
                time.sleep(0.05)
        yield handle
