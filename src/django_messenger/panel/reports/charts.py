"""Bars by day, as numbers for the template: SVG in a box of 100 units per day and 100 high."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from django_messenger.panel.reports.durations import in_words, whole
from django_messenger.panel.reports.tiles import NONE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from django_messenger.selectors.reports.figures import Figures, Report, Spread

#: More days than this need a wider picture than a window.
MANY_DAYS: Final = 62
_DAY: Final = 100
#: What two bars of a day fill of its width.
_FILLED: Final = 76
#: What happened is seen, however little it was.
_LEAST: Final = 1.5

Value = float | None


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle; ``text`` says what it means."""

    x: int
    y: float
    width: int
    height: float
    series: int
    text: str


@dataclass(frozen=True, slots=True)
class DayRow:
    """A row of the table below the bars."""

    day: date
    values: Sequence[str]


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars and the table of the same numbers.

    Attributes:
        series: what the bars of a day are, in order.
        top: what the highest bar reaches, in words; empty where there is nothing to see.
        ends: the first day, the middle one and the last one.
    """

    name: str
    title: str
    series: Sequence[str]
    width: int
    bars: Sequence[Bar]
    top: str
    ends: Sequence[str]
    rows: Sequence[DayRow]
    is_wide: bool


def make_charts(report: Report) -> list[Chart]:
    """Return the charts of a report; a single day has none."""
    if len(report.period) == 1:
        return []
    return [
        _chart(
            report,
            ("conversations", _("Conversations by day")),
            [
                (pgettext("report", "New"), lambda day: day.new),
                (pgettext("report", "Resolved"), lambda day: day.resolved),
            ],
            lambda value: whole(int(value)),
        ),
        _chart(
            report,
            ("first-response", _("First response by day")),
            [
                (_("Median"), lambda day: _at(day.first_response, "p50")),
                (_("9 of 10 within"), lambda day: _at(day.first_response, "p90")),
            ],
            in_words,
        ),
        _chart(
            report,
            ("messages", _("Messages by day")),
            [
                (_("Of visitors"), lambda day: day.visitor_messages),
                (_("Of operators"), lambda day: day.operator_messages),
            ],
            lambda value: whole(int(value)),
        ),
    ]


def _at(spread: Spread | None, name: str) -> Value:
    return None if spread is None else float(getattr(spread, name))


def _chart(
    report: Report,
    names: tuple[str, str],
    series: Sequence[tuple[str, Callable[[Figures], Value]]],
    words: Callable[[float], str],
) -> Chart:
    table = [(day, [read(figures) for _, read in series]) for day, figures in report.days]
    most = max((value or 0 for _, values in table for value in values), default=0)
    titles = [title for title, _ in series]
    days = [day for day, _ in table]
    return Chart(
        name=names[0],
        title=names[1],
        series=titles,
        width=len(table) * _DAY,
        bars=_bars(table, titles, most, words) if most else [],
        top=words(most) if most else "",
        # Translators: a day and its month, in the letters of Django's filter ``date``.
        ends=[date_format(day, pgettext("report", "F j")) for day in _ends(days)],
        rows=[
            DayRow(day, [NONE if value is None else words(value) for value in values])
            for day, values in table
        ],
        is_wide=len(table) > MANY_DAYS,
    )


def _ends(days: Sequence[date]) -> Sequence[date]:
    if len(days) < 3:
        return days
    return [days[0], days[(len(days) - 1) // 2], days[-1]]


def _bars(
    table: Sequence[tuple[date, Sequence[Value]]],
    titles: Sequence[str],
    most: float,
    words: Callable[[float], str],
) -> list[Bar]:
    width = _FILLED // len(titles)
    found = []
    for number, (day, values) in enumerate(table):
        left = number * _DAY + (_DAY - _FILLED) // 2
        for place, value in enumerate(values):
            if value:
                height = round(max(value / most * 100, _LEAST), 2)
                name = date_format(day, "DATE_FORMAT")
                text = f"{name}, {titles[place]}: {words(value)}"
                x = left + place * width
                found.append(Bar(x, round(100 - height, 2), width, height, place + 1, text))
    return found
