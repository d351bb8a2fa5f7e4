"""What must be true in PostgreSQL for a session to hold, as a condition for hand-written SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone

if TYPE_CHECKING:
    from django_messenger.services.sessions import WidgetSession

#: The tables beside that of the conversation, which is called ``talk``.
CALLER: Final = (
    "django_messenger_inbox AS inbox, django_messenger_contact AS contact,"
    " django_messenger_visitor AS visitor"
)
#: The conversation of the session, its inbox active and in its epoch, contact unchanged, visitor
#: not revoked; with the parameters of ``facts_of``.
HOLDS: Final = (
    "talk.id = %(conversation)s"
    " AND inbox.id = talk.inbox_id AND inbox.id = %(inbox)s"
    " AND inbox.epoch = %(inbox_epoch)s AND inbox.is_active"
    " AND contact.id = talk.contact_id AND contact.id = %(contact)s"
    " AND contact.epoch = %(contact_epoch)s AND contact.erased_at IS NULL"
    " AND visitor.contact_id = contact.id AND visitor.id = %(visitor)s"
    " AND visitor.epoch = %(visitor_epoch)s"
    " AND visitor.revoked_at IS NULL AND visitor.expires_at > %(now)s"
)


def facts_of(session: WidgetSession) -> dict[str, Any]:
    """Return the parameters of ``HOLDS``."""
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
