"""A reader of event streams over a plain connection."""

from __future__ import annotations

import http.client
import json
import time
from typing import Any, ClassVar
from urllib.parse import urlencode

from tools.processes import HOST

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Stream:
    """An open stream; ``mode`` is what the server said instead of one, if it did."""

    open: ClassVar[list[Stream]] = []

    def __init__(self, port: int, method: str, path: str, body: str, headers: Any) -> None:
        self.wire = http.client.HTTPConnection(HOST, port, timeout=20)
        self.open.append(self)
        self.wire.request(method, path, body, headers)
        self.answer = self.wire.getresponse()
        self.headers = self.answer.headers
        self.mode: Any = None
        if self.headers["Content-Type"] == "application/json":
            self.mode = json.loads(self.answer.read())

    @classmethod
    def of_visitor(cls, port: int, tokens: dict[str, str], after: int = 0) -> Stream:
        """Open the stream of a widget session."""
        body = urlencode({**tokens, "after": after})
        return cls(port, "POST", "/api/widget/stream/", body, FORM)

    @classmethod
    def of_operator(cls, port: int, session: str) -> Stream:
        """Open the stream of a logged-in operator."""
        headers = {"Cookie": f"sessionid={session}"}
        return cls(port, "GET", "/api/messenger/stream/", "", headers)

    def line(self) -> bytes:
        """Return the next line, empty when the stream is over."""
        return self.answer.readline()

    def events(self, *, seconds: float, wanted: int = 1) -> list[Any]:
        """Return the data of the events of the next seconds, but for ``resync``."""
        found: list[Any] = []
        until = time.monotonic() + seconds
        while time.monotonic() < until and len(found) < wanted:
            self.wire.sock.settimeout(max(0.05, until - time.monotonic()))
            try:
                line = self.line()
            except TimeoutError:
                break
            if not line:
                break
            if line.startswith(b"data: "):
                data = json.loads(line[6:])
                if data.get("type") != "resync" and data.get("revision") != 0:
                    found.append(data)
        return found

    def is_over(self, *, seconds: float) -> bool:
        """Read on until the server ends the stream; tell whether it did in time."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.wire.sock.settimeout(max(0.05, until - time.monotonic()))
            try:
                if not self.line():
                    return True
            except TimeoutError:
                return False
        return False

    def close(self) -> None:
        """Hang up."""
        if hasattr(self, "answer"):
            self.answer.close()
        self.wire.close()
