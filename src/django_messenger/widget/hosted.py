"""The chat as a page of its own: for links, QR codes, frames, and pages without script."""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError, transaction
from django.http import Http404
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from django_messenger.selectors.inboxes import find_inbox
from django_messenger.utils import ensure_messenger_enabled_view

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse, HttpResponseBase

    from django_messenger.models import Inbox

logger = logging.getLogger("django_messenger")


@csrf_exempt
@login_not_required
@xframe_options_exempt
@transaction.non_atomic_requests
def chat(request: HttpRequest, widget_token: str) -> HttpResponseBase:
    """Serve the page of an inbox.

    Raises:
        Http404: the messenger is off, or no active inbox has this token.
    """
    ensure_messenger_enabled_view()
    return _serve(request, widget_token)


@require_safe
def _serve(request: HttpRequest, widget_token: str) -> HttpResponseBase:
    try:
        inbox = find_inbox(widget_token)
    except (OperationalError, InterfaceError) as error:
        logger.warning("The database is not available: %s", type(error).__name__)
        return _page(request, "unavailable", status=503)
    if inbox is None:
        raise Http404
    return _page(request, "chat", inbox)


def _page(
    request: HttpRequest, name: str, inbox: Inbox | None = None, *, status: int = 200
) -> HttpResponse:
    nonce = secrets.token_urlsafe(16)
    language = inbox.locale if inbox and inbox.locale else ""
    shown = language or translation.get_language_from_request(request)
    with translation.override(shown):
        context = {
            "inbox": inbox,
            "nonce": nonce,
            "language": language,
            "shown_language": shown,
            "title": "" if inbox is None else _title(inbox, shown),
        }
        response = render(request, f"django_messenger/widget/{name}.html", context, status=status)
    if status == 503:
        response["Retry-After"] = "5"
    response["Content-Security-Policy"] = _policy(nonce, inbox)
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "same-origin"
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Robots-Tag"] = "noindex"
    return response


def _title(inbox: Inbox, language: str) -> str:
    titles: dict[str, str] = inbox.appearance.get("title", {})
    return titles.get(language) or titles.get(language.split("-")[0]) or inbox.name


def _policy(nonce: str, inbox: Inbox | None) -> str:
    """Return a strict policy. The script that we name may fetch the chat from wherever the static
    files are; pages that may embed the widget may frame this one."""
    parents = " ".join(inbox.allowed_origins if inbox else [])
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic';"
        f" style-src 'nonce-{nonce}'; connect-src 'self'; img-src 'self' data:;"
        f" base-uri 'none'; form-action 'none'; frame-ancestors 'self' {parents}".rstrip()
    )
