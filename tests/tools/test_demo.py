"""``./run demo``, as people start and stop it. The database is one of the test server."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests.databases import blank_database
from tools.demo import DEFAULT_PORT, reserve_port
from tools.processes import HOST, free_port

ROOT = Path(__file__).resolve().parent.parent.parent
READY_SECONDS = 120


class Demo:
    """A running demo; made once it says that it is ready."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self._said_ready = threading.Event()
        self.reader = threading.Thread(target=self._read)
        self.reader.start()
        self._said_ready.wait(READY_SECONDS)
        if not self.url:
            self.close()
            pytest.fail("\n".join(self.lines))

    def close(self) -> None:
        self.process.terminate()
        self.reader.join()

    @property
    def url(self) -> str:
        ready = (line for line in list(self.lines) if line.startswith("ready "))
        return next(ready, "").removeprefix("ready ")

    def _read(self) -> None:
        # To the end: the server must not block on a full pipe.
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            if line.startswith("ready "):
                self._said_ready.set()
        self._said_ready.set()

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urlopen(self.url + path, timeout=30) as response:
                return response.status, response.read().decode()
        except HTTPError as error:
            with error:
                return error.code, error.read().decode()


StartDemo = Callable[..., Demo]


@pytest.fixture
def start_demo() -> Iterator[StartDemo]:
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(blank_database("demo"))

        def start(*arguments: str, **env: str) -> Demo:
            process = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "tools.demo", *arguments],
                    cwd=ROOT,
                    env={**os.environ, "DATABASE_URL": database, **env},
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                )
            )
            return stack.enter_context(contextlib.closing(Demo(process)))

        yield start


@pytest.mark.slow
def test_it_serves_the_pages_and_stops_on_ctrl_c(start_demo: StartDemo) -> None:
    port = free_port()
    demo = start_demo("--port", str(port))
    assert demo.url == f"http://{HOST}:{port}/"
    assert any("anna" in line and "demo" in line for line in demo.lines)
    for page in ("", "south/", "playground/", "api/widget/chat/demo-north-inbox/"):
        assert demo.get(page)[0] == 200
    assert demo.get("api/widget/config/?widget_token=demo-north-inbox")[0] == 200
    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(30) == 0
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((HOST, port), timeout=5)

    again = start_demo(PORT=str(port))  # the data are there already, and the port is free again
    assert again.url == demo.url


@pytest.mark.slow
def test_with_the_flag_off_it_gets_ready_too(start_demo: StartDemo) -> None:
    demo = start_demo("--port", str(free_port()), "--workers", "2", MESSENGER_ENABLED="0")
    status, body = demo.get("api/widget/config/?widget_token=demo-north-inbox")
    assert (status, json.loads(body)) == (404, {"detail": "Messenger disabled"})


def test_a_port_that_was_asked_for_is_taken_or_refused() -> None:
    with reserve_port(0) as first, reserve_port(0) as second:
        numbers = [reserved.getsockname()[1] for reserved in (first, second)]
        assert DEFAULT_PORT <= numbers[0] < numbers[1]
        with pytest.raises(SystemExit, match="in use"):
            reserve_port(numbers[0])
