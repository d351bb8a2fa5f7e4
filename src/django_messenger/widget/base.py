"""The outside of every widget call: switch, limits, origin, headers."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.db import InterfaceError, OperationalError
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from rest_framework.response import Response

from django_messenger.api import MessengerAPIView
from django_messenger.exceptions import (
    InvalidSession,
    OriginNotAllowed,
    Throttled,
    Unavailable,
    UnknownWidget,
)
from django_messenger.flags import is_enabled
from django_messenger.parser import read_payload
from django_messenger.selectors.conversations import has_visitor_message
from django_messenger.selectors.inboxes import (
    PublicInbox,
    all_allowed_origins,
    find_public_inbox,
)
from django_messenger.services.limits import Plan, Refusal, read_and_count
from django_messenger.services.sessions import (
    WidgetSession,
    belongs_to,
    hash_token,
    renew_session,
)
from django_messenger.utils import MessengerDisabled
from django_messenger.widget.address import client_address
from django_messenger.widget.context import (
    Cached,
    Lookup,
    both_tokens,
    refuse_tokens_in_url,
    token_of,
)
from django_messenger.widget.origin import is_allowed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_framework.request import Request

    from django_messenger.rates import Dimension

#: Key in an ASGI scope: the call has been counted already, with this outcome.
COUNTED: Final = "django_messenger.counted"
#: Key in an ASGI scope: the cache has been asked and did not answer.
CACHE_IS_DOWN: Final = "django_messenger.cache_is_down"


def answer_headers(origin: str | None) -> dict[str, str]:
    """Return the headers of every answer to a visitor, with CORS for an allowed origin."""
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "Vary": "Origin"}
    if origin is not None:
        headers["Access-Control-Allow-Origin"] = origin
        headers["Access-Control-Expose-Headers"] = "Retry-After"
    return headers


class WidgetView(MessengerAPIView):
    """Base of the visitors' calls: no cookie, no login, tokens in the body.

    Attributes:
        scope: name of the throttle scope.
        inbox: public part of the inbox, once it is known.
    """

    authentication_classes = []
    permission_classes = []
    scope: ClassVar[str] = "default"
    payload: dict[str, Any]
    inbox: PublicInbox
    _allowed_origin: str | None = None

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """Return the view. Reports of a fault of ours hide all that it knew: tokens are in it."""
        view = sensitive_post_parameters()(super().as_view(**initkwargs))
        return sensitive_variables()(view)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method != "OPTIONS":
            self.prepare(request)

    def prepare(self, request: Request) -> None:
        """Read the body, find the caller and ask the limits, before the method runs."""
        raise NotImplementedError

    def options(self, request: Request, *args: Any, **kwargs: Any) -> Response:  # type: ignore[override]
        """Answer a preflight. It names no inbox, so any inbox's origins pass; the call itself is
        checked against its own."""
        self._allow_any_inboxes_page()
        response = Response(status=204)
        response["Access-Control-Allow-Methods"] = ", ".join(self.allowed_methods)
        response["Access-Control-Allow-Headers"] = (
            "Content-Type, X-Widget-Token, X-Widget-Session-Token"
        )
        response["Access-Control-Max-Age"] = "86400"
        return response

    def handle_exception(self, exc: Exception) -> Response:
        # Pages shall read why a call failed, also before it was known whose inbox it is about.
        unknown = not isinstance(exc, OriginNotAllowed | MessengerDisabled)
        if self._allowed_origin is None and unknown:
            self._allow_any_inboxes_page(ask_cache=not isinstance(exc, Unavailable))
        return super().handle_exception(exc)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        # The answer while switched off says nothing about any inbox; pages may read it.
        origin = self._allowed_origin or (None if is_enabled() else "*")
        for name, value in answer_headers(origin).items():
            if name != "Cache-Control" or name not in response:
                response[name] = value
        return response

    def enter(self, request: Request, cached: Cached, token: str) -> PublicInbox | None:
        """Return the inbox behind a widget token, after its origins were asked.

        Raises:
            OriginNotAllowed: the embedding page is not on the inbox's list.
        """
        inbox = cached.inbox or find_public_inbox(token)
        if inbox is None:
            return None
        origin = self._origin(request)
        if not is_allowed(lambda: request._request, origin, inbox.allowed_origins):
            raise OriginNotAllowed
        self._allowed_origin = origin
        return inbox

    def ask(self, lookup: Lookup, values: Mapping[Dimension, str]) -> tuple[Cached, Refusal | None]:
        """Ask the cache about a call and count it, in one round trip; ``values`` as for limits."""
        if getattr(self.request._request, "scope", {}).get(CACHE_IS_DOWN):
            raise Unavailable
        plan = Plan.make(self.scope, values)
        found, place = read_and_count(lookup.keys, plan)
        return lookup.read(found), plan.verdict(place)

    def _allow_any_inboxes_page(self, *, ask_cache: bool = True) -> None:
        origin, request = self._origin(self.request), self.request._request
        with suppress(OperationalError, InterfaceError):
            if origin and is_allowed(
                lambda: request, origin, all_allowed_origins(ask_cache=ask_cache)
            ):
                self._allowed_origin = origin

    @staticmethod
    def _origin(request: Request) -> str | None:
        origin: str | None = request.META.get("HTTP_ORIGIN")
        return origin


class PublicView(WidgetView):
    """A call that needs only the public ``widget_token``."""

    def prepare(self, request: Request) -> None:
        token = self.public_token(request)
        address = client_address(request._request)
        cached, refusal = self.ask(Lookup(token), {"ip": address, "inbox": token})
        if cached.inbox is not None:
            self.inbox = self.enter(request, cached, token) or cached.inbox
        if refusal is not None:
            raise Throttled(retry_after=refusal.retry_after)
        if cached.inbox is None:
            inbox = self.enter(request, cached, token)
            if inbox is None:
                raise UnknownWidget
            self.inbox = inbox

    def public_token(self, request: Request) -> str:
        """Read the body and return its ``widget_token``."""
        refuse_tokens_in_url(request._request)
        self.payload = read_payload(request._request)
        return token_of(self.payload, "widget_token")


class SessionView(WidgetView):
    """A call that needs both tokens.

    Attributes:
        session: what the session token stands for.
        token: the session token itself.
        cached: what the cache knew of the call.
        asks_live: whether to ask for what changes under the session, too.
    """

    asks_live: ClassVar[bool] = False
    session: WidgetSession
    token: str
    cached: Cached

    def prepare(self, request: Request) -> None:
        refuse_tokens_in_url(request._request)
        self.payload = {} if request.method == "GET" else read_payload(request._request)
        widget_token, self.token = both_tokens(request._request, self.payload)
        refusal = self._look_up(request, widget_token)
        if self.cached.inbox is not None:
            self.enter(request, self.cached, widget_token)
        self._heed(refusal)
        inbox = self.cached.inbox or self.enter(request, self.cached, widget_token)
        session = self.cached.session
        if inbox is None or session is None:
            raise InvalidSession
        if not belongs_to(session, inbox_id=inbox.id, inbox_epoch=inbox.epoch):
            raise InvalidSession
        self.inbox = inbox
        self.session = renew_session(self.token, session)

    def _look_up(self, request: Request, widget_token: str) -> Refusal | None:
        """Find out who calls, and count the call unless that has been done already."""
        scope: dict[str, Any] = getattr(request._request, "scope", {})
        values: dict[Dimension, str] = {
            "session": hash_token(self.token),
            "ip": client_address(request._request),
            "inbox": widget_token,
        }
        lookup = Lookup(widget_token, self.token, live=self.asks_live)
        self.cached, refusal = self.ask(lookup, {} if COUNTED in scope else values)
        return scope.get(COUNTED, refusal)

    def _heed(self, refusal: Refusal | None) -> None:
        if refusal is None:
            return
        # A flood on the public token must not silence those who are already talking.
        session = self.cached.session if refusal.dimension == "inbox" else None
        if session is None or not has_visitor_message(session.conversation_id):
            raise Throttled(retry_after=refusal.retry_after)
