"""One change for many conversations: each by itself, with its own rights and its own outcome."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from django_messenger.exceptions import Conflict, InvalidInput, PermissionDenied
from django_messenger.models import Label
from django_messenger.selectors.contacts import labels_for
from django_messenger.selectors.conversations import conversation_rows
from django_messenger.selectors.operators import get_assignee
from django_messenger.services.conversations import (
    assign_conversation,
    change_conversation,
    read_conversation,
    unread_conversation,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from django_messenger.models import Conversation

#: Conversations in one call.
MAX_IDS: Final = 100


class _Keep:
    """Stands for: leave the assignee as it is."""


KEEP: Final = _Keep()


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkChange:
    """What to do with each; what is left out stays as it is.

    ``assignee`` is the primary key of a user, None for nobody, or ``KEEP``; ``read`` False marks as
    unread.
    """

    status: str | None = None
    snoozed_until: datetime | None = None
    priority: str | None = None
    add_labels: Sequence[Label] = ()
    remove_labels: Sequence[Label] = ()
    assignee: Any = KEEP
    read: bool | None = None


@dataclass(frozen=True, slots=True)
class BulkResult:
    """Public ids by outcome; ``refused``: its state does not allow it, or no longer."""

    done: list[UUID] = field(default_factory=list)
    not_allowed: list[UUID] = field(default_factory=list)
    refused: list[UUID] = field(default_factory=list)
    not_found: list[UUID] = field(default_factory=list)


def change_conversations(*, user: Any, ids: Sequence[UUID], change: BulkChange) -> BulkResult:
    """Change up to ``MAX_IDS`` conversations; what fails for one does not disturb the others.

    Args:
        ids: public ids; those that the user may not see are not found.

    Raises:
        InvalidInput: there are too many ids.
    """
    wanted = list(dict.fromkeys(ids))
    if len(wanted) > MAX_IDS:
        raise InvalidInput.of("ids", _("Choose fewer conversations."), "too_long")
    rows = conversation_rows(user).filter(public_id__in=wanted)
    known = {row.public_id: row for row in rows}
    result = BulkResult()
    for public_id in wanted:
        _outcome(result, user, known.get(public_id), change).append(public_id)
    return result


def _outcome(
    result: BulkResult, user: Any, conversation: Conversation | None, change: BulkChange
) -> list[UUID]:
    if conversation is None:
        return result.not_found
    try:
        with transaction.atomic():
            _apply(user, conversation, change)
    except PermissionDenied:
        return result.not_allowed
    except (Conflict, InvalidInput):
        return result.refused
    return result.done


def _apply(user: Any, conversation: Conversation, change: BulkChange) -> None:
    if change.assignee is not KEEP:
        wanted = change.assignee
        assign_conversation(
            user=user,
            conversation=conversation,
            assignee=None if wanted is None else get_assignee(user, conversation, wanted),
            expected=conversation.assignee_id,
        )
    if change.read is True:
        read_conversation(user=user, conversation=conversation, read_seq=conversation.revision)
    elif change.read is False:
        unread_conversation(user=user, conversation=conversation)
    wishes = (change.status, change.snoozed_until, change.priority)
    if any(wishes) or change.add_labels or change.remove_labels:
        change_conversation(
            user=user,
            conversation=conversation,
            status=change.status,
            snoozed_until=change.snoozed_until,
            priority=change.priority,
            add_labels=_of_its_branch(conversation, change.add_labels),
            remove_labels=change.remove_labels,
        )


def _of_its_branch(conversation: Conversation, labels: Sequence[Label]) -> list[Label]:
    ids = [label.pk for label in labels]
    fitting = list(labels_for(conversation).filter(pk__in=ids)) if ids else []
    if len(fitting) < len(ids):
        raise InvalidInput.of("labels", _("There is no such label."), "unknown")
    return fitting
