"""Server-sent events on the wire."""

from __future__ import annotations

import asyncio
import json
import os
import random
import socket
import sys
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence

    from django_messenger.bus import Hint
    from django_messenger.realtime.hub import Hub, Subscription

    Send = Callable[[Any], Awaitable[None]]
    Shape = Callable[[Hint], dict[str, Any]]

#: A proxy must neither keep back nor change what is sent; browsers must not store it.
HEADERS: Final[dict[str, str]] = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",
    "Content-Encoding": "identity",
}

#: Milliseconds after which a client returns whose server has died. Each is told another pause, so
#: that those of a restarted server come one by one; at an orderly end they may return at once.
_RETURN: Final = (1_000, 11_000)
_START: Final = b"retry: %d\n: open\n\n"
_END: Final = b"retry: 500\n\n"
_BEAT: Final = b": hb\n\n"
#: A reader who leaves something untaken for so long, in seconds, is let go; it comes back and asks.
_SLOW: Final = 10.0
#: Milliseconds after which the kernel gives up a client that acknowledges nothing any more.
_VANISHED: Final = 8_000


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


async def chunks(hub: Hub, subscription: Subscription, shape: Shape) -> AsyncIterator[bytes]:
    """Yield the stream of a subscription until it is over, then take it out of the hub."""
    subscription.started = True
    try:
        yield _start()
        while (hints := await subscription.next()) is not None:
            yield _written(shape, hints)
        yield _END
    finally:
        hub.unsubscribe(subscription)


async def serve(
    receive: Callable[[], Awaitable[Any]],
    send: Send,
    headers: dict[str, str],
    hub: Hub,
    subscription: Subscription,
    shape: Shape,
) -> None:
    """Send the stream of a subscription over raw ASGI until either side has had enough.

    While nothing happens a stream holds this coroutine, which waits for the client to leave, and
    nothing else: the task that writes lives only as long as there is something to write.
    """
    writer = _Writer(send, subscription, shape)
    subscription.started = True
    _notice_vanishing(send)
    try:
        await send({"type": "http.response.start", "status": 200, "headers": raw_headers(headers)})
        del headers  # a stream lasts for minutes, and there are thousands
        await send(_part(_start()))
        subscription.listen(writer.wake)
        await receive()
    except asyncio.CancelledError:
        if not writer.ended:
            raise
        writer.reader.uncancel()
    except OSError:
        return
    finally:
        subscription.listen(None)
        writer.rest()
        hub.unsubscribe(subscription)


def _notice_vanishing(send: Send) -> None:
    """Have the kernel tell within seconds, not a quarter of an hour, that a client has vanished.

    ASGI knows no sockets; uvicorn's ``send`` belongs to an object that does. On other servers, and
    behind a proxy, such a stream ends with its life.
    """
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None or not hasattr(socket, "TCP_USER_TIMEOUT"):
        return
    with suppress(OSError, AttributeError):
        number = os.dup(transport.get_extra_info("socket").fileno())
        with socket.socket(fileno=number) as wire:
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _VANISHED)


class _Writer:
    """Writes what waits for a stream whenever it is woken.

    Attributes:
        reader: the task of the request; it ends when the stream does.
        ended: whether that was the writer's doing.
    """

    __slots__ = ("_patience", "_send", "_shape", "_subscription", "_task", "ended", "reader")

    def __init__(self, send: Send, subscription: Subscription, shape: Shape) -> None:
        self._send, self._subscription, self._shape = send, subscription, shape
        self._task: asyncio.Task[None] | None = None
        self._patience: asyncio.TimerHandle | None = None
        self.reader: asyncio.Task[Any] = asyncio.current_task()  # type: ignore[assignment]
        self.ended = False

    def wake(self) -> None:
        if self._task is not None or self.ended:
            return
        task = _begin(self._write())
        if not task.done():
            self._task = task
            self._patience = task.get_loop().call_later(_SLOW, self._end)

    def rest(self) -> None:
        """Stop writing, if need be in the middle."""
        if self._task is not None:
            self._task.cancel()

    async def _write(self) -> None:
        try:
            while (hints := self._subscription.take()) is not None:
                await self._send(_part(_written(self._shape, hints)))
            if self._subscription.is_over:
                await self._send(_part(_END, more=False))
                self._end()
        except Exception as error:
            self._end()
            if not isinstance(error, OSError):  # a client that has left is no news
                raise
        finally:
            self._task = None
            if self._patience is not None:
                self._patience.cancel()
                self._patience = None

    def _end(self) -> None:
        self.ended = True
        self.reader.cancel()


def _begin(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """Begin a task at once, where Python can do that: one that need not wait then costs little."""
    loop = asyncio.get_running_loop()
    if sys.version_info < (3, 12):
        return loop.create_task(work)
    return asyncio.Task(work, loop=loop, eager_start=True)


def _part(body: bytes, *, more: bool = True) -> dict[str, Any]:
    return {"type": "http.response.body", "body": body, "more_body": more}


def _start() -> bytes:
    return _START % random.randint(*_RETURN)  # noqa: S311


def _written(shape: Shape, hints: Sequence[Hint]) -> bytes:
    if len(hints) == 1:  # as nearly always, and a thousand times over
        return _event(shape, hints[0])
    return b"".join(_event(shape, hint) for hint in hints) or _BEAT


@lru_cache(maxsize=256)
def _event(shape: Shape, hint: Hint) -> bytes:
    """Return a hint as it goes over the wire; one that goes to many is written once."""
    return (
        b"event: hint\ndata: " + json.dumps(shape(hint), separators=(",", ":")).encode() + b"\n\n"
    )


def raw_headers(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """Return headers as ASGI wants them."""
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
