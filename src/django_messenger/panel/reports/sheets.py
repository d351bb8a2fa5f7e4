"""The tables of a report as CSV that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _

from django_messenger.exceptions import InvalidInput
from django_messenger.selectors.operators import staff_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django_messenger.selectors.reports.figures import Figures, Report, Spread

TABLES: Final = ("days", "inboxes", "operators")
#: A cell that begins with one of them is a formula to some spreadsheet, or hides one.
_FORMULA: Final = frozenset("=+-@\uff1d\uff0b\uff0d\uff20\t\r\n")
#: Spreadsheets know UTF-8 by it.
_BOM: Final = "\ufeff"
_KEYS: Final = {
    "days": ("date",),
    "inboxes": ("inbox", "branch"),
    "operators": ("operator",),
}
_COLUMNS: Final = (
    "new",
    "unanswered",
    "unresolved",
    "missed",
    "first_response_median_seconds",
    "first_response_90_seconds",
    "waits",
    "waits_open",
    "waiting_median_seconds",
    "waiting_90_seconds",
    "resolved",
    "resolution_median_seconds",
    "resolution_90_seconds",
    "ratings",
    "good_ratings",
    "visitor_messages",
    "operator_messages",
)


def check_table(name: str) -> str:
    """Return the table that a parameter names, the days where it is empty.

    Raises:
        InvalidInput: there is no such table.
    """
    if name and name not in TABLES:
        raise InvalidInput.of("table", _("There is no such table."), "unknown")
    return name or TABLES[0]


def csv_name(report: Report, table: str) -> str:
    """Return the name of the file."""
    period = report.period
    return f"messenger-{table}-{period.first.isoformat()}-{period.last.isoformat()}.csv"


def write_csv(report: Report, table: str) -> bytes:
    """Return a table of a report as a file: one line of names, days as ISO 8601, lengths of time
    in seconds."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*_KEYS[table], *_COLUMNS])
    for keys, figures in _rows(report, table):
        writer.writerow([*map(safe_cell, keys), *_values(figures)])
    return (_BOM + text.getvalue()).encode()


def safe_cell(text: str) -> str:
    """Return a text that spreadsheets show as it is: an apostrophe stands before what could be
    a formula."""
    first = text.lstrip(" \u00a0\u200b\ufeff")[:1]
    return f"'{text}" if first in _FORMULA and first else text


def _rows(report: Report, table: str) -> Iterator[tuple[Sequence[str], Figures]]:
    if table == "days":
        yield from (([day.isoformat()], figures) for day, figures in report.days)
    elif table == "inboxes":
        for inbox, figures in report.inboxes:
            yield [inbox.name, str(inbox.branch)], figures
    else:
        for user, figures in report.operators:
            yield [staff_name(user) if user else ""], figures


def _values(figures: Figures) -> list[Any]:
    return [
        figures.new,
        figures.unanswered,
        figures.unresolved,
        figures.missed,
        *_spread(figures.first_response),
        figures.waits,
        figures.waits_open,
        *_spread(figures.waiting),
        figures.resolved,
        *_spread(figures.resolution),
        figures.ratings,
        figures.good,
        figures.visitor_messages,
        figures.operator_messages,
    ]


def _spread(spread: Spread | None) -> Sequence[Any]:
    return ("", "") if spread is None else (round(spread.p50), round(spread.p90))
