"""The operators' stream straight from ASGI. Rights are read once at the start, in a thread that
gives its database connection back; what a stream may not do any more, a ``revoke`` hint ends."""

from __future__ import annotations

import asyncio
import logging
from io import BytesIO
from typing import TYPE_CHECKING, Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.handlers.asgi import ASGIRequest
from django.db import connections
from django.http import HttpResponse

from django_messenger.access import get_policy
from django_messenger.flags import is_enabled
from django_messenger.operators.views.stream import Stream, stream_caps, stream_topics
from django_messenger.realtime.hub import Full, get_hub
from django_messenger.realtime.pulse import get_pulse
from django_messenger.realtime.sse import HEADERS, operator_event, serve

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Receive = Callable[[], Awaitable[Any]]
    Send = Callable[[Any], Awaitable[None]]


logger = logging.getLogger("django_messenger")


async def stream(scope: Any, body: bytes, receive: Receive, send: Send) -> bool:
    """Serve a stream of hints to an operator; tell whether it was served.

    Strangers, and streams above the caps, go on to the Django view, which says why not.

    Raises:
        Unavailable: the database does not answer.
    """
    if scope["method"] != "GET" or not is_enabled() or not get_hub().bus.pushes:
        return False
    loop = asyncio.get_running_loop()
    admitted = await get_pulse().accompany(loop.run_in_executor(None, _admit, scope))
    if admitted is None:
        return False
    user, topics = admitted
    try:
        subscription = get_hub().subscribe(topics, caps=stream_caps(user), user=user.pk)
    except Full:
        return False
    await serve(receive, send, HEADERS, get_hub(), subscription, operator_event)
    return True


def _admit(scope: Any) -> tuple[Any, list[str]] | None:
    """Return the operator behind a request and the topics they may hear, or None."""
    try:
        request = ASGIRequest(scope, BytesIO())
        for middleware in (SessionMiddleware, AuthenticationMiddleware):
            middleware(lambda request: HttpResponse()).process_request(request)
        user = Stream().initialize_request(request).user
        if not user.is_authenticated or not get_policy().has_permission(user, "view"):
            return None
        return user, stream_topics(user)
    except Exception as error:  # the Django view says what is wrong, in its own words
        logger.info("A stream goes on to the view: %s", type(error).__name__)
        return None
    finally:
        connections.close_all()
