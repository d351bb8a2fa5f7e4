"""A client of the operator API for tests."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.test import Client

from django_messenger.models import Conversation

BASE = "/api/messenger/"


def url(conversation: Conversation, rest: str = "") -> str:
    """Return the path of a conversation, or of what lies below it."""
    return f"conversations/{conversation.public_id}/{rest}"


class Api:
    """Calls the operator API as one user, None for nobody; paths start after ``BASE``."""

    def __init__(self, user: Any = None, *, csrf: bool = False) -> None:
        self.http = Client(enforce_csrf_checks=csrf)
        if user is not None:
            self.http.force_login(user)

    def get(self, path: str, **query: Any) -> HttpResponse:
        """Call with GET; a path may also be a whole URL from ``next``."""
        url = path if path.startswith("http") else BASE + path
        return self.http.get(url, query)

    def post(self, path: str, data: Any = None, **extra: Any) -> HttpResponse:
        """Call with POST, ``data`` as JSON."""
        return self.http.post(BASE + path, data or {}, content_type="application/json", **extra)

    def patch(self, path: str, data: Any = None, **extra: Any) -> HttpResponse:
        """Call with PATCH, ``data`` as JSON."""
        return self.http.patch(BASE + path, data or {}, content_type="application/json", **extra)


def ids(response: HttpResponse) -> list[str]:
    """Return the ids of a list's results."""
    assert response.status_code == 200, response.content
    return [row["id"] for row in response.json()["results"]]  # type: ignore[attr-defined]
