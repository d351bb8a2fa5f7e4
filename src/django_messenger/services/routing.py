"""Giving waiting conversations to operators by themselves, and taking them back.

An inbox says how: not at all, in turn, or to who has least. The operators of the branch are locked
before anything is counted, always in the same order: so two deciders never give one conversation to
two people, nor one person more than they can take. Every decision is explained in the log.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from django_messenger import signals, store
from django_messenger.access import get_policy
from django_messenger.events import ConversationAssigned, ConversationChanged
from django_messenger.exceptions import Unavailable
from django_messenger.models import AssignmentLog, Conversation, Inbox, Operator
from django_messenger.services.assignment import Cause
from django_messenger.services.availability import BEAT, gone_since_long, states_of
from django_messenger.services.conversations import lock_conversation, set_assignee

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from django_messenger.events import Event
    from django_messenger.services.availability import State

logger = logging.getLogger("django_messenger")

Mode = Inbox.Assignment
Status = Conversation.Status

#: What counts against the capacity: conversations that an operator has in hand.
_IN_HAND: Final = (Status.OPEN, Status.PENDING)
#: So many of the longest waiting are looked at to find one that somebody may answer.
_LOOK: Final = 20


@dataclass(frozen=True, slots=True)
class Candidate:
    """An operator of the branch at the moment of a decision."""

    operator: Operator
    state: State
    load: int

    @property
    def is_free(self) -> bool:
        """Whether there is room for one more."""
        return self.state == "online" and self.load < self.operator.capacity


def route_waiting(inbox: Inbox) -> int:
    """Give the waiting conversations of an inbox away, the longest waiting first; returns how many
    were given. Safe to run at once in any number of processes."""
    given = 0
    while _route_one(inbox):
        given += 1
    return given


def route_branches(user: Any) -> int:
    """Do so in the inboxes of all branches where a user answers; returns how many were given."""
    inboxes = Inbox.objects.filter(is_active=True, branch__in=get_policy().branches_for(user))
    return sum(route_waiting(inbox) for inbox in inboxes.exclude(assignment=Mode.OFF))


def route_on_commit(inbox_id: int) -> None:
    """Do so once the transaction has committed; a failure is logged and disturbs nobody."""
    transaction.on_commit(partial(_route, inbox_id), robust=True)


def release_absent() -> int:
    """Put waiting visitors of operators who have left back into the queue, and give them to others;
    returns how many were put back. Safe to run at once in several processes."""
    released, inboxes = 0, set()
    for conversation, operator in _with_absent():
        if _release(conversation, operator):
            released += 1
            inboxes.add(conversation.inbox)
    for inbox in inboxes:
        route_waiting(inbox)
    return released


def tend_queue() -> None:
    """Release and give away, at most every ``BEAT`` seconds in all processes together; called when
    operators give a sign of life. Hosts may run ``manage.py messenger_route`` besides."""
    try:
        if not store.add("dm:route", 1, seconds=BEAT):
            return
    except Unavailable:
        return
    release_absent()
    for inbox in Inbox.objects.filter(is_active=True).exclude(assignment=Mode.OFF):
        route_waiting(inbox)


def loads_of(operators: Sequence[Operator]) -> dict[Any, int]:
    """Return how many conversations the operators have in hand, by primary key of the user."""
    held = Conversation.objects.filter(
        assignee__in=[operator.user_id for operator in operators], status__in=_IN_HAND
    )
    return dict(held.values_list("assignee").annotate(Count("pk")).order_by())


def candidates_of(operators: Sequence[Operator]) -> list[Candidate]:
    """Return the operators with their state and what they have in hand.

    Raises:
        Unavailable: the cache cannot be reached.
    """
    states, loads = states_of(operators), loads_of(operators)
    return [
        Candidate(operator, states[operator.pk], loads.get(operator.user_id, 0))
        for operator in operators
    ]


def operators_of(inbox: Inbox) -> QuerySet[Operator]:
    """Return the active operators of an inbox's branch."""
    return Operator.objects.filter(is_active=True, branches=inbox.branch_id).order_by("pk")


def connect() -> None:
    """Give the next one away when an operator has finished, or put one back."""
    name = "django_messenger.routing"
    signals.conversation_changed.connect(_may_be_room, dispatch_uid=name)
    signals.conversation_assigned.connect(_may_be_room, dispatch_uid=name)


