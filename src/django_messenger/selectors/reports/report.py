"""Reading a report: always through the access policy."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from django.contrib.auth import get_user_model
from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.utils.translation import gettext_lazy as _

from django_messenger.exceptions import InvalidInput
from django_messenger.models import Conversation, Inbox
from django_messenger.selectors.conversations import visible_conversations
from django_messenger.selectors.inboxes import visible_inboxes
from django_messenger.selectors.operators import staff_name, visible_operators
from django_messenger.selectors.reports import statements
from django_messenger.selectors.reports.figures import Figures, Report, Spread
from django_messenger.selectors.search import time_limit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from django.db.models import QuerySet

    from django_messenger.models import Operator
    from django_messenger.selectors.reports.period import Period

#: A report that takes longer is given up, in milliseconds.
TIMEOUT: Final = 15_000
#: What ``GROUPING(day, inbox, who)`` says of the rows of each table.
_TOTAL, _DAY, _INBOX, _WHO = 0b111, 0b011, 0b101, 0b110

_Key = tuple[int, bool, Any]


def read_report(
    user: Any, period: Period, *, inbox: Inbox | None = None, operator: Operator | None = None
) -> Report:
    """Return the figures of the conversations that a user may see.

    Args:
        inbox, operator: what to narrow to; from ``report_inbox`` and ``report_operator``.

    Raises:
        InvalidInput: it takes too long; keyed by ``to``, code ``too_long``.
    """
    before = period.bounds_before(datetime.now(UTC))
    rows = _read(_visible(user, inbox), period, before, operator)
    figures = {key: Figures(**values) for key, values in rows.items()}
    nothing = Figures()
    days = enumerate(period.days, start=1)
    return Report(
        period=period,
        before_bounds=before,
        total=figures.get((_TOTAL, True, None), nothing),
        before=figures.get((_TOTAL, False, None), nothing),
        days=[(day, figures.get((_DAY, True, number), nothing)) for number, day in days],
        inboxes=_of_inboxes(_table(figures, _INBOX)),
        operators=_of_operators(_table(figures, _WHO)),
    )


def report_inboxes(user: Any) -> QuerySet[Inbox]:
    """Return the inboxes that a report can be narrowed to."""
    return visible_inboxes(user).order_by("name", "pk")


def report_operators(user: Any) -> QuerySet[Operator]:
    """Return the operators that a report can be narrowed to."""
    return visible_operators(user).order_by("display_name", "pk")


def report_inbox(inboxes: Iterable[Inbox], public_id: str) -> Inbox | None:
    """Return the one of ``report_inboxes`` that a parameter names; None for an empty one.

    Raises:
        InvalidInput: it does not exist, or is not for this user.
    """
    if not public_id:
        return None
    for inbox in inboxes:
        if str(inbox.public_id) == public_id:
            return inbox
    raise InvalidInput.of("inbox", _("There is no such inbox."), "unknown")


def report_operator(operators: Iterable[Operator], key: str) -> Operator | None:
    """Return the one of ``report_operators`` whose user has a key; None for an empty one.

    Raises:
        InvalidInput: it does not exist, or is not for this user.
    """
    if not key:
        return None
    for operator in operators:
        if str(operator.user_id) == key:
            return operator
    raise InvalidInput.of("operator", _("There is no such operator."), "unknown")


def _visible(user: Any, inbox: Inbox | None) -> QuerySet[Conversation]:
    visible = visible_conversations(user)
    return visible if inbox is None else visible.filter(inbox=inbox)


def _read(
    visible: QuerySet[Conversation],
    period: Period,
    before: tuple[datetime, datetime],
    operator: Operator | None,
) -> Mapping[_Key, dict[str, Any]]:
    """Return the columns of every row of every table."""
    connection = connections[visible.db]
    ids = visible.order_by().values("pk").query
    try:
        sql, params = ids.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:  # the policy shows nothing at all
        return {}
    scope = statements.Scope(
        visible=sql,
        visible_params=tuple(params),
        bounds=period.bounds,
        before=before,
        operator=None if operator is None else operator.user_id,
    )
    parts = (
        (statements.talks(scope), statements.TALKS),
        (statements.resolutions(scope), statements.RESOLUTIONS),
        (statements.ratings(scope), statements.RATINGS),
    )
    found: dict[_Key, dict[str, Any]] = {}
    text = _("This report takes too long. Choose fewer days.")
    with (
        time_limit(TIMEOUT, InvalidInput.of("to", text, "too_long")),
        connection.cursor() as cursor,
    ):
        # Compiling the statement would take longer than running it.
        cursor.execute("SET LOCAL jit = off")
        for (statement, values), columns in parts:
            cursor.execute(statement, values)
            for row in cursor.fetchall():
                found.setdefault(_key(row), {}).update(_columns(row, columns))
    return found


def _key(row: Sequence[Any]) -> _Key:
    is_now, day, inbox, who, grouping = row[:5]
    return grouping, is_now, {_DAY: day, _INBOX: inbox, _WHO: who}.get(grouping)


def _columns(row: Sequence[Any], names: Iterable[str]) -> dict[str, Any]:
    return {
        name: Spread.of(value) if name in statements.SPREADS else value
        for name, value in zip(names, row[5:], strict=True)
    }


def _table(figures: Mapping[_Key, Figures], grouping: int) -> dict[Any, Figures]:
    return {
        key: row for (table, is_now, key), row in figures.items() if is_now and table == grouping
    }


def _of_inboxes(rows: Mapping[Any, Figures]) -> list[tuple[Inbox, Figures]]:
    # Conversations that a policy of the host's shows are counted wherever they are.
    inboxes = Inbox.objects.filter(pk__in=rows).select_related("branch").order_by("name", "pk")
    return [(inbox, rows[inbox.pk]) for inbox in inboxes]


def _of_operators(rows: Mapping[Any, Figures]) -> list[tuple[Any | None, Figures]]:
    keys = [key for key in rows if key is not None]
    users = get_user_model()._default_manager.filter(pk__in=keys)
    people = sorted(users.select_related("messenger_operator"), key=lambda u: staff_name(u).lower())
    found: list[tuple[Any | None, Figures]] = [(one, rows[one.pk]) for one in people]
    if None in rows:
        found.append((None, rows[None]))
    return found
