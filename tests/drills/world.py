"""A real server on stores of one's choice: the example project, unless told otherwise."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from tools.demo import PROJECT, prepare
from tools.processes import HOST, dying_with_us, end

WIDGET = "demo-north-inbox"
UNLIMITED: dict[str, Any] = {
    "THROTTLE_RATES": dict.fromkeys(("bootstrap", "send", "poll", "default"), ""),
    "STREAMS_PER_SESSION": 10_000,
    "STREAMS_PER_IP": 10_000,
}
UVICORN = (
    "-m uvicorn config.asgi:application --no-proxy-headers --timeout-graceful-shutdown 3 --fd {fd}"
)


class Server:
    """A server process of the example project on a port that it keeps over restarts."""

    def __init__(
        self,
        log: Path,
        env: Mapping[str, str],
        options: Mapping[str, Any] = UNLIMITED,
        command: str = UVICORN,
        folder: Path = PROJECT,
    ) -> None:
        self.log = log
        self.env = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "MESSENGER_ENABLED": "1",
            "MESSENGER_OPTIONS": json.dumps(options),
            **env,
        }
        self._command, self._folder = command, folder
        self.port = 0
        self.process: subprocess.Popen[bytes]

    def prepare(self) -> None:
        """Create the tables and the demo's data."""
        prepare(self.env)

    def start(self) -> None:
        """Start the process and wait until it answers."""
        # The socket is ours from the start: nobody else can take the port in between.
        with socket.create_server((HOST, self.port)) as listening, self.log.open("ab") as output:
            self.port = listening.getsockname()[1]
            words = self._command.format(fd=listening.fileno()).split()
            self.process = subprocess.Popen(
                [*dying_with_us("TERM"), sys.executable, *words],
                cwd=self._folder,
                env=self.env,
                stdout=output,
                stderr=output,
                pass_fds=[listening.fileno()],
            )
        until = time.monotonic() + 60
        while self.process.poll() is None and time.monotonic() < until:
            with suppress(OSError, http.client.HTTPException):
                self.get("/favicon.ico")
                return
            time.sleep(0.05)
        raise RuntimeError(f"The server did not start:\n{self.log.read_text()}")

    def get(self, path: str) -> int:
        """Return the status of a page."""
        with closing(http.client.HTTPConnection(HOST, self.port, timeout=10)) as wire:
            wire.request("GET", path)
            answer = wire.getresponse()
            answer.read()
            return answer.status

    def kill(self) -> None:
        """End the process without a word."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End the process as a deployment does."""
        end(self.process, signal.SIGTERM)

    def threads(self) -> int:
        """Return how many threads the process has."""
        return len(list(Path(f"/proc/{self.process.pid}/task").iterdir()))
