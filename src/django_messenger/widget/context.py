"""Who calls: the inbox and the session behind the two tokens, from the cache in one round trip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django_messenger import store
from django_messenger.exceptions import InvalidInput, TokenInUrl, TokensRequired
from django_messenger.selectors.inboxes import (
    PublicInbox,
    is_widget_token,
    public_inbox_key,
    read_public_inbox,
)
from django_messenger.services.sessions import (
    WidgetSession,
    hash_token,
    is_token,
    read_session,
    session_key,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import HttpRequest

SECRETS = ("widget_session_token", "visitor_token", "identity")


@dataclass(frozen=True, slots=True)
class Cached:
    """What the cache knows of a call; None where it knows nothing.

    ``poll`` is what the session's last poll left behind (``widget.polling``).
    """

    inbox: PublicInbox | None
    session: WidgetSession | None = None
    poll: Any = None


def refuse_tokens_in_url(request: HttpRequest, *, public_token: bool = False) -> None:
    """Refuse tokens in the query string, where logs and histories would keep them.

    Args:
        public_token: whether the public ``widget_token`` may stand there.

    Raises:
        TokenInUrl: one does.
    """
    names = SECRETS if public_token else (*SECRETS, "widget_token")
    if any(name in request.GET for name in names):
        raise TokenInUrl


def token_of(payload: Mapping[str, Any], name: str) -> str:
    """Return a token from the body, empty if it is missing.

    Raises:
        InvalidInput: it is there, but no text.
    """
    value = payload.get(name, "")
    if not isinstance(value, str):
        raise InvalidInput.of(name, "Not a valid string.")
    return value


def both_tokens(request: HttpRequest, payload: Mapping[str, Any]) -> tuple[str, str]:
    """Return widget and session token: from the body, on GET from the headers.

    Raises:
        TokensRequired: one of them is missing.
        InvalidInput: one of them is no text.
    """
    if request.method == "GET":
        widget = request.META.get("HTTP_X_WIDGET_TOKEN", "")
        session = request.META.get("HTTP_X_WIDGET_SESSION_TOKEN", "")
    else:
        widget = token_of(payload, "widget_token")
        session = token_of(payload, "widget_session_token")
    if not widget or not session:
        raise TokensRequired
    return widget, session


def poll_key(session_token: str) -> str:
    """Return the cache key of what a session's last poll left behind."""
    return f"dm:poll:{hash_token(session_token)}"


def look_up(widget_token: str, session_token: str = "") -> Cached:
    """Ask the cache for inbox and session at once; malformed tokens are not even asked for.

    Raises:
        Unavailable: the cache cannot be reached.
    """
    keys = cache_keys(widget_token, session_token)
    found = store.get_many(keys) if keys else {}
    return read_cached([found.get(key) for key in keys])


def cache_keys(widget_token: str, session_token: str) -> list[str]:
    """Return the keys that ``look_up`` asks for, none for tokens that cannot be any."""
    if not is_widget_token(widget_token):
        return []
    keys = [public_inbox_key(widget_token)]
    if is_token(session_token):
        keys += [session_key(session_token), poll_key(session_token)]
    return keys


def read_cached(values: Sequence[Any]) -> Cached:
    """Make sense of what the cache held under ``cache_keys``, in their order."""
    inbox, session, left_behind = [*values, None, None, None][:3]
    return Cached(read_public_inbox(inbox), read_session(session), left_behind)
