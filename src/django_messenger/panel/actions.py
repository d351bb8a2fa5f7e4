"""What the forms of a conversation's page do: each calls one service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from django_messenger.access import get_policy
from django_messenger.exceptions import (
    AlreadyAssigned,
    IdempotencyConflict,
    InvalidInput,
    InvalidTransition,
    PermissionDenied,
    Stale,
)
from django_messenger.models import Conversation, Message
from django_messenger.panel.corrections import edit, hand_over, remove
from django_messenger.panel.done import Done, read_number
from django_messenger.panel.times import snooze_end
from django_messenger.selectors.contacts import get_labels
from django_messenger.selectors.conversations import get_conversation
from django_messenger.selectors.operators import get_assignee, staff_name
from django_messenger.services.conversations import change_conversation
from django_messenger.services.handover import transfer_conversation
from django_messenger.services.messages import reply_message

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.http import QueryDict

    from django_messenger.exceptions import MessengerError

Status = Conversation.Status

_REOPEN: Final = (("action", "reopen"),)


def _reply(user: Any, conversation: Conversation, data: QueryDict) -> Done:
    note, seen = data.get("kind") == Message.Kind.NOTE, read_number(data.get("last_seen_seq", ""))
    follow_up = _follow_up(user, conversation, data.get("then", ""))
    sent = reply_message(
        user=user,
        conversation=conversation,
        body=data.get("body", ""),
        note=note,
        client_id=data.get("client_id", ""),
        last_seen_seq=seen,
        force="force" in data,
    )
    words = _("Note saved.") if note else _("Reply sent.")
    if follow_up is None:
        return Done(words, goto="conversation")
    if seen is not None and seen < sent.conversation.last_visitor_seq:
        unread = _("The visitor has written meanwhile: the conversation stays open.")
        return Done(f"{words} {unread}", goto="conversation")
    change_conversation(user=user, conversation=sent.conversation, **follow_up)
    after = _("Snoozed.") if "snoozed_until" in follow_up else _("Resolved.")
    return Done(f"{words} {after}", goto="list", undo=_REOPEN)


def _follow_up(user: Any, conversation: Conversation, then: str) -> dict[str, Any] | None:
    """Read what shall become of the conversation after the answer, before that goes out.

    Raises:
        PermissionDenied: the user may answer, but not change it.
        InvalidInput: it is no preset of a snooze.
    """
    if not then:
        return None
    if not get_policy().can(user, "change", conversation):
        raise PermissionDenied
    if then == "resolve":
        return {"status": Status.RESOLVED}
    return {"status": Status.SNOOZED, "snoozed_until": snooze_end(then, "")}


def _assign(user: Any, conversation: Conversation, data: QueryDict) -> Done:
    wanted = data.get("assignee", "")
    assignee = get_assignee(user, conversation, _user_key(wanted)) if wanted else None
    held: Any = conversation.assignee_id
    # Nobody is equal to a bare object(): the service then names who holds the conversation, or
    # sees that nothing is left to do.
    expected = held if data.get("expected", "") == str(held or "") else object()
    transfer_conversation(
        user=user,
        conversation=conversation,
        assignee=assignee,
        expected=expected,
        reason=data.get("reason", ""),
        message=data.get("message", ""),
    )
    undo = [("action", "assign"), ("assignee", str(held or "")), ("expected", wanted)]
    if assignee is None:
        return Done(_("The conversation is back in the queue."), undo=undo)
    if assignee.pk == user.pk:
        return Done(_("The conversation is yours."), undo=undo)
    return Done(_("Assigned to %(name)s.") % {"name": staff_name(assignee)}, undo=undo)


def _user_key(text: str) -> Any:
    try:
        return get_user_model()._meta.pk.to_python(text)
    except ValidationError as error:
        raise InvalidInput.of("assignee", _("There is no such operator."), "unknown") from error


def _finish(user: Any, conversation: Conversation, data: QueryDict) -> Done:
    """Resolve or close, unless the visitor has written what the operator has not seen."""
    seen = read_number(data.get("last_seen_seq", ""))
    closing = data.get("action") == "close"
    status = Status.CLOSED if closing else Status.RESOLVED
    for last_try in (False, False, True):
        if seen is not None and seen < conversation.last_visitor_seq:
            raise Stale(_("The visitor has written meanwhile. Read it first, then decide again."))
        try:
            change_conversation(
                user=user,
                conversation=conversation,
                status=status,
                expected_revision=conversation.revision,
            )
            break
        except Stale:
            if last_try:
                raise
            # Something else may have changed, such as the mark of what the operator has read.
            conversation = get_conversation(user, conversation.public_id)
    if closing:
        return Done(_("The conversation is closed."), goto="list")
    return Done("", goto="list", toast=_("Resolved."), undo=_REOPEN)


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
    words = _("Snoozed. A message of the visitor brings the conversation back at once.")
    return Done(words, undo=_REOPEN)


def _set_properties(user: Any, conversation: Conversation, data: QueryDict) -> Done:
    priority = data.get("priority", "")
    if priority not in Conversation.Priority.values:
        raise InvalidInput.of("priority", _("There is no such priority."))
    keys = [read_number(value) for value in data.getlist("labels")]
    labels = get_labels(conversation, [-1 if key is None else key for key in keys])
    undo = [("action", "properties"), ("priority", conversation.priority)]
    undo += [("labels", str(label.pk)) for label in conversation.labels.all()]
    change_conversation(user=user, conversation=conversation, priority=priority, labels=labels)
    return Done(_("Saved."), undo=undo)


ACTIONS: Final[Mapping[str, Callable[[Any, Conversation, QueryDict], Done]]] = {
    "reply": _reply,
    "assign": _assign,
    "resolve": _finish,
    "close": _finish,
    "reopen": _reopen,
    "pend": _pend,
    "snooze": _snooze,
    "properties": _set_properties,
    "edit": edit,
    "remove": remove,
    "hand_over": hand_over,
}


def words_of(error: MessengerError, conversation: Conversation) -> str:
    """Say to an operator what has happened; ``conversation`` is as it is now."""
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
    return error.words
