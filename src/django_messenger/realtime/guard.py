"""Word within two seconds: answers 503 for the application while the database does not answer."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING, Any, Final

from django.template.loader import render_to_string

from django_messenger.exceptions import Unavailable
from django_messenger.realtime.pulse import get_pulse
from django_messenger.realtime.sse import raw_headers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Receive = Callable[[], Awaitable[Any]]
    Send = Callable[[Any], Awaitable[None]]
    Application = Callable[[Any, Receive, Send], Awaitable[None]]

logger = logging.getLogger("django_messenger")

_PAGE: Final = "django_messenger/panel/unavailable.html"
#: It says nothing about any inbox, so pages of any origin may read it; the connection is given up
#: because its former request may still be at work.
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Retry-After",
    "Connection": "close",
}
#: Requests that were answered for; their threads end when the database lets them.
_left_behind: set[asyncio.Future[None]] = set()


class _Answer:
    """Passes on what the application says, until somebody else has answered."""

    __slots__ = ("_send", "given_up", "started")

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = self.given_up = False

    async def send(self, message: Any) -> None:
        if not self.given_up:
            self.started = True
            await self._send(message)


async def guarded(application: Application, scope: Any, receive: Receive, send: Send) -> None:
    """Let the application answer, or say 503 where its database is down."""
    pulse = get_pulse()
    if pulse.is_down:
        await _say_unavailable(scope, send)
        return
    answer = _Answer(send)
    work = asyncio.ensure_future(application(scope, receive, answer.send))
    try:
        await pulse.accompany(work)
    except Unavailable:
        if answer.started:
            await work
            return
        answer.given_up = True
        _left_behind.add(work)
        work.add_done_callback(_forget)
        logger.warning("The database does not answer: a request is refused.")
        await _say_unavailable(scope, send)
    except asyncio.CancelledError:
        work.cancel()
        raise


def _forget(work: asyncio.Future[None]) -> None:
    _left_behind.discard(work)
    if not work.cancelled():
        work.exception()  # it has been answered for; nobody else would take note


async def _say_unavailable(scope: Any, send: Send) -> None:
    error = Unavailable()
    if b"text/html" in dict(scope["headers"]).get(b"accept", b""):
        kind, body = "text/html; charset=utf-8", render_to_string(_PAGE).encode()
    else:
        words = {"detail": str(error.detail), "code": error.code}
        kind, body = "application/json", json.dumps(words).encode()
    headers = {
        **_HEADERS,
        "Content-Type": kind,
        "Content-Length": str(len(body)),
        "Retry-After": str(error.retry_after),
    }
    start = {"type": "http.response.start", "status": error.status, "headers": raw_headers(headers)}
    await send(start)
    await send({"type": "http.response.body", "body": body})
