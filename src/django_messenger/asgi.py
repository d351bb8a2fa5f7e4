"""Push for ASGI hosts: ``application = with_messenger(get_asgi_application())``."""

from __future__ import annotations

import asyncio
import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.urls import NoReverseMatch, reverse

from django_messenger.exceptions import Unavailable
from django_messenger.operators import raw as operators
from django_messenger.parser import MAX_BYTES
from django_messenger.realtime.guard import guarded
from django_messenger.widget import raw as widget
from django_messenger.widget.base import CACHE_IS_DOWN

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Receive = Callable[[], Awaitable[Any]]
    Send = Callable[[Any], Awaitable[None]]
    Application = Callable[[Any, Receive, Send], Awaitable[None]]
    Handler = Callable[[Any, bytes, Receive, Send], Awaitable[bool]]

_HANDLERS: Final[dict[str, Handler]] = {
    "messenger_widget:poll": widget.poll,
    "messenger_widget:stream": widget.stream,
    "messenger_operators:stream": operators.stream,
}
#: A path of each part, and what comes in it after the part's own prefix.
_FIRST: Final = {
    "messenger_widget:poll": "poll/",
    "messenger_operators:stream": "stream/",
    "messenger_panel:list": "",
}
#: A client that takes longer to send a body of at most 64 KiB is let go, in seconds.
_PATIENCE: Final = 10.0


def with_messenger(application: Application) -> Application:
    """Serve streams and polls past Django's request machinery: without a thread or a connection
    each, but for the moment in which a poll reads what is new.

    Everything else goes on to ``application``, the host's own; the messenger's part of it is
    answered with 503 while the database is frozen or gone. The same URLs work without this, only
    at a higher price.
    """

    async def messenger(scope: Any, receive: Receive, send: Send) -> None:
        path = _path(scope) if scope["type"] == "http" else ""
        if not path.startswith(_prefixes(settings.ROOT_URLCONF)):
            await application(scope, receive, send)
            return
        handler = _routes(settings.ROOT_URLCONF).get(path)
        if handler is None:
            await guarded(application, scope, receive, send)
            return
        try:
            async with asyncio.timeout(_PATIENCE):
                body, complete = await _read_body(receive)
        except TimeoutError:
            await _too_slow(send)
            return
        if body is None or (complete and await _answers(handler, scope, body, receive, send)):
            return
        await guarded(application, scope, _replay(body, receive, complete=complete), send)

    return messenger


async def _answers(handler: Handler, scope: Any, body: bytes, receive: Receive, send: Send) -> bool:
    """Tell whether a handler has answered. Without the cache it cannot; the Django view says so."""
    try:
        return await handler(scope, body, receive, send)
    except Unavailable:
        scope[CACHE_IS_DOWN] = True
        return False


def _path(scope: Any) -> str:
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


@lru_cache(maxsize=8)
def _prefixes(urlconf: str) -> tuple[str, ...]:
    """Return what the messenger's paths begin with; nothing that all paths begin with."""
    found = [_find(name, urlconf).removesuffix(tail) for name, tail in _FIRST.items()]
    return tuple(prefix for prefix in found if len(prefix) > 1)


def _find(name: str, urlconf: str) -> str:
    """Return a path, empty for a part that the host did not mount."""
    try:
        return reverse(name, urlconf=urlconf)
    except NoReverseMatch:
        return ""


@lru_cache(maxsize=8)
def _routes(urlconf: str) -> dict[str, Handler]:
    """Return the handlers by path."""
    return {_find(name, urlconf): handler for name, handler in _HANDLERS.items()}


async def _read_body(receive: Receive) -> tuple[bytes | None, bool]:
    """Read a body as far as the limit, None if the client has left; tell whether that was all."""
    parts: list[bytes] = []
    size = 0
    while size <= MAX_BYTES:
        message = await receive()
        if message["type"] != "http.request":
            return None, False
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if not message.get("more_body", False):
            return b"".join(parts), True
    return b"".join(parts), False


def _replay(body: bytes, receive: Receive, *, complete: bool) -> Receive:
    """Return a ``receive`` that begins with what has been read already."""
    waiting = [{"type": "http.request", "body": body, "more_body": not complete}]

    async def replay() -> Any:
        return waiting.pop() if waiting else await receive()

    return replay


async def _too_slow(send: Send) -> None:
    body = json.dumps({"detail": "The request took too long.", "code": "invalid"}).encode()
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 400, "headers": headers})
    await send({"type": "http.response.body", "body": body})
