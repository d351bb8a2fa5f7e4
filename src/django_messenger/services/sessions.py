"""Widget sessions: opaque 256-bit tokens whose context lives in the Django cache.

The cache knows a token only by its SHA-256, so a dump of it holds nothing usable. What a session
points at is checked again in PostgreSQL by everything that returns data or writes.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from django_messenger import store
from django_messenger.conf import conf
from django_messenger.exceptions import Unavailable

if TYPE_CHECKING:
    from django_messenger.models import Contact, Conversation, Inbox, Visitor

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{20,128}", re.ASCII)
#: A session in use is prolonged at most this often, in seconds.
_RENEW_EVERY: Final = 300


@dataclass(frozen=True, slots=True)
class WidgetSession:
    """What a session token stands for. Ids are primary keys, times are seconds since 1970.

    ``epochs`` are those of inbox, contact and visitor at the start; raising one of them in the
    database ends the session.
    """

    inbox_id: int
    conversation_id: int
    contact_id: int
    visitor_id: int
    epochs: tuple[int, int, int]
    issued_at: float
    renewed_at: float


def hash_token(token: str) -> str:
    """Return the SHA-256 under which a secret token is kept, in hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_token(value: object) -> bool:
    """Tell whether a value can be a token at all, before anything is done with it."""
    return isinstance(value, str) and _TOKEN.fullmatch(value) is not None


def session_key(token: str) -> str:
    """Return the cache key of a session token."""
    return f"dm:session:{hash_token(token)}"


def create_widget_session(
    *, inbox: Inbox, conversation: Conversation, contact: Contact, visitor: Visitor
) -> str:
    """Start a session and return its token, the only copy there is.

    Raises:
        Unavailable: the session could not be written, or could not be read back.
    """
    token, now = secrets.token_urlsafe(32), time.time()
    session = WidgetSession(
        inbox_id=inbox.pk,
        conversation_id=conversation.pk,
        contact_id=contact.pk,
        visitor_id=visitor.pk,
        epochs=(inbox.epoch, contact.epoch, visitor.epoch),
        issued_at=now,
        renewed_at=now,
    )
    write_session(token, session)
    # A cache that is full or told to ignore its errors "succeeds" without keeping anything.
    if read_session(store.get(session_key(token))) != session:
        raise Unavailable
    return token


def get_widget_session(token: str, *, inbox: Inbox) -> WidgetSession | None:
    """Return the session of a token, or None if it is wrong, expired or of another inbox.

    Args:
        token: what the client sent as ``widget_session_token``.
        inbox: the active inbox that the client named by ``widget_token``.

    Raises:
        Unavailable: the cache cannot be reached.
    """
    if not is_token(token):
        return None
    session = read_session(store.get(session_key(token)))
    if session is None or not belongs_to(session, inbox_id=inbox.pk, inbox_epoch=inbox.epoch):
        return None
    return renew_session(token, session)


def belongs_to(session: WidgetSession, *, inbox_id: int, inbox_epoch: int) -> bool:
    """Tell whether the session was made for this inbox in its present epoch."""
    return session.inbox_id == inbox_id and session.epochs[0] == inbox_epoch


def read_session(value: Any) -> WidgetSession | None:
    """Make a session of what the cache held; None if it held nothing or it is too old."""
    try:
        session = WidgetSession(**{**value, "epochs": tuple(value["epochs"])})
    except (TypeError, KeyError):
        return None
    return session if time.time() < session.issued_at + conf.SESSION_MAX_AGE else None


def renew_session(token: str, session: WidgetSession) -> WidgetSession:
    """Prolong a session that is in use; it never outlives ``SESSION_MAX_AGE``."""
    if not needs_renewal(session):
        return session
    renewed = replace(session, renewed_at=time.time())
    write_session(token, renewed)
    return renewed


def needs_renewal(session: WidgetSession) -> bool:
    """Tell whether it is time to prolong the session."""
    return time.time() >= session.renewed_at + min(_RENEW_EVERY, conf.SESSION_TTL / 2)


def move_session(token: str, session: WidgetSession, conversation: Conversation) -> None:
    """Point a session at the conversation that took the place of an ended one."""
    write_session(token, replace(session, conversation_id=conversation.pk))


def end_session(token: str) -> None:
    """Forget a session at once."""
    store.forget(session_key(token))


def write_session(token: str, session: WidgetSession) -> None:
    """Write a session to the cache for what is left of its life."""
    left = session.issued_at + conf.SESSION_MAX_AGE - time.time()
    seconds = max(1, int(min(conf.SESSION_TTL, left)))
    store.put(session_key(token), asdict(session), seconds=seconds)
