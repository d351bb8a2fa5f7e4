"""``./run demo``: the example project with demo data, served on this machine until Ctrl-C."""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from tools import services
from tools.processes import HOST, dying_with_us, end, stopping_on_signals

ROOT = Path(__file__).resolve().parent.parent
PROJECT = ROOT / "example_project"
DATA = ROOT / ".data"
DEFAULT_PORT = 8000
STARTED_SECONDS = 60

PAGES = (
    ("", "the site of branch North, with its chat"),
    ("south/", "the same for branch South"),
    ("messenger/", "the operators' panel"),
    ("admin/", "Django's admin"),
    ("api/docs/", "the API documentation"),
)
# In one process: Django takes longer to start than both commands together.
PREPARE = """
import django
from django.core.management import call_command

django.setup()
call_command("migrate", interactive=False, verbosity=0)
call_command("messenger_demo")
"""
LOGINS = "anna (North), boris (South), vera (both), admin; password: demo"


def main(arguments: list[str]) -> int:
    """Serve the demo; returns the exit code, 0 when it was asked to stop."""
    options = parse(arguments)
    with stopping_on_signals(), contextlib.ExitStack() as stack:
        reserved = stack.enter_context(reserve_port(options.port))
        port = reserved.getsockname()[1]
        running = stack.enter_context(start_services(port, reset=options.reset))
        environment = demo_environment(running, port)
        prepare(environment)
        reserved.close()
        server = start_server(port, options.workers, environment)
        stack.callback(end, server, signal.SIGTERM)
        announce(running, port)
        wait_until_it_answers(server, port)
        print(f"ready http://{HOST}:{port}/", flush=True)
        return server.wait()
    print("Stopped.", flush=True)
    return 0


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./run demo",
        description="The example project with demo data, served on this machine until Ctrl-C.",
    )
    parser.add_argument(
        "--port",
        type=int,
        default=int(os.environ.get("PORT") or 0),
        help="default: PORT from the environment, else 8000 or the next free one",
    )
    parser.add_argument("--workers", type=int, default=1, help="server processes, default 1")
    parser.add_argument("--reset", action="store_true", help="begin with a new database")
    options = parser.parse_args(arguments)
    if options.reset and os.environ.get("DATABASE_URL"):
        parser.error("--reset wipes the demo's own database only, but DATABASE_URL is set")
    return options


def reserve_port(wanted: int) -> socket.socket:
    """Listen on the port that was asked for, else on 8000 or the next free one.

    It is let go just before the server takes it, so that two demos that start together differ.
    """
    for port in [wanted] if wanted else range(DEFAULT_PORT, DEFAULT_PORT + 100):
        with contextlib.suppress(OSError):
            return socket.create_server((HOST, port))
    sys.exit(f"Port {wanted or DEFAULT_PORT} is in use; choose another with --port.")


def start_services(port: int, *, reset: bool) -> services.Services:
    """Start the servers on the kept data; beside a running demo on data of this port."""
    for folder in (DATA / "demo", DATA / f"demo-{port}"):
        try:
            return services.start(data=folder, reset=reset)
        except services.FolderInUseError:
            continue
        except services.ServiceError as error:
            sys.exit(f"{error}\nIf the data in {folder} is to blame, ./run demo --reset wipes it.")
    sys.exit(f"{folder} is in use by another demo.")


def demo_environment(running: services.Services, port: int) -> dict[str, str]:
    """The environment of the example project's processes."""
    return {
        **os.environ,
        **running.env,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "MESSENGER_ENABLED": os.environ.get("MESSENGER_ENABLED", "1"),
        "PORT": str(port),
    }


def prepare(environment: dict[str, str]) -> None:
    """Bring the database up to date and fill in the demo data."""
    done = subprocess.run(
        [sys.executable, "-c", PREPARE], cwd=PROJECT, env=environment, check=False
    )
    if done.returncode:
        sys.exit(done.returncode)


def start_server(port: int, workers: int, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start uvicorn, which trusts no forwarded header here: there is no proxy in front."""
    command = [sys.executable, "-m", "uvicorn", "config.asgi:application"]
    command += ["--host", HOST, "--port", str(port), "--workers", str(workers)]
    command += ["--no-proxy-headers", "--timeout-graceful-shutdown", "3"]
    return subprocess.Popen(
        [*dying_with_us("TERM"), *command],
        cwd=PROJECT,
        env=environment,
        stdin=subprocess.DEVNULL,
        start_new_session=True,  # we pass a Ctrl-C on ourselves, in the right order
    )


def announce(running: services.Services, port: int) -> None:
    """Say what runs where and who can log in."""
    print(running.describe())
    for path, meaning in PAGES:
        print(f"  http://{HOST}:{port}/{path:<11} {meaning}")
    print(f"Log in as {LOGINS}", flush=True)


def wait_until_it_answers(server: subprocess.Popen[bytes], port: int) -> None:
    """Return once ``GET /`` has an answer, whichever: with the flag off it may be any status."""
    until = time.monotonic() + STARTED_SECONDS
    while server.poll() is None and time.monotonic() < until:
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection(HOST, port, timeout=STARTED_SECONDS)
            connection.request("GET", "/")
            connection.getresponse().read()
            connection.close()
            return
        time.sleep(0.1)
    sys.exit(server.returncode or f"No answer from port {port} after {STARTED_SECONDS} s.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
