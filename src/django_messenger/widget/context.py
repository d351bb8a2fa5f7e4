"""Who calls: the inbox and the session behind the two tokens, from the cache in one round trip."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django_messenger.exceptions import InvalidInput, TokenInUrl, TokensRequired
from django_messenger.selectors.inboxes import (
    PublicInbox,
    is_widget_token,
    public_inbox_key,
    read_public_inbox,
)
from django_messenger.services.freshness import mark_key
from django_messenger.services.presence import people_key
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

SECRETS: Final = ("widget_session_token", "visitor_token", "identity")
_MOST_GUESSES: Final = 20_000
#: Conversations by session key: whose ``live_keys`` to ask for in the same round trip. Only a
#: guess; what the session itself says decides.
_guesses: OrderedDict[str, int] = OrderedDict()


@dataclass(frozen=True, slots=True)
class Cached:
    """What the cache knows of a call; None where it knows nothing.

    ``poll`` is what the session's last poll left behind (``widget.polling``), ``live`` the values
    under the ``live_keys`` of its conversation, if they came along.
    """

    inbox: PublicInbox | None
    session: WidgetSession | None = None
    poll: Any = None
    live: tuple[Any, Any] | None = None


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


def live_keys(conversation_id: int) -> list[str]:
    """Return the cache keys of what changes under a session: the mark, and who is there."""
    return [mark_key(conversation_id), people_key(conversation_id)]


class Lookup:
    """What to ask the cache about a call, all in one round trip.

    Attributes:
        keys: of inbox, session and last poll, none for tokens that cannot be any; and with
            ``live`` those of what changes under the session, as far as they can be guessed.
    """

    def __init__(self, widget_token: str, session_token: str = "", *, live: bool = False) -> None:
        self.keys: list[str] = []
        self._live = live
        self._guess: int | None = None
        if not is_widget_token(widget_token):
            return
        self.keys.append(public_inbox_key(widget_token))
        if not is_token(session_token):
            return
        self.keys += [session_key(session_token), poll_key(session_token)]
        self._guess = _guesses.get(self.keys[1]) if live else None
        if self._guess is not None:
            self.keys += live_keys(self._guess)

    def read(self, values: Sequence[Any]) -> Cached:
        """Make sense of what the cache held under ``keys``, in their order."""
        inbox, session_data, poll, *live = [*values, None, None, None][: max(3, len(self.keys))]
        session = read_session(session_data)
        if session is None:
            return Cached(read_public_inbox(inbox))
        number = session.conversation_id
        if self._live:
            self._remember(number)
        known = (live[0], live[1]) if self._guess == number else None
        return Cached(read_public_inbox(inbox), session, poll, known)

    def _remember(self, conversation_id: int) -> None:
        _guesses.pop(self.keys[1], None)  # the newest go to the end, in any thread
        _guesses[self.keys[1]] = conversation_id
        if len(_guesses) > _MOST_GUESSES:
            _guesses.popitem(last=False)
