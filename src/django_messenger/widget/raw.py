"""Polls and streams of visitors straight from ASGI, without Django's request machinery.

Only the common case is answered here: a good session, an allowed page. Whatever is out of the
ordinary goes on to the Django view, which owns every error. A call that was counted here is not
counted there again.
"""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import SuspiciousOperation
from django.core.handlers.asgi import ASGIRequest
from django.db import DatabaseError, close_old_connections
from django.http import QueryDict

from django_messenger.bus.base import conversation_topic
from django_messenger.exceptions import MessengerError, Unavailable
from django_messenger.flags import is_enabled
from django_messenger.inputs import parse_cursor
from django_messenger.parser import parse_payload
from django_messenger.realtime.acache import read, read_and_count
from django_messenger.realtime.hub import Full, get_hub
from django_messenger.realtime.pulse import get_pulse
from django_messenger.realtime.sse import HEADERS, raw_headers, serve, visitor_event
from django_messenger.services.limits import Plan
from django_messenger.services.presence import read_people
from django_messenger.services.sessions import (
    belongs_to,
    hash_token,
    needs_renewal,
    session_key,
)
from django_messenger.widget.address import address_of
from django_messenger.widget.base import COUNTED, answer_headers
from django_messenger.widget.context import SECRETS, Cached, Lookup, live_keys
from django_messenger.widget.origin import is_allowed
from django_messenger.widget.payloads import poll_json
from django_messenger.widget.polling import next_in, read_quiet, stream_caps
from django_messenger.widget.polling import poll as read_poll

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from django_messenger.realtime.hub import Subscription
    from django_messenger.services.limits import Refusal
    from django_messenger.widget.polling import Poll

    Receive = Callable[[], Awaitable[Any]]
    Send = Callable[[Any], Awaitable[None]]


#: Connections that polls of one process use at most, besides those of Django's own requests.
_MOST_READERS: Final = 4


@dataclass(frozen=True, slots=True)
class _Call:
    """What a request says, before anything is known about it."""

    widget_token: str
    session_token: str
    after: int
    origin: str | None
    address: str


async def poll(scope: Any, body: bytes, receive: Receive, send: Send) -> bool:
    """Answer a poll; tell whether it was answered."""
    call = _read(scope, body) if is_enabled() else None
    if call is None:
        return False
    cached, refusal = await _ask(scope, "poll", call, live=True)
    if refusal is not None or not _is_good(scope, call, cached):
        return False
    found = await _quiet(cached, call.after) or await _news(call, cached)
    if found is None:
        return False
    await _answer(send, call, json.dumps(poll_json(found)).encode())
    return True


async def stream(scope: Any, body: bytes, receive: Receive, send: Send) -> bool:
    """Serve a stream of hints; tell whether it was served."""
    call = _read(scope, body) if is_enabled() and scope["method"] == "POST" else None
    if call is None:
        return False
    try:
        subscription = await _subscribe(scope, call)
    except Full:
        await _answer(send, call, b'{"mode":"poll","next_in":%d}' % next_in(0))
        return True
    if subscription is None:
        return False
    await serve(
        receive,
        send,
        answer_headers(call.origin) | HEADERS,
        get_hub(),
        subscription,
        visitor_event,
    )
    return True


async def _subscribe(scope: Any, call: _Call) -> Subscription | None:
    """Open the stream of a good session, None for any other."""
    cached, refusal = await _ask(scope, "stream", call)
    session = cached.session
    if refusal is not None or session is None or not _is_good(scope, call, cached):
        return None
    return get_hub().subscribe(
        [conversation_topic(session.conversation_id)],
        caps=stream_caps(session_key(call.session_token), call.address),
        revision=call.after,
    )


async def _ask(
    scope: Any, name: str, call: _Call, *, live: bool = False
) -> tuple[Cached, Refusal | None]:
    """Ask the cache who calls, and count the call."""
    lookup = Lookup(call.widget_token, call.session_token, live=live)
    plan = Plan.make(
        name,
        {
            "session": hash_token(call.session_token),
            "ip": call.address,
            "inbox": call.widget_token,
        },
    )
    values, place = await read_and_count(lookup.keys, plan)
    scope[COUNTED] = plan.verdict(place)
    return lookup.read(values), scope[COUNTED]


def _read(scope: Any, body: bytes) -> _Call | None:
    """Read tokens and cursor, or return None for the Django view to say what is wrong."""
    headers: dict[bytes, str] = {}
    for name, value in scope["headers"]:  # a header that comes twice is one list, as in Django
        text = value.decode("latin-1")
        headers[name] = f"{headers[name]},{text}" if name in headers else text
    try:
        query = QueryDict(scope["query_string"]) if scope["query_string"] else {}
        if any(name in query for name in (*SECRETS, "widget_token")):
            return None
        if scope["method"] == "POST":
            fields = parse_payload(headers.get(b"content-type", ""), body) if body else {}
            widget, session = fields.get("widget_token"), fields.get("widget_session_token")
            after = fields.get("after", 0)
        elif scope["method"] == "GET":
            widget = headers.get(b"x-widget-token")
            session = headers.get(b"x-widget-session-token")
            after = query.get("after", 0)
        else:
            return None
        cursor = parse_cursor(after, "after")
    except (MessengerError, SuspiciousOperation):
        return None
    if not isinstance(widget, str) or not isinstance(session, str):
        return None
    direct = (scope.get("client") or ("",))[0]
    address = address_of(direct, headers.get(b"x-forwarded-for", ""))
    return _Call(widget, session, cursor, headers.get(b"origin"), address)


def _is_good(scope: Any, call: _Call, cached: Cached) -> bool:
    inbox, session = cached.inbox, cached.session
    if inbox is None or session is None or needs_renewal(session):
        return False
    if not belongs_to(session, inbox_id=inbox.id, inbox_epoch=inbox.epoch):
        return False
    return call.origin is None or is_allowed(
        lambda: ASGIRequest(scope, BytesIO()), call.origin, inbox.allowed_origins
    )


async def _quiet(cached: Cached, after: int) -> Poll | None:
    """Return the answer that the cache alone can give: nothing is new."""
    quiet = None if cached.session is None else read_quiet(cached.poll, cached.session, after)
    if quiet is None:
        return None
    mark, people = cached.live or await read(live_keys(quiet.conversation_id))
    return quiet.as_poll(read_people(people)) if mark == quiet.mark else None


async def _news(call: _Call, cached: Cached) -> Poll | None:
    """Return what the database has; None where the view has to say why there is nothing."""
    pulse = get_pulse()
    if pulse.is_down:
        return None
    work = asyncio.get_running_loop().run_in_executor(_readers(), _read_news, call, cached)
    try:
        return await pulse.accompany(work)
    except Unavailable:
        if pulse.is_down:
            return None
        raise  # the cache, then: the view need not wait for it once more
    except (MessengerError, DatabaseError):
        return None


def _read_news(call: _Call, cached: Cached) -> Poll:
    close_old_connections()
    try:
        assert cached.session is not None
        return read_poll(call.session_token, cached.session, cached, call.after)
    finally:
        close_old_connections()


@cache
def _readers() -> ThreadPoolExecutor:
    """Return threads of our own: who waits for a database here keeps nobody else waiting."""
    return ThreadPoolExecutor(_MOST_READERS, thread_name_prefix="messenger-poll")


async def _answer(send: Send, call: _Call, body: bytes) -> None:
    headers = {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        **answer_headers(call.origin),
    }
    await send({"type": "http.response.start", "status": 200, "headers": raw_headers(headers)})
    await send({"type": "http.response.body", "body": body})
