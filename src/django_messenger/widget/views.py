"""The calls of the widget API, one view each."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _
from rest_framework.response import Response

from django_messenger.api import config_json, message_json
from django_messenger.bus.base import conversation_topic
from django_messenger.conf import conf
from django_messenger.exceptions import InvalidInput, UnknownWidget
from django_messenger.inputs import parse_cursor, read_input
from django_messenger.realtime.responses import stream_response
from django_messenger.realtime.sse import visitor_event
from django_messenger.selectors.inboxes import find_inbox
from django_messenger.selectors.messages import newest_messages, visitor_messages
from django_messenger.services.conversations import read_by_visitor
from django_messenger.services.identity import verify_identity
from django_messenger.services.presence import note_visitor
from django_messenger.services.ratings import rate_conversation
from django_messenger.services.sending import send_in_session
from django_messenger.services.sessions import move_session, session_key
from django_messenger.services.sightings import note_sighting
from django_messenger.services.visitors import (
    Claims,
    check_session,
    describe_visitor,
    identify_visitor,
    is_blocked,
    sign_out_visitor,
    welcome_visitor,
)
from django_messenger.widget.address import client_address
from django_messenger.widget.base import PublicView, SessionView
from django_messenger.widget.context import refuse_tokens_in_url, token_of
from django_messenger.widget.origin import embedding_site
from django_messenger.widget.payloads import (
    contact_json,
    conversation_json,
    messages_json,
    poll_json,
)
from django_messenger.widget.polling import next_in, poll, stream_caps
from django_messenger.widget.serializers import (
    BootstrapInput,
    IdentifyInput,
    RateInput,
    SendInput,
)

if TYPE_CHECKING:
    from django.http import HttpResponseBase
    from rest_framework.request import Request

    from django_messenger.selectors.inboxes import PublicInbox
    from django_messenger.services.visitors import Welcome

#: Older messages come in pages of this size.
OLDER: Final = 30


class ConfigView(PublicView):
    """``GET config/``: how the widget looks and what it may send; creates nothing."""

    scope = "config"

    def public_token(self, request: Request) -> str:
        refuse_tokens_in_url(request._request, public_token=True)
        return request.GET.get("widget_token", "")

    def get(self, request: Request) -> Response:
        note_sighting(inbox_id=self.inbox.id, origin=embedding_site(request._request))
        data = config_json(self.inbox)
        digest = hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
        etag = f'"{digest[:32]}"'
        unchanged = etag in request.META.get("HTTP_IF_NONE_MATCH", "")
        response = Response(status=304) if unchanged else Response(data)
        response["ETag"] = etag
        response["Cache-Control"] = "public, max-age=60, stale-while-revalidate=600"
        return response


class BootstrapView(PublicView):
    """``POST bootstrap/``: contact, conversation and session of a visitor."""

    scope = "bootstrap"

    def post(self, request: Request) -> Response:
        claims = Claims(**read_input(BootstrapInput, self.payload))
        tokens = {name: token_of(self.payload, name) for name in ("visitor_token", "identity")}
        inbox = find_inbox(self.inbox.token)
        if inbox is None:
            raise UnknownWidget
        welcome = welcome_visitor(inbox=inbox, claims=claims, **tokens)
        return _start(welcome, self.inbox)


def _start(welcome: Welcome, inbox: PublicInbox) -> Response:
    """Answer with a session and all that the widget needs to show the conversation."""
    conversation = welcome.conversation
    stored = visitor_messages(conversation)
    page = newest_messages(stored.none() if welcome.created else stored)
    data = {
        "widget_session_token": welcome.session_token,
        "expires_in": conf.SESSION_TTL,
        "conversation": conversation_json(conversation),
        "contact": contact_json(welcome.contact),
        "messages": messages_json(page.messages),
        "cursor": conversation.revision,
        "has_older": page.has_more,
        "config": config_json(inbox),
    }
    if welcome.visitor_token is not None:
        data["visitor_token"] = welcome.visitor_token
    return Response(data, status=201 if welcome.created else 200)


class SendView(SessionView):
    """``POST send/``: store a message; a repeated ``client_id`` stores nothing twice."""

    scope = "send"

    def post(self, request: Request) -> Response:
        said = read_input(SendInput, self.payload)
        trapped = bool(self.payload.get(conf.HONEYPOT_FIELD))
        sent = send_in_session(self.session, trapped=trapped, **said)
        if sent.conversation.pk != self.session.conversation_id:
            move_session(self.token, self.session, sent.conversation)
        data = {
            "message": message_json(sent.message, own=True),
            "conversation": conversation_json(sent.conversation),
            "cursor": sent.conversation.revision,
        }
        return Response(data, status=201 if sent.created else 200)


class PollView(SessionView):
    """``POST poll/`` or ``GET poll/``: what has changed since a cursor."""

    scope = "poll"
    asks_live = True

    def get(self, request: Request) -> Response:
        return self._answer(request.GET.get("after", 0))

    def post(self, request: Request) -> Response:
        return self._answer(self.payload.get("after", 0))

    def _answer(self, after: Any) -> Response:
        cursor = parse_cursor(after, "after")
        return Response(poll_json(poll(self.token, self.session, self.cached, cursor)))


class ReadView(SessionView):
    """``POST read/``: how far the visitor has read."""

    scope = "read"

    def post(self, request: Request) -> Response:
        read_seq = parse_cursor(self.payload.get("read_seq"), "read_seq")
        mark = read_by_visitor(conversation=check_session(self.session), read_seq=read_seq)
        return Response({"visitor_read_seq": mark})


class HistoryView(SessionView):
    """``POST history/``: the page of messages before a ``seq``."""

    scope = "history"

    def post(self, request: Request) -> Response:
        before = parse_cursor(self.payload.get("before"), "before")
        stored = visitor_messages(check_session(self.session))
        page = newest_messages(stored, before=before, size=OLDER)
        return Response({"messages": messages_json(page.messages), "has_older": page.has_more})


class IdentifyView(SessionView):
    """``POST identify/``: who the visitor is. With a signed identity the session is a new one."""

    scope = "identify"

    def post(self, request: Request) -> Response:
        claims = Claims(**read_input(IdentifyInput, self.payload))
        identity = token_of(self.payload, "identity")
        conversation = check_session(self.session)
        verified = verify_identity(conversation.inbox, identity) if identity else None
        if verified is None:
            contact = describe_visitor(conversation=conversation, claims=claims)
            return Response({"contact": contact_json(contact)})
        welcome = identify_visitor(
            inbox=conversation.inbox,
            token=self.token,
            session=self.session,
            claims=claims,
            verified=verified,
        )
        return _start(welcome, self.inbox)


class RateView(SessionView):
    """``POST rate/``: what the visitor thinks of a conversation that is over."""

    scope = "rate"

    def post(self, request: Request) -> Response:
        rating = read_input(RateInput, self.payload)
        conversation = check_session(self.session)
        if not is_blocked(conversation):
            conversation = rate_conversation(conversation=conversation, **rating)
        return Response({"conversation": conversation_json(conversation)})


class EndSessionView(SessionView):
    """``POST end-session/``: the visitor leaves, in every tab."""

    scope = "end-session"

    def post(self, request: Request) -> Response:
        visitor_token = token_of(self.payload, "visitor_token")
        check_session(self.session)
        sign_out_visitor(token=self.token, session=self.session, visitor_token=visitor_token)
        return Response(status=204)


class TypingView(SessionView):
    """``POST typing/``: the visitor types (``state`` = on, the default) or has stopped (off)."""

    scope = "typing"

    def post(self, request: Request) -> Response:
        state = self.payload.get("state", "on")
        if state not in ("on", "off"):
            raise InvalidInput.of("state", _("Write on or off."))
        note_visitor(conversation=check_session(self.session), typing=state == "on")
        return Response(status=204)


class StreamView(SessionView):
    """``POST stream/``: hints as server-sent events, or the advice to poll."""

    scope = "stream"

    def post(self, request: Request) -> HttpResponseBase:
        number = self.session.conversation_id
        address = client_address(request._request)
        stream = stream_response(
            request._request,
            topics=[conversation_topic(number)],
            caps=stream_caps(session_key(self.token), address),
            revision=parse_cursor(self.payload.get("after", 0), "after"),
            shape=visitor_event,
        )
        return stream or Response({"mode": "poll", "next_in": next_in(0)})
