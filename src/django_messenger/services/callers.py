"""What must be true in PostgreSQL for a session to hold, as a condition for hand-written SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone

if TYPE_CHECKING:
    from django_messenger.services.sessions import WidgetSession


def _holds(contact: str) -> str:
    return (
        "talk.id = %(conversation)s AND talk.inbox_id = %(inbox)s"  # noqa: S608 - constants only
        " AND talk.contact_id = %(contact)s"
        " AND (SELECT is_active AND epoch = %(inbox_epoch)s"
        " FROM django_messenger_inbox WHERE id = %(inbox)s)"
        f" AND (SELECT {contact} AND epoch = %(contact_epoch)s"
        " FROM django_messenger_contact WHERE id = %(contact)s)"
        " AND (SELECT contact_id = %(contact)s AND epoch = %(visitor_epoch)s"
        " AND revoked_at IS NULL AND expires_at > %(now)s"
        " FROM django_messenger_visitor WHERE id = %(visitor)s)"
    )


#: On a row ``talk`` of the conversations: it is the session's, the inbox active and in its epoch,
#: the contact unchanged, the visitor not revoked. One row of each table by its key: PostgreSQL
#: plans that in half the time of a join.
HOLDS: Final = _holds("erased_at IS NULL")
#: The same, and the contact is not blocked.
WELCOME: Final = _holds("erased_at IS NULL AND blocked_at IS NULL")
#: Whether the contact of such a session is blocked.
BLOCKED: Final = (
    "(SELECT blocked_at IS NOT NULL FROM django_messenger_contact WHERE id = %(contact)s)"
)


def facts_of(session: WidgetSession) -> dict[str, Any]:
    """Return the parameters of ``HOLDS`` and ``WELCOME``."""
    inbox, contact, visitor = session.epochs
    return {
        "conversation": session.conversation_id,
        "inbox": session.inbox_id,
        "inbox_epoch": inbox,
        "contact": session.contact_id,
        "contact_epoch": contact,
        "visitor": session.visitor_id,
        "visitor_epoch": visitor,
        "now": timezone.now(),
    }
