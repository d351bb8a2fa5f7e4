"""Making people operators and changing where they answer, by those who manage.

Whoever does it sees some branches only: the others of an operator stay as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from django_messenger.access import get_policy
from django_messenger.exceptions import Conflict, InvalidInput, PermissionDenied
from django_messenger.models import AssignmentLog, Conversation, Operator
from django_messenger.selectors.operators import visible_branches
from django_messenger.selectors.team import has_hidden_branches
from django_messenger.services.conversations import lock_conversation, set_assignee
from django_messenger.services.operators import give_role
from django_messenger.services.routing import route_waiting
from django_messenger.text import storable_line

if TYPE_CHECKING:
    from collections.abc import Collection

    from django_messenger.services.operators import Role

MAX_NAME: Final = 100


def add_operator(
    *,
    user: Any,
    person: Any,
    display_name: str,
    branches: Collection[Any],
    role: Role | None = None,
) -> Operator:
    """Let a user of the host answer in branches; who is an operator already gets these, too.

    Args:
        role: also put them into the group of this role, which only superusers may.

    Raises:
        PermissionDenied: ``user`` may not manage, or not in one of the branches.
        InvalidInput: the name is blank, there is no branch, or the person was switched off and
            has branches that ``user`` does not see.
    """
    _require(user, branches)
    name = _name(display_name)
    # Groups carry more than our permissions.
    if role and not getattr(user, "is_superuser", False):
        raise PermissionDenied
    if not branches:
        raise InvalidInput.of("branches", _("Choose at least one branch."), "blank")
    with transaction.atomic():
        operator, created = Operator.objects.select_for_update().get_or_create(
            user=person, defaults={"display_name": name}
        )
        if not created and not operator.is_active:
            if has_hidden_branches(user, operator):
                words = _("This operator was switched off. Ask an administrator.")
                raise InvalidInput.of("login", words, "inactive")
            operator.display_name, operator.is_active = name, True
            operator.save()
        operator.branches.add(*branches)
        if role:
            give_role(user=person, role=role)
    return operator


def update_operator(
    *,
    user: Any,
    operator: Operator,
    display_name: str,
    capacity: int,
    branches: Collection[Any],
) -> int:
    """Change an operator whom a selector gave this user; branches that the user does not see stay.

    Returns:
        How many conversations went back into the queue, because their branch was taken away.

    Raises:
        PermissionDenied: ``user`` may not manage, or not in one of the branches.
        InvalidInput: the name is blank, or no branch is left.
    """
    _require(user, branches)
    name = _name(display_name)
    if not branches and not has_hidden_branches(user, operator):
        words = _("Choose at least one branch, or switch the operator off.")
        raise InvalidInput.of("branches", words, "blank")
    with transaction.atomic():
        row = Operator.objects.select_for_update().get(pk=operator.pk)
        visible = set(visible_branches(user).values_list("pk", flat=True))
        wanted = {branch.pk for branch in branches}
        present = set(row.branches.values_list("pk", flat=True))
        lost = (present & visible) - wanted
        row.branches.remove(*lost)
        row.branches.add(*(wanted - present))
        row.display_name, row.capacity = name, capacity
        row.save(update_fields=["display_name", "capacity"])
    return _release(user, row, lost)


def switch_operator(*, user: Any, operator: Operator, on: bool) -> int:
    """Switch an operator off or on whom a selector gave this user.

    Returns:
        How many conversations went back into the queue.

    Raises:
        PermissionDenied: ``user`` may not manage.
        Conflict: it is oneself, or somebody who also answers where ``user`` does not see.
    """
    _require(user, ())
    if operator.user_id == user.pk:
        raise Conflict(_("You cannot switch yourself off."))
    if has_hidden_branches(user, operator):
        raise Conflict(
            _("They also answer in branches that you do not see. Take yours away instead.")
        )
    with transaction.atomic():
        row = Operator.objects.select_for_update().get(pk=operator.pk)
        row.is_active = on
        row.save(update_fields=["is_active"])
        held = set(row.branches.values_list("pk", flat=True))
    return 0 if on else _release(user, row, held)


def _require(user: Any, branches: Collection[Any]) -> None:
    policy = get_policy()
    keys = {branch.pk for branch in branches}
    visible = policy.branches_for(user).filter(pk__in=keys)
    if not policy.has_permission(user, "manage") or visible.count() != len(keys):
        raise PermissionDenied


def _name(text: str) -> str:
    name = storable_line(text)[:MAX_NAME]
    if not name:
        raise InvalidInput.of("display_name", _("Give it a name."), "blank")
    return name


def _release(user: Any, operator: Operator, branches: Collection[Any]) -> int:
    """Put what an operator has in hand in some branches back into the queue, and give it away."""
    held = Conversation.objects.filter(
        assignee=operator.user_id, branch__in=branches, status__in=Conversation.LIVE
    )
    released, inboxes = 0, {}
    trace = {"why": "inactive", "name": operator.display_name}
    for conversation in held.select_related("inbox").order_by("pk"):
        with transaction.atomic():
            current = lock_conversation(conversation)
            if current.assignee_id != operator.user_id:
                continue
            set_assignee(current, None, by=user, cause=AssignmentLog.Cause.RELEASED, trace=trace)
        released += 1
        inboxes[conversation.inbox_id] = conversation.inbox
    for inbox in inboxes.values():
        if inbox.is_active and inbox.assignment != inbox.Assignment.OFF:
            route_waiting(inbox)
    return released
