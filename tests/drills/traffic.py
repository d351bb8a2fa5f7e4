"""A busy quarter of a minute: visitors write, pollers follow, an operator answers, streams hang on.

Whatever happens to the servers meanwhile, what was accepted must be there once and in order.
"""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from tests.drills.people import Operator, Reply, Visitor, form_request
from tests.drills.world import WIDGET
from tools.processes import HOST

VISITORS, POLLERS = 4, 2
#: A hint about something; a ``resync`` names no revision.
EVENT = re.compile(rb'"revision":[1-9]')


class Listener:
    """A stream that is opened again whenever it ends; ``refused`` is called where it cannot be."""

    def __init__(
        self, port: int, request: Callable[[], bytes], refused: Callable[[], object]
    ) -> None:
        self._port, self._request, self._refused = port, request, refused
        self._stop = threading.Event()
        self.hints: list[float] = []
        self.opened: list[float] = []

    def run(self) -> None:
        """Listen until it is stopped."""
        while not self._stop.wait(0.2):
            with suppress(OSError), socket.create_connection((HOST, self._port), 5) as wire:
                wire.sendall(self._request())
                self._listen(wire)

    def _listen(self, wire: socket.socket) -> None:
        wire.settimeout(0.5)
        begun = False
        while not self._stop.is_set():
            try:
                data = wire.recv(65536)
            except TimeoutError:
                continue
            if not data:
                return
            if not begun and b"event-stream" not in data:
                self._refused()
                return
            if not begun:
                begun = True
                self.opened.append(time.monotonic())
            if EVENT.search(data):
                self.hints.append(time.monotonic())

    def stop(self) -> None:
        """Hang up."""
        self._stop.set()


class Traffic:
    """The people, each in a thread of their own, for as long as the block lasts."""

    def __init__(self, port: int, prefix: str) -> None:
        self.port, self.prefix = port, prefix
        self.visitors = [Visitor(port, WIDGET, f"{prefix} {n}") for n in range(VISITORS)]
        self.conversations = [visitor.boot()["conversation"]["id"] for visitor in self.visitors]
        for number, visitor in enumerate(self.visitors):
            visitor.send(f"{prefix}-v{number}-first")
        self.operator = Operator(port, "anna")
        self.answered: list[str] = []
        self.polled: list[list[Any]] = [[] for _ in range(POLLERS)]
        self.pollers = [visitor.twin() for visitor in self.visitors[:POLLERS]]
        self.listeners = [self._visitors_stream(), self._operators_stream()]
        self.failed: list[BaseException] = []
        self._stop, self._quiet = threading.Event(), threading.Event()
        self._writers = [self._thread(lambda n=n: self._write(n)) for n in range(VISITORS)]
        self._writers.append(self._thread(self._answer))
        self._readers = [self._thread(lambda n=n: self._follow(n)) for n in range(POLLERS)]
        self._readers += [self._thread(listener.run) for listener in self.listeners]

    def __enter__(self) -> Traffic:
        for thread in self._writers + self._readers:
            thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stop.set()
        for thread in self._writers:
            thread.join(60)
        time.sleep(0.5)
        self._quiet.set()
        for listener in self.listeners:
            listener.stop()
        for thread in self._readers:
            thread.join(60)

    @property
    def replies(self) -> list[Reply]:
        """Every answer to anybody."""
        people = [*self.visitors, *self.pollers, self.operator]
        return [reply for person in people for reply in person.wire.replies]

    def between(self, start: float, end: float) -> list[Reply]:
        """The answers that were asked for and given in a span of time."""
        return [r for r in self.replies if r.at - r.seconds >= start and r.at <= end]

    def check(self) -> None:
        """Nothing is lost, doubled or out of order; nobody got another 5xx."""
        assert not self.failed, self.failed
        for number, visitor in enumerate(self.visitors):
            stored = visitor.everything()
            numbers = [message["seq"] for message in stored]
            assert numbers == sorted(set(numbers))
            said = [m["body"] for m in stored if m["kind"] == "visitor"]
            assert said == visitor.accepted
            heard = [m["body"] for m in stored if m["kind"] == "operator"]
            assert heard == [text for text in self.answered if f"-o{number}-" in text]
            if number < POLLERS:
                assert [m["id"] for m in self.polled[number]] == [m["id"] for m in stored]
        for reply in self.replies:
            assert reply.status < 500 or reply.status == 503, (reply.path, reply.status)
            if reply.status == 503:
                assert int(reply.headers["Retry-After"]) >= 1
                if reply.path.startswith("/api/"):
                    assert reply.json["code"] == "temporarily_unavailable"

    def _thread(self, job: Callable[[], None]) -> threading.Thread:
        def run() -> None:
            try:
                job()
            except BaseException as error:
                self.failed.append(error)

        return threading.Thread(target=run)

    def _write(self, number: int) -> None:
        turn = 0
        while not self._stop.wait(0.05):
            self.visitors[number].send(f"{self.prefix}-v{number}-{turn}")
            turn += 1

    def _follow(self, number: int) -> None:
        cursor, last, more = 0, False, True
        while more or not last:
            last = self._quiet.is_set()
            answer = self.pollers[number].poll(cursor)
            self.polled[number] += answer["messages"]
            cursor, more = answer["cursor"], answer["has_more"]
            time.sleep(0.1)

    def _answer(self) -> None:
        turn = 0
        while not self._stop.wait(0.2):
            for number, conversation in enumerate(self.conversations):
                text = f"{self.prefix}-o{number}-{turn}"
                write = self.operator.answer if turn % 2 else self.operator.answer_by_form
                write(conversation, text)
                self.answered.append(text)
            self.operator.list()
            turn += 1

    def _visitors_stream(self) -> Listener:
        reader = self.visitors[0].twin()
        return Listener(
            self.port, lambda: form_request("/api/widget/stream/", reader.tokens), reader.boot
        )

    def _operators_stream(self) -> Listener:
        head = "GET /api/messenger/stream/ HTTP/1.1"
        text = f"{head}\r\nHost: localhost\r\nCookie: {self.operator.cookie}\r\n\r\n"
        return Listener(self.port, text.encode, lambda: None)
