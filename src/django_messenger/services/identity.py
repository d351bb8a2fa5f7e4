"""Signed identity: how a host tells the chat who its visitor is."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import jwt

from django_messenger.exceptions import IdentityInvalid, IdentityRequired
from django_messenger.models import Inbox
from django_messenger.text import clean_line, is_storable

if TYPE_CHECKING:
    from collections.abc import Mapping

LEEWAY: Final = 60
MAX_LIFE: Final = 24 * 3600
DEFAULT_LIFE: Final = 600


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the host says the visitor is: its own id and what it vouches for."""

    external_id: str
    name: str = ""
    email: str = ""
    phone: str = ""


def sign_identity(
    inbox: Inbox, *, external_id: str, life: int = DEFAULT_LIFE, **attributes: str
) -> str:
    """Return a signed identity for the widget: a JWT (HS256) that lives ``life`` seconds.

    Args:
        external_id: the host's own id of the person, such as the user's primary key.
        attributes: ``name``, ``email``, ``phone`` that the host vouches for.

    Raises:
        ValueError: the inbox has no identity secret, or ``life`` exceeds 24 hours.
    """
    if not inbox.identity_secret:
        raise ValueError("The inbox has no identity secret.")
    if not 0 < life <= MAX_LIFE:
        raise ValueError("An identity lives at most 24 hours.")
    now = int(time.time())
    claims = {"sub": str(external_id), "aud": str(inbox.public_id), "iat": now, "exp": now + life}
    return jwt.encode({**attributes, **claims}, inbox.identity_secret, algorithm="HS256")


def verify_identity(inbox: Inbox, token: str) -> Identity | None:
    """Return who the token vouches for; None where the inbox has identities switched off or the
    visitor brought none and needs none.

    Raises:
        IdentityInvalid: the token does not verify; there is no anonymous way round it.
        IdentityRequired: the inbox wants an identity and there is none.
    """
    if inbox.identity_mode == Inbox.IdentityMode.OFF:
        return None
    if not token:
        if inbox.identity_mode == Inbox.IdentityMode.REQUIRED:
            raise IdentityRequired
        return None
    secrets = filter(None, (inbox.identity_secret, inbox.identity_secret_previous))
    for secret in secrets:
        claims = _claims(inbox, token, secret)
        if claims is not None:
            return _identity(claims)
    raise IdentityInvalid


def _claims(inbox: Inbox, token: str, secret: str) -> Mapping[str, Any] | None:
    try:
        claims: Mapping[str, Any] = jwt.decode(
            token,
            secret,
            algorithms=["HS256"],
            audience=str(inbox.public_id),
            leeway=LEEWAY,
            options={"require": ["exp", "iat", "aud", "sub"]},
        )
        lives_too_long = claims["exp"] - claims["iat"] > MAX_LIFE
    except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError, RecursionError):
        return None  # also numbers written as text, which PyJWT itself lets pass
    return None if lives_too_long else claims


def _identity(claims: Mapping[str, Any]) -> Identity:
    sub = claims["sub"]
    if not (isinstance(sub, str) and sub and len(sub) <= 200 and is_storable(sub)):
        raise IdentityInvalid
    known: dict[str, str] = {}
    for name, limit in (("name", 200), ("email", 254), ("phone", 50)):
        value = claims.get(name, "")
        if not isinstance(value, str) or not is_storable(value):
            raise IdentityInvalid
        known[name] = clean_line(value)[:limit]
    return Identity(sub, **known)
