"""A widget on a page, for tests: it keeps its tokens and asks the visitors' API.

It speaks through Django's test client, or through ASGI with the raw answers of
``django_messenger.asgi`` in front of the same views.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol
from urllib.parse import urlencode

from asgiref.sync import async_to_sync
from django.test import Client, TestCase
from django.test.client import AsyncClientHandler, FakePayload

from django_messenger.asgi import with_messenger
from django_messenger.models import Inbox

BASE = "/api/widget/"
PAGE = "https://shop.example"
JSON = "application/json"
#: A block at whose end everything that waits for the commit is done: tests themselves never commit.
committing = partial(TestCase.captureOnCommitCallbacks, execute=True)
FORM = "application/x-www-form-urlencoded"


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        """The body; every answer of the API is JSON."""
        assert self.headers["content-type"] == JSON, self.content
        return json.loads(self.content)

    @property
    def code(self) -> str:
        """The stable word of an error."""
        found: str = self.json["code"]
        return found

    def expect(self, status: int) -> Any:
        """Check the status and return the body."""
        assert self.status == status, (self.status, self.content)
        return self.json


class Transport(Protocol):
    """A way from the page to the server."""

    def __call__(
        self, method: str, url: str, body: bytes, headers: Mapping[str, str], address: str
    ) -> Answer: ...


def through_django(
    method: str, url: str, body: bytes, headers: Mapping[str, str], address: str
) -> Answer:
    """Call the Django views, as under WSGI."""
    client = Client(REMOTE_ADDR=address)
    headers = {name.lower(): value for name, value in headers.items()}
    content_type = headers.pop("content-type", "")
    response = client.generic(method, url, body, content_type, headers=headers)
    assert not response.cookies
    answered = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, answered, response.getvalue())


def through_asgi(
    method: str, url: str, body: bytes, headers: Mapping[str, str], address: str
) -> Answer:
    """Call the wrapped ASGI application."""
    path, _, query = url.partition("?")
    given = {"host": "testserver", "content-length": str(len(body))}
    given |= {name.lower(): value for name, value in headers.items()}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode("latin-1"),
        "headers": [(n.encode("latin-1"), v.encode("latin-1")) for n, v in given.items()],
        "client": (address, 1),
        "server": ("testserver", 80),
    }
    return async_to_sync(_ask)(scope, body)


async def _ask(scope: dict[str, Any], body: bytes) -> Answer:
    waiting = [{"type": "http.request", "body": body, "more_body": False}]
    sent: list[Any] = []

    async def receive() -> Any:
        return waiting.pop() if waiting else await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    await with_messenger(_django)(scope, receive, send)
    raw = {name.decode().lower(): value.decode("latin-1") for name, value in sent[0]["headers"]}
    assert "set-cookie" not in raw
    return Answer(sent[0]["status"], raw, b"".join(part.get("body", b"") for part in sent[1:]))


async def _django(scope: Any, receive: Any, send: Any) -> None:
    """Django behind the wrapper, in the thread and the transaction of the test."""
    message = await receive()
    body = FakePayload(message["body"])
    response = await AsyncClientHandler()({**scope, "_body_file": body})
    headers = [(n.lower().encode(), v.encode("latin-1")) for n, v in response.headers.items()]
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": response.getvalue()})


@dataclass
class Widget:
    """A widget of one inbox, embedded in a page."""

    inbox: Inbox
    transport: Transport = through_django
    origin: str | None = PAGE
    address: str = "198.51.100.7"
    form: bool = False
    session: str = ""
    visitor: str = ""
    cursor: int = 0
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def tokens(self) -> dict[str, str]:
        """The two tokens that a call needs; none that is not known yet."""
        both = {"widget_token": self.inbox.widget_token, "widget_session_token": self.session}
        return {name: token for name, token in both.items() if token}

    def call(
        self,
        method: str,
        path: str,
        data: Any = None,
        *,
        body: bytes | None = None,
        content_type: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Make any call; ``body`` is sent as it is."""
        sent = dict(self.headers)
        if self.origin is not None:
            sent["Origin"] = self.origin
        if body is None:
            body = b"" if data is None else self._encode(data)
        if body or content_type:
            sent["Content-Type"] = content_type or (FORM if self.form else JSON)
        sent |= headers or {}
        with committing():
            return self.transport(method, BASE + path, body, sent, self.address)

    def _encode(self, data: Any) -> bytes:
        return urlencode(data).encode() if self.form else json.dumps(data).encode()

    def post(self, path: str, data: Any = None, **options: Any) -> Answer:
        """Post the tokens and ``data``."""
        return self.call("POST", path, {**self.tokens, **(data or {})}, **options)

    def get(self, path: str, **options: Any) -> Answer:
        """Ask with the tokens in the headers."""
        names = {"widget_token": "X-Widget-Token", "widget_session_token": "X-Widget-Session-Token"}
        headers = {names[name]: token for name, token in self.tokens.items()}
        return self.call("GET", path, headers={**headers, **options.pop("headers", {})}, **options)

    def config(self, **options: Any) -> Answer:
        """``GET config/``."""
        return self.call("GET", f"config/?widget_token={self.inbox.widget_token}", **options)

    def bootstrap(self, **said: Any) -> Answer:
        """``POST bootstrap/``; takes over the tokens and the cursor of the answer."""
        data = {"widget_token": self.inbox.widget_token, **said}
        if self.visitor:
            data.setdefault("visitor_token", self.visitor)
        answer = self.call("POST", "bootstrap/", data)
        if answer.status in (200, 201):
            self.session = answer.json["widget_session_token"]
            self.visitor = answer.json.get("visitor_token", self.visitor)
            self.cursor = answer.json["cursor"]
        return answer

    def start(self, **said: Any) -> Widget:
        """Bootstrap, which must succeed."""
        answer = self.bootstrap(**said)
        assert answer.status in (200, 201), answer.content
        return self

    def send(self, text: Any, **fields: Any) -> Answer:
        """``POST send/``."""
        return self.post("send/", {"body": text, **fields})

    def poll(self, after: Any = 0, **options: Any) -> Answer:
        """``POST poll/``."""
        return self.post("poll/", {"after": after}, **options)

    def read(self, read_seq: Any) -> Answer:
        """``POST read/``."""
        return self.post("read/", {"read_seq": read_seq})