def _may_be_room(event: Event, **kwargs: Any) -> None:
    conversation = event.conversation
    done = isinstance(event, ConversationChanged) and "status" in event.fields
    freed = done and conversation.status not in _IN_HAND and conversation.assignee_id is not None
    moved = isinstance(event, ConversationAssigned) and event.previous is not None
    if (freed or moved) and conversation.inbox.assignment != Mode.OFF:
        _route(conversation.inbox_id)


def _route(inbox_id: int) -> None:
    inbox = Inbox.objects.filter(pk=inbox_id, is_active=True).exclude(assignment=Mode.OFF).first()
    if inbox is not None:
        route_waiting(inbox)


def _route_one(inbox: Inbox) -> bool:
    """Give one conversation away, in a transaction of its own; tell whether there was one."""
    with transaction.atomic():
        locked = operators_of(inbox).select_for_update(no_key=True, of=("self",))
        operators = list(locked.select_related("user"))
        try:
            candidates = candidates_of(operators)
        except Unavailable:
            logger.info("The cache is down: nothing is assigned automatically.")
            return False
        free = [candidate for candidate in candidates if candidate.is_free]
        if not free:
            return False
        for conversation in _waiting(inbox):
            allowed = get_policy().users_for(conversation, "reply")
            keys = set(allowed.values_list("pk", flat=True)) - _had_enough(conversation)
            fitting = [one for one in free if one.operator.user_id in keys]
            if fitting:
                _give(conversation, _choose(inbox, fitting), inbox, candidates)
                return True
    return False


def _had_enough(conversation: Conversation) -> set[Any]:
    """Return who has put the conversation back into the queue last: they do not get it again."""
    last = AssignmentLog.objects.filter(conversation=conversation).order_by("-pk").first()
    returned = last is not None and last.cause == Cause.RETURNED
    return {last.previous_id} if last is not None and returned else set()


def _waiting(inbox: Inbox) -> QuerySet[Conversation]:
    """Return who waits for anybody, locked; what others have locked they will look after."""
    rows = Conversation.objects.filter(
        inbox=inbox,
        assignee=None,
        status=Status.OPEN,
        waiting_since__isnull=False,
        last_message_at__isnull=False,
        contact__blocked_at=None,
    )
    locked = rows.select_for_update(skip_locked=True, no_key=True, of=("self",))
    return locked.order_by("waiting_since", "pk")[:_LOOK]


def _choose(inbox: Inbox, free: Sequence[Candidate]) -> Candidate:
    def in_turn(one: Candidate) -> tuple[bool, datetime | None, int]:
        last = one.operator.last_routed_at
        return (last is not None, last, one.operator.pk)

    def by_load(one: Candidate) -> tuple[Any, ...]:
        return (one.load, *in_turn(one))

    return min(free, key=by_load if inbox.assignment == Mode.LEAST_LOADED else in_turn)


def _give(
    conversation: Conversation, chosen: Candidate, inbox: Inbox, candidates: Sequence[Candidate]
) -> None:
    trace = {
        "mode": inbox.assignment,
        "candidates": [
            {
                "user": str(one.operator.user_id),
                "name": one.operator.display_name,
                "state": one.state,
                "load": one.load,
                "capacity": one.operator.capacity,
            }
            for one in candidates
        ],
    }
    set_assignee(conversation, chosen.operator.user, by=None, cause=Cause.ROUTED, trace=trace)
    Operator.objects.filter(pk=chosen.operator.pk).update(last_routed_at=timezone.now())


def _with_absent() -> list[tuple[Conversation, Operator]]:
    """Return the conversations that wait for somebody who has left."""
    waiting = Conversation.objects.filter(
        status=Status.OPEN, waiting_since__isnull=False, assignee__isnull=False
    ).exclude(inbox__assignment=Mode.OFF)
    held = defaultdict(list)
    for conversation in waiting.select_related("inbox").order_by("waiting_since", "pk"):
        held[conversation.assignee_id].append(conversation)
    operators = list(Operator.objects.filter(user__in=list(held)))
    gone = gone_since_long(operators)
    return [
        (conversation, operator)
        for operator in operators
        if operator.pk in gone
        for conversation in held[operator.user_id]
    ]


def _release(conversation: Conversation, operator: Operator) -> bool:
    with transaction.atomic():
        current = lock_conversation(conversation)
        if current.assignee_id != operator.user_id or current.waiting_since is None:
            return False
        why = "away" if operator.availability == Operator.Availability.AWAY else "absent"
        trace = {"why": why if operator.is_active else "inactive", "name": operator.display_name}
        set_assignee(current, None, by=None, cause=Cause.RELEASED, trace=trace)
    return True
