"""Who had a conversation, in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_messenger.models import AssignmentLog
from django_messenger.panel.availability import STATES
from django_messenger.selectors.assignments import assignments_of
from django_messenger.selectors.operators import staff_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from django_stubs_ext import StrOrPromise

    from django_messenger.models import Conversation

Cause = AssignmentLog.Cause

#: So many of the newest changes are told.
MOST: Final = 20

_SENTENCES: Final[Mapping[str, StrOrPromise]] = {
    Cause.TAKEN: gettext_lazy("%(who)s took it."),
    Cause.ASSIGNED: gettext_lazy("%(by)s assigned it to %(who)s."),
    Cause.RETURNED: gettext_lazy("%(by)s put it back into the queue."),
    Cause.REPLIED: gettext_lazy("%(who)s answered, and has it since."),
    Cause.ROUTED: gettext_lazy("%(who)s got it automatically."),
    Cause.RELEASED: gettext_lazy("%(before)s was away: it went back into the queue."),
    Cause.HANDED_OVER: gettext_lazy("%(by)s handed the customer over to another inbox."),
}
#: Of ``RELEASED``, where a supervisor has switched the operator off or taken the branch away.
_SWITCHED_OFF: Final = gettext_lazy(
    "%(before)s does not answer here any more: it went back into the queue."
)


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the assignee; ``because`` explains a decision that nobody made by hand."""

    at: datetime
    words: str
    reason: str
    because: Sequence[str]


def history_of(conversation: Conversation) -> list[Change]:
    """Return the newest changes first, in one query."""
    rows = assignments_of(conversation).order_by("-pk")[:MOST]
    return [Change(row.created_at, _sentence(row), row.reason, _explain(row.trace)) for row in rows]


def _sentence(row: AssignmentLog) -> str:
    names = {"who": row.assignee, "before": row.previous, "by": row.by}
    sentence = _SENTENCES[row.cause]
    if row.cause == Cause.RELEASED and row.trace.get("why") == "inactive":
        sentence = _SWITCHED_OFF
    return str(sentence) % {key: _name(user) for key, user in names.items()}


def _name(user: Any) -> str:
    return staff_name(user) if user is not None else _("Former colleague")


def _explain(trace: Mapping[str, Any]) -> list[str]:
    return [
        _("%(name)s: %(state)s, %(load)s of %(capacity)s")
        % {**candidate, "state": STATES.get(candidate["state"], candidate["state"])}
        for candidate in trace.get("candidates", ())
    ]
