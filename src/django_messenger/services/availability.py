"""Which operators are there: what they have chosen by hand, and a lease for each of their tabs.

Leases live in the cache and end by themselves. With the cache down nobody is known to be there or
gone, and nothing is decided.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final, Literal

from django.utils.translation import gettext_lazy as _

from django_messenger import store
from django_messenger.conf import conf
from django_messenger.exceptions import InvalidInput, PermissionDenied, Unavailable
from django_messenger.models import Operator
from django_messenger.selectors.operators import operator_of

if TYPE_CHECKING:
    from collections.abc import Iterable

State = Literal["online", "busy", "away", "offline"]
Availability = Operator.Availability

#: How long a tab counts after its last sign of life, and how often it should give one; seconds.
LEASE: Final = 60
BEAT: Final = 20
MAX_TAB: Final = 64
_MAX_TABS: Final = 20
_BORN: Final = "dm:online:since"
_LONG: Final = 30 * 86400


def note_tab(*, user: Any, tab: str, online: bool = True) -> bool:
    """Renew or end the lease of one of the user's tabs.

    Args:
        tab: what the tab calls itself, at most ``MAX_TAB`` characters.

    Returns:
        Whether the user has come: no tab of theirs was there before.

    Raises:
        InvalidInput: that is no name of a tab.
        Unavailable: the cache cannot be reached.
    """
    if not 0 < len(tab) <= MAX_TAB or not tab.isprintable():
        raise InvalidInput.of("tab", _("Use at most 64 printable characters."))
    now, key = time.time(), _tabs_key(user.pk)
    before = {name: until for name, until in _read_tabs(store.get(key)).items() if until > now}
    after = {name: until for name, until in before.items() if name != tab}
    if online:
        after[tab] = now + LEASE
        store.put(_seen_key(user.pk), 1, seconds=conf.RELEASE_AFTER)
        store.add(_BORN, now, seconds=_LONG)
    store.put(key, list(after.items())[-_MAX_TABS:], seconds=LEASE)
    return online and not before


def choose_availability(*, user: Any, availability: str) -> Operator:
    """Say by hand whether one is there: ``auto`` follows the tabs, ``busy`` and ``away`` do not.

    Raises:
        PermissionDenied: the user is no operator.
    """
    operator = operator_of(user)
    if operator is None:
        raise PermissionDenied
    # Not save(): that would look like a change of rights and end the operator's streams.
    Operator.objects.filter(pk=operator.pk).update(availability=availability)
    operator.availability = availability
    return operator


def states_of(operators: Iterable[Operator]) -> dict[int, State]:
    """Return the state of each operator by primary key, in one look into the cache.

    Raises:
        Unavailable: the cache cannot be reached.
    """
    rows = list(operators)
    keys = {_tabs_key(row.user_id): row.pk for row in rows}
    found, now = store.get_many(keys) if keys else {}, time.time()
    there = {
        keys[key]
        for key, value in found.items()
        if any(until > now for until in _read_tabs(value).values())
    }
    return {row.pk: _state(row, there=row.pk in there) for row in rows}


def gone_since_long(operators: Iterable[Operator]) -> set[int]:
    """Return the primary keys of those who have left: away by hand, switched off, or without a
    sign of life for ``RELEASE_AFTER``.

    A cache that was emptied a moment ago knows of nobody; then nobody has left.
    """
    rows = list(operators)
    left = {row.pk for row in rows if not row.is_active or row.availability == Availability.AWAY}
    try:
        born: float | None = store.get(_BORN)
        if born is None or time.time() - born < conf.RELEASE_AFTER:
            return left
        seen = store.get_many([_seen_key(row.user_id) for row in rows]) if rows else {}
    except Unavailable:
        return left
    return left | {row.pk for row in rows if _seen_key(row.user_id) not in seen}


def _state(operator: Operator, *, there: bool) -> State:
    if operator.availability == Availability.AWAY:
        return "away"
    if not there:
        return "offline"
    return "busy" if operator.availability == Availability.BUSY else "online"


def _tabs_key(user_id: Any) -> str:
    return f"dm:tabs:{user_id}"


def _seen_key(user_id: Any) -> str:
    return f"dm:seen:{user_id}"


def _read_tabs(value: Any) -> dict[str, float]:
    try:
        return {name: float(until) for name, until in value or ()}
    except (TypeError, ValueError):
        return {}
