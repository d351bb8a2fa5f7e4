"""Content-Security-Policy for Django 5.2, which has no middleware of its own for it."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def content_security_policy(get_response: GetResponse) -> GetResponse:
    """Put the policy of ``SECURE_CSP`` on every answer that has none yet."""
    header = "; ".join(
        f"{name} {' '.join(sources)}" for name, sources in settings.SECURE_CSP.items()
    )

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", header)
        return response

    return middleware
