"""Visitors: the first call of a widget, and what every later call checks again."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from django.db import connections, router, transaction
from django.db.models import F
from django.utils import timezone

from django_messenger.conf import conf
from django_messenger.exceptions import InvalidSession
from django_messenger.models import Contact, Conversation, Inbox, Visitor
from django_messenger.selectors.rows import columns_of, read_row
from django_messenger.services.callers import BLOCKED, HOLDS, facts_of
from django_messenger.services.consents import record_consent
from django_messenger.services.conversations import (
    describe_conversation,
    open_conversation,
    touch_conversations,
)
from django_messenger.services.freshness import forget_marks_on_commit
from django_messenger.services.identity import verify_identity
from django_messenger.services.messages import can_reopen
from django_messenger.services.sessions import (
    create_widget_session,
    end_session,
    hash_token,
    is_token,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_messenger.services.identity import Identity
    from django_messenger.services.sessions import WidgetSession

Trust = Contact.Trust

#: The date of the last visit is written at most this often.
_SEEN_EVERY: Final = timedelta(hours=1)
_VERIFIABLE: Final = ("name", "email", "phone")


@dataclass(frozen=True, slots=True)
class Claims:
    """What a visitor says without proof. It describes their own contact and finds nobody."""

    name: str = ""
    email: str = ""
    phone: str = ""
    external_id: str = ""
    page_url: str = ""
    referrer: str = ""
    locale: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    consent: bool = False


@dataclass(frozen=True, slots=True)
class Welcome:
    """The outcome of a bootstrap. ``visitor_token`` is set only when it is new."""

    session_token: str
    visitor_token: str | None
    contact: Contact
    conversation: Conversation
    created: bool


def welcome_visitor(
    *, inbox: Inbox, claims: Claims, visitor_token: str = "", identity: str = ""
) -> Welcome:
    """Find or make contact, visitor and conversation, and start a session.

    Only a signed identity or a visitor token finds a contact again. Whatever else the visitor
    says is noted as unverified on their own contact.

    Raises:
        IdentityInvalid, IdentityRequired: the identity does not verify, or is missing.
        Unavailable: the session could not be kept; a retry makes nothing twice.
    """
    verified = verify_identity(inbox, identity)
    with transaction.atomic():
        return _welcome(inbox, _known_visitor(inbox, visitor_token), claims, verified)


def identify_visitor(
    *, inbox: Inbox, token: str, session: WidgetSession, claims: Claims, verified: Identity
) -> Welcome:
    """Let a visitor whom the host vouches for go on under a new session.

    As at the first call the identity alone decides the contact: what was said before it stays
    with the contact it was said by. Every former session of this browser ends at once.

    Args:
        token: the session token that was used.

    Raises:
        InvalidSession: the visitor has been revoked meanwhile.
        Unavailable: the new session could not be kept; the former one still holds.
    """
    with transaction.atomic():
        visitor = _session_visitor(session)
        _end_sessions(visitor)
        welcome = _welcome(inbox, visitor, claims, verified)
    end_session(token)
    return welcome


def describe_visitor(*, conversation: Conversation, claims: Claims) -> Contact:
    """Note what a visitor says without proof on their own contact and conversation.

    Raises:
        InvalidInput: the attributes would be too many.
    """
    with transaction.atomic():
        contacts = Contact.objects.select_for_update(no_key=True)
        contact = contacts.get(pk=conversation.contact_id)
        _annotate(contact, claims, None)
        if claims.attributes:
            describe_conversation(conversation, claims.attributes)
        if claims.consent:
            _record_consent(conversation.inbox, contact, conversation, claims)
    return contact


def sign_out_visitor(*, token: str, session: WidgetSession, visitor_token: str = "") -> None:
    """End every session of a browser, in all its tabs; with its visitor token, that one too.

    Raises:
        InvalidSession: the visitor has been revoked meanwhile.
    """
    with transaction.atomic():
        visitor = _session_visitor(session)
        if is_token(visitor_token) and hash_token(visitor_token) == visitor.token_hash:
            revoke_visitor(visitor=visitor)
        else:
            _end_sessions(visitor)
    end_session(token)


def check_session(session: WidgetSession) -> Conversation:
    """Return the session's conversation after checking everything again in PostgreSQL.

    One query: inbox active and in its epoch, contact unchanged, visitor not revoked.

    Raises:
        InvalidSession: any of it is no longer true; all cases look the same.
    """
    connection = connections[router.db_for_write(Conversation)]
    with connection.cursor() as cursor:
        cursor.execute(_check_statement(), facts_of(session))
        row = cursor.fetchone()
    if row is None:
        raise InvalidSession
    conversation = read_row(Conversation, row[1:], connection)
    conversation.is_blocked = row[0]  # type: ignore[attr-defined]
    return conversation


def is_blocked(conversation: Conversation) -> bool:
    """Tell whether the contact of a conversation from ``check_session`` is blocked."""
    return bool(conversation.is_blocked)  # type: ignore[attr-defined]


@cache
def _check_statement() -> str:
    # Every visitor's call runs this; the ORM would take longer to write it than PostgreSQL to
    # answer it.
    columns = columns_of(Conversation, "talk")
    return (
        f"SELECT {BLOCKED}, {columns}"  # noqa: S608 - constants only
        f" FROM django_messenger_conversation AS talk WHERE {HOLDS}"
    )


def revoke_visitor(*, visitor: Visitor) -> None:
    """End every session of one browser and make its visitor token worthless."""
    with transaction.atomic():
        Visitor.objects.filter(pk=visitor.pk).update(
            revoked_at=timezone.now(), epoch=F("epoch") + 1
        )
        _forget_polls(visitor.contact_id)


def end_contact_sessions(*, contact: Contact) -> None:
    """End every session of a contact; their visitor tokens still start new ones."""
    with transaction.atomic():
        Contact.objects.filter(pk=contact.pk).update(epoch=F("epoch") + 1)
        _forget_polls(contact.pk)


def _forget_polls(contact_id: int) -> None:
    ids = Conversation.objects.filter(contact=contact_id).values_list("pk", flat=True)
    forget_marks_on_commit(list(ids))


def _welcome(
    inbox: Inbox, visitor: Visitor | None, claims: Claims, verified: Identity | None
) -> Welcome:
    contact = _contact(inbox, visitor, verified)
    is_new = contact.pk is None
    _annotate(contact, claims, verified)
    token = None
    if visitor is None or visitor.contact_id != contact.pk:
        visitor, token = _new_visitor(inbox, contact)
    else:
        _note_visit(visitor)
    current = None if is_new else _current_conversation(inbox, contact)
    conversation, created = (current, False) if current else _open(inbox, contact, claims)
    if claims.consent:
        _record_consent(inbox, contact, conversation, claims)
    # Within the transaction: if the session cannot be kept, nothing of all this has happened.
    session = create_widget_session(
        inbox=inbox, conversation=conversation, contact=contact, visitor=visitor
    )
    return Welcome(session, token, contact, conversation, created)


def _record_consent(
    inbox: Inbox, contact: Contact, conversation: Conversation, claims: Claims
) -> None:
    record_consent(inbox=inbox, contact=contact, conversation=conversation, locale=claims.locale)


def _session_visitor(session: WidgetSession) -> Visitor:
    """Return the browser of a session, locked, if the session still holds."""
    visitors = Visitor.objects.select_related("contact").filter(
        pk=session.visitor_id, epoch=session.epochs[2], revoked_at=None
    )
    visitor = visitors.select_for_update(of=("self",), no_key=True).first()
    if visitor is None:
        raise InvalidSession
    return visitor


def _end_sessions(visitor: Visitor) -> None:
    """End every session of a browser; its visitor token still starts new ones."""
    visitor.epoch += 1
    visitor.save(update_fields=["epoch"])
    _forget_polls(visitor.contact_id)


def _known_visitor(inbox: Inbox, token: str) -> Visitor | None:
    if not is_token(token):
        return None
    visitors = Visitor.objects.select_related("contact").filter(
        token_hash=hash_token(token),
        inbox=inbox,
        revoked_at=None,
        expires_at__gt=timezone.now(),
        contact__erased_at=None,
    )
    # The lock lines up parallel calls of one browser, so that they agree on one conversation.
    return visitors.select_for_update(of=("self",), no_key=True).first()


def _contact(inbox: Inbox, visitor: Visitor | None, verified: Identity | None) -> Contact:
    if verified is not None:
        known = visitor.contact if visitor is not None else None
        if known is not None and known.external_id == verified.external_id:
            return known
        said = {name: getattr(verified, name) for name in _VERIFIABLE}
        return Contact.objects.get_or_create(
            branch_id=inbox.branch_id,
            external_id=verified.external_id,
            defaults={"trust": Trust.VERIFIED, **said},
        )[0]
    if visitor is not None:
        return visitor.contact
    return Contact(branch_id=inbox.branch_id)


def _annotate(contact: Contact, claims: Claims, verified: Identity | None) -> None:
    """Note what is said, verified words over unverified ones, and save what is new."""
    said: dict[str, Any] = {}
    if verified is not None:
        said = {name: getattr(verified, name) for name in _VERIFIABLE}
        said["trust"] = Trust.VERIFIED
    elif contact.trust != Trust.VERIFIED:
        said = {name: getattr(claims, name) for name in _VERIFIABLE}
        if claims.external_id:
            attributes = {**contact.attributes, "claimed_external_id": claims.external_id}
            said["attributes"] = attributes
        if any(said.values()):
            said["trust"] = Trust.CLAIMED
    changed = {
        name: value for name, value in said.items() if value and getattr(contact, name) != value
    }
    for name, value in changed.items():
        setattr(contact, name, value)
    if contact.pk is None:
        contact.save()
    elif changed:
        contact.save(update_fields=list(changed))
        touch_conversations(contact)


def _new_visitor(inbox: Inbox, contact: Contact) -> tuple[Visitor, str]:
    token, now = secrets.token_urlsafe(32), timezone.now()
    visitor = Visitor.objects.create(
        inbox=inbox,
        contact=contact,
        token_hash=hash_token(token),
        last_seen_at=now,
        expires_at=now + timedelta(seconds=conf.VISITOR_TTL),
    )
    return visitor, token


def _note_visit(visitor: Visitor) -> None:
    now = timezone.now()
    if now - visitor.last_seen_at > _SEEN_EVERY:
        visitor.last_seen_at = now
        visitor.expires_at = now + timedelta(seconds=conf.VISITOR_TTL)
        visitor.save(update_fields=["last_seen_at", "expires_at"])


def _current_conversation(inbox: Inbox, contact: Contact) -> Conversation | None:
    """Return the live conversation, else one that a message would reopen."""
    latest = (
        Conversation.objects.filter(inbox=inbox, contact=contact)
        .exclude(status=Conversation.Status.CLOSED)
        .order_by("-pk")[:5]
    )
    candidates = list(latest)
    for conversation in candidates:
        conversation.inbox, conversation.contact = inbox, contact
    live = (conversation for conversation in candidates if conversation.is_live)
    return next(live, None) or next(filter(can_reopen, candidates), None)


def _open(inbox: Inbox, contact: Contact, claims: Claims) -> tuple[Conversation, bool]:
    return open_conversation(
        inbox=inbox,
        contact=contact,
        source_url=claims.page_url,
        referrer=claims.referrer,
        locale=claims.locale,
        attributes=dict(claims.attributes),
    )
