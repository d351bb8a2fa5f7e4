"""What the forms of a conversation's page do: each calls one service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from django_messenger.exceptions import (
    AlreadyAssigned,
    IdempotencyConflict,
    InvalidInput,
    InvalidTransition,
    Stale,
)
from django_messenger.models import Conversation, Message
from django_messenger.panel.times import snooze_end
from django_messenger.selectors.contacts import get_labels
from django_messenger.selectors.operators import get_assignee, staff_name
from django_messenger.services.conversations import assign_conversation, change_conversation
from django_messenger.services.messages import reply_message

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.http import QueryDict

    from django_messenger.exceptions import MessengerError

Status = Conversation.Status


@dataclass(frozen=True, slots=True)
class Done:
    """What to say afterwards, and where to go: ``conversation`` (its end), ``top`` or ``list``."""

    words: str
    goto: str = "top"


def _reply(user: Any, conversation: Conversation, data: QueryDict) -> Done:
    note = data.get("kind") == Message.Kind.NOTE
    reply_message(
        user=user,
        conversation=conversation,
        body=data.get("body", ""),
        note=note,
        client_id=data.get("client_id", ""),
        last_seen_seq=read_number(data.get("last_seen_seq", "")),
        force="force" in data,
    )
    return Done(_("Note saved.") if note else _("Reply sent."), goto="conversation")


def _assign(user: Any, conversation: Conversation, data: QueryDict) -> Done:
    wanted = data.get("assignee", "")
    assignee = get_assignee(user, conversation, _user_key(wanted)) if wanted else None
    held: Any = conversation.assignee_id
    # Nobody is equal to a bare object(): the service then names who holds the conversation, or
    # sees that nothing is left to do.
    expected = held if data.get("expected", "") == str(held or "") else object()
    assign_conversation(user=user, conversation=conversation, assignee=assignee, expected=expected)
    if assignee is None:
        return Done(_("The conversation is back in the queue."))
    if assignee.pk == user.pk:
        return Done(_("The conversation is yours."))
    return Done(_("Assigned to %(name)s.") % {"name": staff_name(assignee)})


def _user_key(text: str) -> Any:
    try:
        return get_user_model()._meta.pk.to_python(text)
    except ValidationError as error:
        raise InvalidInput.of("assignee", _("There is no such operator."), "unknown") from error


def _finish(user: Any, conversation: Conversation, data: QueryDict) -> Done:
    """Resolve or close, unless the visitor has written what the operator has not seen."""
    seen = read_number(data.get("last_seen_seq", ""))
    if seen is not None and seen < conversation.last_visitor_seq:
        raise Stale(_("The visitor has written meanwhile. Read it first, then decide again."))
    closing = data.get("action") == "close"
    change_conversation(
        user=user,
        conversation=conversation,
        status=Status.CLOSED if closing else Status.RESOLVED,
        expected_revision=conversation.revision,
    )
    return Done(_("The conversation is closed.") if closing else "", goto="list")


def _reopen(user: Any, conversation: Conversation, data: QueryDict) -> Done:
    change_conversation(user=user, conversation=conversation, status=Status.OPEN)
    return Done(_("The conversation is open again."))


def _pend(user: Any, conversation: Conversation, data: QueryDict) -> Done:
    change_conversation(user=user, conversation=conversation, status=Status.PENDING)
    return Done(_("The conversation is pending."))


def _snooze(user: Any, conversation: Conversation, data: QueryDict) -> Done:
    until = snooze_end(data.get("preset", ""), data.get("until", ""))
    change_conversation(
        user=user, conversation=conversation, status=Status.SNOOZED, snoozed_until=until
    )
    return Done(_("Snoozed. A message of the visitor brings the conversation back at once."))


def _set_properties(user: Any, conversation: Conversation, data: QueryDict) -> Done:
    priority = data.get("priority", "")
    if priority not in Conversation.Priority.values:
        raise InvalidInput.of("priority", _("There is no such priority."))
    keys = [read_number(value) for value in data.getlist("labels")]
    labels = get_labels(conversation, [-1 if key is None else key for key in keys])
    change_conversation(user=user, conversation=conversation, priority=priority, labels=labels)
    return Done(_("Saved."))


ACTIONS: Final[Mapping[str, Callable[[Any, Conversation, QueryDict], Done]]] = {
    "reply": _reply,
    "assign": _assign,
    "resolve": _finish,
    "close": _finish,
    "reopen": _reopen,
    "pend": _pend,
    "snooze": _snooze,
    "properties": _set_properties,
}


def read_number(value: str) -> int | None:
    """Return a non-negative number as the forms and addresses of the panel write it, or None."""
    return int(value) if value.isascii() and value.isdecimal() and len(value) <= 18 else None


def words_of(error: MessengerError, conversation: Conversation) -> str:
    """Say to an operator what has happened; ``conversation`` is as it is now."""
    if isinstance(error, InvalidInput) and error.errors:
        return " ".join(str(p.message) for problems in error.errors.values() for p in problems)
    if isinstance(error, AlreadyAssigned):
        if error.assignee is None:
            return _("Meanwhile the conversation was put back into the queue.")
        name = staff_name(error.assignee)
        return _("Meanwhile %(name)s has taken the conversation.") % {"name": name}
    if isinstance(error, IdempotencyConflict):
        return _("This form has been sent before, with another text. Look at the thread first.")
    if isinstance(error, InvalidTransition) and error.detail is error.message:
        status = conversation.get_status_display()
        return _("This is not possible any more: the status is now “%(status)s”.") % {
            "status": status
        }
    return str(error.detail)
