"""The two servers of a browser test: the messenger, and a page on another origin."""

from __future__ import annotations

import contextlib
import html
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.db import connection

from tools.processes import HOST, dying_with_us, end

ROOT = Path(__file__).resolve().parents[2]
UNLIMITED = {"THROTTLE_RATES": dict.fromkeys(("bootstrap", "send", "poll", "default"), "")}
_REQUEST = re.compile(r'"([A-Z]+) (?:/api/widget)?(/[^ ?]*)[^"]*" (\d{3})')


class Messenger:
    """The messenger under ASGI or WSGI, on the test's own database and cache."""

    def __init__(
        self,
        log: Path,
        options: Mapping[str, object] = UNLIMITED,
        application: str = "tests.browser.asgi:application",
        settings: str = "tests.settings.browser",
        *,
        wsgi: bool = False,
    ) -> None:
        self.port = 0  # any free one, and the same again after a restart
        self.application = application
        self.settings = settings
        self.log = log
        self.options = options
        self.wsgi = wsgi
        self.start()

    def start(self, *, enabled: bool = True) -> None:
        """Start the process and wait until it answers."""
        server = urlsplit(os.environ["DATABASE_URL"])
        database = urlunsplit(server._replace(path=f"/{connection.settings_dict['NAME']}"))
        environment = {
            **os.environ,
            "DATABASE_URL": database,
            "DJANGO_SETTINGS_MODULE": self.settings,
            "MESSENGER_ENABLED": str(int(enabled)),
            "MESSENGER_OPTIONS": json.dumps(self.options),
        }
        command = [*dying_with_us("TERM"), sys.executable, "-m"]
        serve = ["uvicorn", self.application, "--no-proxy-headers"]
        serve += ["--timeout-graceful-shutdown", "3"]
        command += ["tests.browser.wsgi"] if self.wsgi else serve
        # The socket is ours from the start: nobody else can take the port in between.
        with socket.create_server((HOST, self.port)) as listening, self.log.open("ab") as output:
            self.port = listening.getsockname()[1]
            command += ["--fd", str(listening.fileno())]
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=output,
                pass_fds=[listening.fileno()],
            )
        self._wait()

    @property
    def origin(self) -> str:
        """Where it serves."""
        return f"http://{HOST}:{self.port}"

    def _wait(self) -> None:
        until = time.monotonic() + 60
        while self.process.poll() is None and time.monotonic() < until:
            with contextlib.suppress(ConnectionError):
                self._ask()
                return
            time.sleep(0.05)
        raise RuntimeError(f"The server did not start:\n{self.log.read_text()}")

    def _ask(self) -> None:
        wire = http.client.HTTPConnection(HOST, self.port, timeout=30)
        with contextlib.closing(wire):
            wire.request("GET", "/up/")
            wire.getresponse().read()

    def stop(self) -> None:
        """End the process as a deployment does."""
        end(self.process, signal.SIGTERM)

    def requests(self) -> list[tuple[str, str, int]]:
        """Method, path below ``/api/widget`` and status of every call so far."""
        found = _REQUEST.findall(self.log.read_text())
        return [(method, path, int(status)) for method, path, status in found if path != "/up/"]

    def count(self, path: str, method: str = "POST") -> int:
        """How often a path was called, whatever the answer."""
        return sum(call[:2] == (method, path) for call in self.requests())


class Site:
    """A page of somebody else's that embeds the widget; its origin is ``http://localhost:port``."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[str, dict[str, str]]] = {}
        pages = self.pages

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body, headers = pages.get(self.path.partition("?")[0], ("", {}))
                self.send_response(200 if body else 204)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer((HOST, 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.origin = f"http://localhost:{self.port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def show(
        self,
        content: str,
        *,
        path: str = "/",
        head: str = "",
        policy: str = "",
        lang: str = "en",
    ) -> str:
        """Serve a page and return its address."""
        headers = {"Content-Security-Policy": policy} if policy else {}
        document = (
            f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>Shop</title>{head}</head><body>{content}</body></html>"
        )
        self.pages[path] = (document, headers)
        return f"{self.origin}{path}"


def tag(messenger: Messenger, token: str, **attributes: str) -> str:
    """The tag that a page embeds; attributes as keywords, ``_`` for ``-``."""
    values = {"data-widget-token": token, **attributes}
    text = "".join(
        f' {name.replace("_", "-")}="{html.escape(value)}"' for name, value in values.items()
    )
    return f'<script async src="{messenger.origin}/api/widget/loader.js"{text}></script>'
