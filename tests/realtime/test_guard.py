"""What is answered in place of the application while the database does not."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest
from django.db import connection

from django_messenger.asgi import with_messenger

NOBODY = 1  # no server listens on this port


class Call:
    """A request to the wrapped application, and what came of it."""

    def __init__(self, path: str = "/api/messenger/me/", accept: str = "*/*") -> None:
        self.scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "headers": [(b"accept", accept.encode())],
        }
        self.sent: list[Any] = []
        self.seconds = 0.0

    async def through(self, application: Any) -> Call:
        """Make the call."""

        async def send(message: Any) -> None:
            self.sent.append(message)

        started = time.monotonic()
        await with_messenger(application)(self.scope, asyncio.Event().wait, send)
        self.seconds = time.monotonic() - started
        return self

    @property
    def status(self) -> int:
        number: int = self.sent[0]["status"]
        return number

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.sent[0]["headers"]}


async def slow(scope: Any, receive: Any, send: Any) -> None:
    """A host that takes its time."""
    await asyncio.sleep(1.7)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "PORT", NOBODY)


def test_slow_is_not_down() -> None:
    call = asyncio.run(Call().through(slow))
    assert call.status == 200


def test_what_waits_for_a_lost_database_is_answered_and_the_next_at_once(no_database: None) -> None:
    async def scenario() -> tuple[Call, Call]:
        first = await Call().through(slow)
        return first, await Call().through(slow)

    first, second = asyncio.run(scenario())
    for call in (first, second):
        assert call.status == 503
        assert call.headers["retry-after"] == "5"
        assert call.headers["cache-control"] == "no-store"
        assert json.loads(call.sent[1]["body"])["code"] == "temporarily_unavailable"
        assert len(call.sent) == 2
    assert 1 <= first.seconds < 1.6
    assert second.seconds < 0.2


def test_it_notices_that_the_database_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> list[int]:
        with monkeypatch.context() as patch:
            patch.setitem(connection.settings_dict, "PORT", NOBODY)
            before = await Call().through(slow)
        await asyncio.sleep(1)
        return [before.status, (await Call().through(slow)).status]

    assert asyncio.run(scenario()) == [503, 200]


def test_browsers_get_a_page(no_database: None) -> None:
    call = asyncio.run(Call("/messenger/", accept="text/html,*/*;q=0.8").through(slow))
    assert call.status == 503
    assert call.headers["content-type"].startswith("text/html")
    assert b"<h1" in call.sent[1]["body"]


def test_the_pages_of_the_host_are_its_own_affair(no_database: None) -> None:
    call = asyncio.run(Call("/reports/").through(slow))
    assert call.status == 200
