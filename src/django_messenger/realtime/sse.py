"""Server-sent events on the wire."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from django_messenger.bus import Hint
    from django_messenger.realtime.hub import Hub, Subscription

#: A proxy must neither keep back nor change what is sent; browsers must not store it.
HEADERS: Final[dict[str, str]] = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",
    "Content-Encoding": "identity",
}

_START: Final = b"retry: 3000\n: open\n\n"
_BEAT: Final = b": hb\n\n"
#: A reader who takes nothing for so long, in seconds, is let go; it comes back and asks.
_SLOW: Final = 10.0


def visitor_event(hint: Hint) -> dict[str, Any]:
    """Return what a visitor learns from a hint: the revision to ask for."""
    return {"revision": hint.revision}


def operator_event(hint: Hint) -> dict[str, Any]:
    """Return what an operator learns: which conversation, and what kind of thing changed."""
    return {
        "type": hint.type,
        "conversation": hint.conversation or None,
        "revision": hint.revision,
    }


async def chunks(
    hub: Hub, subscription: Subscription, shape: Callable[[Hint], dict[str, Any]]
) -> AsyncIterator[bytes]:
    """Yield the stream of a subscription until it is over, then take it out of the hub."""
    subscription.started = True
    try:
        yield _START
        while (hints := await subscription.next()) is not None:
            yield b"".join(_event(shape(hint)) for hint in hints) or _BEAT
    finally:
        hub.unsubscribe(subscription)


def _event(data: dict[str, Any]) -> bytes:
    return b"event: hint\ndata: " + json.dumps(data, separators=(",", ":")).encode() + b"\n\n"


async def serve(
    receive: Callable[[], Awaitable[Any]],
    send: Callable[[Any], Awaitable[None]],
    headers: dict[str, str],
    hub: Hub,
    subscription: Subscription,
    shape: Callable[[Hint], dict[str, Any]],
) -> None:
    """Send the stream of a subscription over raw ASGI until either side has had enough."""
    stream = chunks(hub, subscription, shape)
    gone = asyncio.ensure_future(receive())
    gone.add_done_callback(subscription.close)
    try:
        await send({"type": "http.response.start", "status": 200, "headers": raw_headers(headers)})
        async for chunk in stream:
            if gone.done():
                return
            async with asyncio.timeout(_SLOW):
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    except (TimeoutError, OSError):
        return
    finally:
        gone.cancel()
        await stream.aclose()  # type: ignore[attr-defined]
        # A generator that never began does not run its own clean-up.
        hub.unsubscribe(subscription)


def raw_headers(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """Return headers as ASGI wants them."""
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
