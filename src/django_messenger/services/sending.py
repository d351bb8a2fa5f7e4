"""What a visitor sends by a session: checked and stored by one statement where that will do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django_messenger.services.callers import WELCOME, facts_of
from django_messenger.services.messages import append_at_once, send_message
from django_messenger.services.statement import Guard
from django_messenger.services.visitors import check_session, is_blocked

if TYPE_CHECKING:
    from django_messenger.services.messages import Appended
    from django_messenger.services.sessions import WidgetSession

#: A conversation under way, and a caller who is welcome in it.
_ORDINARY: Final = f"talk.last_message_at IS NOT NULL AND {WELCOME}"


def send_in_session(
    session: WidgetSession, *, body: str, client_id: str = "", trapped: bool = False
) -> Appended:
    """Check a session as ``check_session`` does and store what its visitor wrote.

    In a talk under way one statement does both; anything else goes the long way.

    Args:
        trapped: keep the message for its own visitor only, as that of a blocked contact.

    Raises:
        InvalidSession: the session does not hold any more.
        InvalidInput, IdempotencyConflict, TooManyUnanswered: as ``send_message``.
    """
    said = {"body": body, "client_id": client_id}
    if not trapped:
        sent = append_at_once(
            conversation_id=session.conversation_id,
            contact_id=session.contact_id,
            guard=Guard(_ORDINARY, facts_of(session)),
            **said,
        )
        if sent is not None:
            return sent
    conversation = check_session(session)
    quarantined = trapped or is_blocked(conversation)
    return send_message(conversation=conversation, quarantined=quarantined, **said)
