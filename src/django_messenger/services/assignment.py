"""The log of assignments: who had a conversation, who got it, by whom and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django_messenger.events import ConversationAssigned, publish
from django_messenger.models import AssignmentLog, Conversation
from django_messenger.text import storable_line

if TYPE_CHECKING:
    from collections.abc import Mapping

Cause = AssignmentLog.Cause

MAX_REASON: Final = 500


def record_assignment(
    conversation: Conversation,
    assignee: Any,
    previous: Any,
    *,
    by: Any,
    cause: AssignmentLog.Cause,
    reason: str = "",
    trace: Mapping[str, Any] | None = None,
) -> None:
    """Write down a change of the assignee that has just been made, and announce it.

    Args:
        previous: primary key of who had it before, or None.
    """
    log_assignment(conversation, assignee, previous, by=by, cause=cause, reason=reason, trace=trace)
    publish(ConversationAssigned(conversation, assignee, previous))


def log_assignment(
    conversation: Conversation,
    assignee: Any,
    previous: Any,
    *,
    by: Any,
    cause: AssignmentLog.Cause,
    reason: str = "",
    trace: Mapping[str, Any] | None = None,
) -> None:
    """Write down who has a conversation and why; arguments as for ``record_assignment``."""
    AssignmentLog.objects.create(
        conversation=conversation,
        cause=cause,
        assignee=assignee,
        previous_id=previous,
        by=by,
        reason=storable_line(reason)[:MAX_REASON],
        trace=dict(trace or {}),
    )
