"""What both JSON APIs share: errors as JSON, the switch, and how objects look from outside."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.db import InterfaceError, OperationalError, transaction
from django.http import Http404, UnreadablePostError
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import exceptions as drf
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from django_messenger.conf import conf
from django_messenger.exceptions import (
    FieldProblem,
    InvalidInput,
    MessengerError,
    NotFound,
    PermissionDenied,
    TooLarge,
    Unavailable,
    UnsupportedMediaType,
)
from django_messenger.text import MAX_COMMENT
from django_messenger.utils import DISABLED, MessengerDisabled, ensure_messenger_enabled_api

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_framework.request import Request

    from django_messenger.models import Message
    from django_messenger.selectors.inboxes import PublicInbox

logger = logging.getLogger("django_messenger")

#: Of a widget whose inbox has not chosen one.
DEFAULT_COLOR: Final = "#1d4ed8"
#: What DRF and Django raise by themselves, and our word for it.
_TRANSLATED: Final[tuple[tuple[tuple[type[Exception], ...], type[MessengerError]], ...]] = (
    ((drf.NotFound, Http404), NotFound),
    ((drf.UnsupportedMediaType,), UnsupportedMediaType),
    ((drf.PermissionDenied,), PermissionDenied),
    ((RequestDataTooBig,), TooLarge),
    ((drf.ParseError, UnreadablePostError, TooManyFieldsSent, UnicodeError), InvalidInput),
    ((OperationalError, InterfaceError), Unavailable),
)


class MessengerAPIView(APIView):
    """Base of every JSON view: the switch before all else, our errors, no outer transaction."""

    renderer_classes = [JSONRenderer]
    # What a host sets for its own API must not reach into ours.
    throttle_classes = []
    versioning_class = None
    metadata_class = None

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """Return the view. It runs outside ``ATOMIC_REQUESTS``: services have transactions of
        their own, and a lock must not last until the response is made."""
        view = super().as_view(**initkwargs)
        return transaction.non_atomic_requests(view)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        ensure_messenger_enabled_api()
        super().initial(request, *args, **kwargs)

    def perform_content_negotiation(
        self,
        request: Request,
        force: bool = False,  # noqa: FBT001, FBT002 - the signature is DRF's
    ) -> tuple[BaseRenderer, str]:
        """Answer JSON whatever ``Accept`` says: there is nothing else to negotiate."""
        renderer = JSONRenderer()
        return renderer, renderer.media_type

    def handle_exception(self, exc: Exception) -> Response:
        response = error_response(exc, self)
        if response is None:
            raise exc
        response.exception = True
        return response


def error_response(error: Exception, view: APIView) -> Response | None:
    """Return the JSON answer to an error, or None if it is a fault of the server's."""
    if isinstance(error, MessengerDisabled):
        return Response(DISABLED, status=404)
    if isinstance(error, drf.NotAuthenticated | drf.AuthenticationFailed):
        return _not_authenticated(error, view)
    if isinstance(error, drf.PermissionDenied) and "CSRF" in str(error.detail):
        return answer_error(PermissionDenied(str(error.detail)))
    if isinstance(error, drf.ValidationError):
        return answer_error(InvalidInput(_field_problems(error.detail)))
    for kinds, translation in _TRANSLATED:
        if isinstance(error, kinds):
            if translation is Unavailable:
                logger.warning("The database is not available: %s", type(error).__name__)
            return answer_error(translation())
    if isinstance(error, MessengerError):
        return answer_error(error)
    if isinstance(error, drf.APIException) and error.status_code < 500:
        body = {"detail": str(error.detail), "code": error.default_code}
        return Response(body, status=error.status_code)
    return None


def answer_error(error: MessengerError) -> Response:
    """Return ``{"detail", "code", ...}`` with the status of a domain error."""
    body = {"detail": str(error.detail), "code": error.code, **error.extra()}
    response = Response(body, status=error.status)
    if error.retry_after is not None:
        response["Retry-After"] = str(error.retry_after)
    if error.status == 401:
        response["WWW-Authenticate"] = "WidgetSession"
    return response


def _not_authenticated(error: drf.APIException, view: APIView) -> Response:
    header = view.get_authenticate_header(view.request)
    body = {"detail": _("Log in first."), "code": "not_authenticated"}
    response = Response(body, status=401 if header else 403)
    if header:
        response["WWW-Authenticate"] = header
    return response


def _field_problems(detail: Any) -> dict[str, list[FieldProblem]]:
    if not isinstance(detail, dict):
        detail = {"non_field_errors": detail}
    return {
        str(name): [
            FieldProblem(str(item), getattr(item, "code", "invalid")) for item in _flat(items)
        ]
        for name, items in detail.items()
    }


def _flat(items: Any) -> list[Any]:
    if isinstance(items, dict):
        return [leaf for value in items.values() for leaf in _flat(value)]
    if isinstance(items, list | tuple):
        return [leaf for value in items for leaf in _flat(value)]
    return [items]


def iso(moment: datetime | None) -> str | None:
    """Return a time as ISO 8601 in UTC with ``Z``."""
    if moment is None:
        return None
    if moment.tzinfo is not UTC:  # not as the database gives it
        aware = timezone.make_aware(moment) if timezone.is_naive(moment) else moment
        moment = aware.astimezone(UTC)
    return moment.isoformat().removesuffix("+00:00") + "Z"


def message_json(message: Message, *, own: bool) -> Mapping[str, Any]:
    """Return a message as both APIs show it.

    Args:
        own: whether the reader wrote it; only then ``client_id`` is there.
    """
    removed = message.removed_at is not None
    data = {
        "id": str(message.public_id),
        "seq": message.seq,
        "revision": message.revision,
        "kind": message.kind,
        "body": "" if removed else message.body,
        "author": {"name": message.author_name, "avatar_url": None}
        if message.author_name
        else None,
        "created_at": iso(message.created_at),
        "edited_at": iso(message.edited_at),
        "removed": removed,
        "attachments": [],
    }
    if own:
        data["client_id"] = message.client_id
    return data


def config_json(inbox: PublicInbox) -> dict[str, Any]:
    """Return the public settings of an inbox."""
    look = inbox.appearance
    color = look.get("color", DEFAULT_COLOR)
    return {
        "name": inbox.name,
        "locale": inbox.locale,
        "appearance": {
            "color": color,
            "on_color": text_color_on(color),
            "position": look.get("position", "right"),
            "theme": look.get("theme", "auto"),
        },
        "texts": _texts(look),
        "availability": {"state": "open"},
        "identity": inbox.identity_mode,
        "pre_chat": inbox.pre_chat,
        "features": inbox.features,
        "limits": {
            "max_message_length": conf.MAX_MESSAGE_LENGTH,
            "max_comment_length": MAX_COMMENT,
        },
        "honeypot_field": conf.HONEYPOT_FIELD,
    }


def _texts(look: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return the inbox's own texts by key and language; title and greeting may have places of
    their own, and are always there."""
    texts: dict[str, dict[str, str]] = dict(look.get("texts", {}))
    for key in ("title", "greeting"):
        texts[key] = {**texts.get(key, {}), **look.get(key, {})}
    return texts


def text_color_on(color: str) -> str:
    """Return black or white, whichever stands out more on ``#rrggbb``: always at least 4.58:1."""
    channels = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#000000" if (luminance + 0.05) / 0.05 >= 1.05 / (luminance + 0.05) else "#ffffff"
