"""Visitors and operators who never give up, and keep a record of what they were answered."""

from __future__ import annotations

import http.client
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import urlencode

from tools.processes import HOST

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PAUSE = 0.1


@dataclass(frozen=True)
class Reply:
    """An answer: how long it took, in seconds, and when it came."""

    path: str
    status: int
    seconds: float
    headers: http.client.HTTPMessage
    body: bytes
    at: float

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.body)


class Wire:
    """A connection that is opened anew whenever it breaks."""

    every: ClassVar[list[Wire]] = []

    def __init__(self, port: int, headers: dict[str, str] | None = None) -> None:
        self._port, self._headers = port, headers or {}
        self._wire: http.client.HTTPConnection | None = None
        self.replies: list[Reply] = []
        self.every.append(self)

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> Reply | None:
        """Return the answer, or None where the connection broke without one."""
        started = time.monotonic()
        try:
            if self._wire is None:
                self._wire = http.client.HTTPConnection(HOST, self._port, timeout=30)
            sent = {**self._headers, **{n.replace("_", "-"): v for n, v in headers.items()}}
            self._wire.request(method, path, body or None, sent)
            answer = self._wire.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            if isinstance(error, TimeoutError):
                raise AssertionError(f"{path} hung") from error
            return None
        now = time.monotonic()
        reply = Reply(path, answer.status, now - started, answer.headers, content, now)
        self.replies.append(reply)
        return reply

    def close(self) -> None:
        """Hang up; the next call opens it anew."""
        if self._wire is not None:
            self._wire.close()
            self._wire = None


@dataclass
class Visitor:
    """A browser at an inbox. It keeps its tokens and takes every call up again until it is done."""

    port: int
    widget_token: str
    name: str
    visitor_token: str = ""
    session: str = ""
    wire: Wire = field(init=False)
    accepted: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.wire = Wire(self.port, JSON)

    @property
    def tokens(self) -> dict[str, str]:
        """Both tokens of a call."""
        return {"widget_token": self.widget_token, "widget_session_token": self.session}

    def boot(self) -> Any:
        """Bootstrap until it works; the answer."""
        said = {"widget_token": self.widget_token, "name": self.name}
        if self.visitor_token:
            said["visitor_token"] = self.visitor_token
        reply = persist(
            lambda: self.wire.ask("POST", "/api/widget/bootstrap/", json.dumps(said)), (200, 201)
        )
        self.session = reply.json["widget_session_token"]
        self.visitor_token = reply.json.get("visitor_token", self.visitor_token)
        return reply.json

    def call(self, path: str, **fields: Any) -> Any:
        """Call until it works, with a new session where the old one is gone; the answer."""
        while True:
            text = json.dumps({**self.tokens, **fields})
            reply = persist(
                lambda text=text: self.wire.ask("POST", f"/api/widget/{path}/", text),
                (200, 201, 401),
            )
            if reply.status != 401:
                return reply.json
            self.boot()

    def send(self, body: str) -> None:
        """Send until it is accepted."""
        self.call("send", body=body, client_id=body)
        self.accepted.append(body)

    def poll(self, after: int) -> Any:
        """Poll until there is an answer."""
        return self.call("poll", after=after)

    def everything(self) -> list[Any]:
        """Return all messages of the conversation, from the first on."""
        found: list[Any] = []
        cursor, more = 0, True
        while more:
            answer = self.poll(cursor)
            found += answer["messages"]
            cursor, more = answer["cursor"], answer["has_more"]
        return found

    def twin(self) -> Visitor:
        """Return the same browser for another thread."""
        return Visitor(self.port, self.widget_token, self.name, self.visitor_token, self.session)


class Operator:
    """A logged-in operator: the HTML pages and the API."""

    def __init__(self, port: int, name: str, password: str = "demo") -> None:
        self._cookies: dict[str, str] = {}
        self.wire = Wire(port)
        self._ask("GET", "/accounts/login/")
        form = {"username": name, "password": password, "next": "/messenger/"}
        done = self._post("/accounts/login/", form)
        assert done is not None
        assert done.status == 302, done.body

    @property
    def cookie(self) -> str:
        """The login, as a header."""
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    def list(self) -> Reply | None:
        """Open the list of conversations."""
        return self._ask("GET", "/messenger/?view=all")

    def thread(self, conversation: str) -> Reply | None:
        """Open a conversation."""
        return self._ask("GET", f"/messenger/{conversation}/")

    def answer_by_form(self, conversation: str, body: str) -> None:
        """Answer in the form of the page, again until it is taken."""
        while True:
            page = self.thread(conversation)
            if page is not None and page.status == 200:
                assert re.search(rb'name="client_id" value="[^"]+"', page.body)
                form = {"body": body, "client_id": body, "action": "reply"}
                done = self._post(f"/messenger/{conversation}/", form)
                if done is not None and done.status == 302:
                    return
                assert done is None or done.status == 503, done.body
            time.sleep(PAUSE)

    def answer(self, conversation: str, body: str) -> None:
        """Answer by the API, again until it is taken."""
        text = json.dumps({"body": body, "client_id": body, "force": True})
        path = f"/api/messenger/conversations/{conversation}/messages/"
        persist(lambda: self._ask("POST", path, text, **self._token(), **JSON), (200, 201))

    def changes(self) -> Any:
        """Ask what has changed since ever."""
        reply = self._ask("GET", "/api/messenger/conversations/changes/")
        assert reply is not None
        assert reply.status == 200, reply.body
        return reply.json

    def _post(self, path: str, form: dict[str, str]) -> Reply | None:
        return self._ask("POST", path, urlencode(form), **self._token(), **FORM)

    def _token(self) -> dict[str, str]:
        return {"X-CSRFToken": self._cookies.get("csrftoken", "")}

    def _ask(self, method: str, path: str, body: str = "", **headers: str) -> Reply | None:
        reply = self.wire.ask(method, path, body, Cookie=self.cookie, **headers)
        if reply is not None:
            for line in reply.headers.get_all("Set-Cookie", []):
                name, _, value = line.partition(";")[0].partition("=")
                self._cookies[name] = value
        return reply


def form_request(path: str, fields: dict[str, str]) -> bytes:
    """Return a POST as it goes over the wire."""
    body = urlencode(fields)
    head = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
    head += [f"{name}: {value}" for name, value in FORM.items()]
    return "\r\n".join([*head, "", body]).encode()


def persist(call: Callable[[], Reply | None], wanted: tuple[int, ...]) -> Reply:
    """Repeat a call while there is no answer or 503."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        reply = call()
        if reply is not None and reply.status in wanted:
            return reply
        assert reply is None or reply.status == 503, (reply.path, reply.status, reply.body[:500])
        time.sleep(PAUSE)
    raise AssertionError("No answer for a minute")
