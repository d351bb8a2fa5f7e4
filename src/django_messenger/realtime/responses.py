"""Streams as ordinary Django responses, for ASGI hosts that have not wrapped their application."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asgiref.sync import SyncToAsync, ThreadSensitiveContext, async_to_sync, sync_to_async
from django.db import connections
from django.http import StreamingHttpResponse

from django_messenger.realtime.hub import Full, get_hub
from django_messenger.realtime.sse import HEADERS, chunks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping

    from django.http import HttpRequest

    from django_messenger.bus import Hint


def stream_response(
    request: HttpRequest,
    *,
    topics: Iterable[str],
    caps: Mapping[str, int],
    revision: int = 0,
    user: Any = None,
    shape: Callable[[Hint], dict[str, Any]],
) -> StreamingHttpResponse | None:
    """Return a stream of hints, or None where the client has to poll.

    None under WSGI, where a stream would keep a worker busy for minutes; when a cap is reached;
    and without a bus. Arguments as for ``Hub.subscribe``; ``shape`` makes the data of an event.
    """
    if not hasattr(request, "scope"):
        return None

    async def open_stream() -> AsyncIterator[bytes]:
        subscription = get_hub().subscribe(topics, caps=caps, revision=revision, user=user)
        return chunks(get_hub(), subscription, shape)

    try:
        events = async_to_sync(open_stream)()
    except Full:
        return None
    return StreamingHttpResponse(_without_thread(events), headers=HEADERS)


async def _without_thread(events: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Give back the connection of the view and its middleware, and the thread that Django keeps
    for the length of each request.

    The table is an internal of asgiref; where it looks different, the thread simply stays.
    """
    await sync_to_async(connections.close_all)()
    context = SyncToAsync.thread_sensitive_context.get(None)
    executors = getattr(SyncToAsync, "context_to_thread_executor", {})
    if isinstance(context, ThreadSensitiveContext) and context in executors:
        executors.pop(context).shutdown(wait=False)
    async for chunk in events:
        yield chunk
