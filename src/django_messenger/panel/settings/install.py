"""How to put the widget of an inbox on a page: what to copy, and whether it has been seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import escape

from django_messenger.statics import WIDGET, static_address

if TYPE_CHECKING:
    from django.http import HttpRequest

    from django_messenger.models import Inbox

_TAG: Final = "{{% load messenger %}}\n{{% messenger_widget {token!r} %}}"
_SIGNED: Final = "{{% load messenger %}}\n{{% messenger_widget {token!r} user=request.user %}}"


def install_context(request: HttpRequest, inbox: Inbox) -> dict[str, Any]:
    """Return what the page shows: the snippets of an inbox, as its host's addresses are now."""
    token = inbox.widget_token
    loader = loader_url(request)
    until = inbox.previous_widget_token_until
    return {
        "snippet": _snippet(loader, token) if loader else "",
        "template_tag": _TAG.format(token=token).replace("'", '"'),
        "signed_tag": _SIGNED.format(token=token).replace("'", '"'),
        "csp": _policy(request, loader) if loader else "",
        "old_until": until if until and until > timezone.now() else None,
        "chat_url": _chat(request, token) if inbox.is_active else "",
    }


def loader_url(request: HttpRequest) -> str:
    """Return the address of the script that pages embed; empty where the host has none."""
    try:
        return request.build_absolute_uri(reverse("messenger_widget:loader"))
    except NoReverseMatch:
        return ""


def preview_policy(request: HttpRequest) -> str:
    """Return the policy of the preview: our files, no other server, and only in our own frames."""
    files = _origin(request.build_absolute_uri(static_address(WIDGET)))
    return (
        f"default-src 'none'; script-src 'self' {files}; style-src 'self' {files};"
        " connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'self'"
    )


def _chat(request: HttpRequest, token: str) -> str:
    try:
        return request.build_absolute_uri(reverse("messenger_widget:chat", args=[token]))
    except NoReverseMatch:
        return ""


def _snippet(loader: str, token: str) -> str:
    return f'<script async src="{escape(loader)}" data-widget-token="{escape(token)}"></script>'


def _policy(request: HttpRequest, loader: str) -> str:
    """Return the line for pages with a policy: our host, and that of the static files."""
    own = _origin(loader)
    files = _origin(request.build_absolute_uri(static_address(WIDGET)))
    scripts = own if files == own else f"{own} {files}"
    return f"script-src {scripts}; connect-src {own}; img-src {own}"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
