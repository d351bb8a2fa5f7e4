"""The tiles of a report: a figure, what belongs to it, and how it was in the days before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from django_messenger.panel.reports.durations import in_words, percent, whole
from django_messenger.selectors.reports.period import host_zone
from django_messenger.selectors.reports.statements import MISSED_AFTER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django_messenger.selectors.reports.figures import Figures, Report, Spread

Tone = Literal["good", "bad", "even"]
NONE: Final = "\u2013"
_FEW: Final = 10
_MANY_TIMES: Final = 3


@dataclass(frozen=True, slots=True)
class Change:
    """How a figure differs from that of the days before, in words; ``tone`` is the colour."""

    text: str
    tone: Tone = "even"
    arrow: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure.

    Attributes:
        value: the figure in words, a dash where there is none.
        details: what stands below it.
    """

    name: str
    label: str
    value: str
    details: Sequence[str]
    change: Change


def make_tiles(report: Report) -> list[Tile]:
    """Return the tiles of a report."""
    now, was = report.total, report.before
    return [*_first_tiles(now, was), *_last_tiles(now, was)]


def _first_tiles(now: Figures, was: Figures) -> list[Tile]:
    """Return those about visitors who come, and wait."""
    return [
        Tile(
            "new",
            _("New conversations"),
            whole(now.new),
            [_("without an answer yet: {}").format(whole(now.unanswered))],
            _counted(now.new, was.new, "even"),
        ),
        Tile(
            "missed",
            pgettext("report", "Missed"),
            whole(now.missed),
            [_("of the new ones, not answered within {} h").format(MISSED_AFTER)],
            _counted(now.missed, was.missed, "bad"),
        ),
        Tile(
            "first-response",
            _("First response"),
            _median(now.first_response),
            _nine_of_ten(now.first_response, _("answered: {}"), now.new - now.unanswered),
            _lasted(now.first_response, was.first_response),
        ),
        Tile(
            "waiting",
            pgettext("report", "Waiting"),
            _median(now.waiting),
            _nine_of_ten(now.waiting, _("without an answer: {}"), now.waits_open),
            _lasted(now.waiting, was.waiting),
        ),
    ]


def _last_tiles(now: Figures, was: Figures) -> list[Tile]:
    """Return those about what came of it."""
    return [
        Tile(
            "resolved",
            pgettext("report", "Resolved"),
            whole(now.resolved),
            [_("new ones not resolved yet: {}").format(whole(now.unresolved))],
            _counted(now.resolved, was.resolved, "good"),
        ),
        Tile(
            "resolution",
            _("Time to resolution"),
            _median(now.resolution),
            _nine_of_ten(now.resolution, _("resolved: {}"), now.resolved),
            _lasted(now.resolution, was.resolution),
        ),
        Tile(
            "satisfaction",
            _("Satisfied visitors"),
            NONE if now.satisfaction is None else percent(now.satisfaction),
            [_("ratings: {}").format(whole(now.ratings))],
            _shared(now, was),
        ),
        Tile(
            "messages",
            _("Messages"),
            whole(now.visitor_messages + now.operator_messages),
            [
                _("of visitors: {}").format(whole(now.visitor_messages)),
                _("of operators: {}").format(whole(now.operator_messages)),
            ],
            _counted(
                now.visitor_messages + now.operator_messages,
                was.visitor_messages + was.operator_messages,
                "even",
            ),
        ),
    ]


def compared_with(report: Report) -> str:
    """Name the days that the changes refer to."""
    start, end = (moment.astimezone(host_zone()) for moment in report.before_bounds)
    last = report.period.before.last
    days = date_format(start.date(), "DATE_FORMAT")
    if last != start.date():
        days = _("{first} to {last}").format(first=days, last=date_format(last, "DATE_FORMAT"))
    whole_days = end.date() > last or end - start >= timedelta(days=len(report.period))
    if whole_days:
        return _("Compared with {days}.").format(days=days)
    return _("Compared with {days}, up to the same time of day.").format(days=days)


def _median(spread: Spread | None) -> str:
    return NONE if spread is None else in_words(spread.p50)


def _nine_of_ten(spread: Spread | None, words: str, number: int) -> list[str]:
    counted = words.format(whole(number))
    if spread is None:
        return [counted]
    return [_("9 of 10 within {}").format(in_words(spread.p90)), counted]


def _counted(now: int, was: int, more: Tone) -> Change:
    if not was:
        return Change(_("before: none"))
    if now == was:
        return Change(_("as many as before"))
    # Percents of a handful say nothing, and neither do thousands of them.
    is_telling = was >= _FEW and now <= was * _MANY_TIMES
    share = percent(abs(now - was) / was) if is_telling else whole(abs(now - was))
    if now > was:
        text = _("{share} more, before: {was}")
        return Change(text.format(share=share, was=whole(was)), more, "up")
    less: Mapping[Tone, Tone] = {"good": "bad", "bad": "good", "even": "even"}
    text = _("{share} less, before: {was}")
    return Change(text.format(share=share, was=whole(was)), less[more], "down")


def _lasted(now: Spread | None, was: Spread | None) -> Change:
    if was is None:
        return Change(_("before: none"))
    words = in_words(was.p50)
    if now is None:
        return Change(_("before: {was}").format(was=words))
    if in_words(now.p50) == words:
        return Change(_("as long as before"))
    share = percent(abs(now.p50 - was.p50) / was.p50) if was.p50 else percent(1)
    if now.p50 > was.p50:
        return Change(
            _("{share} longer, before: {was}").format(share=share, was=words), "bad", "up"
        )
    text = _("{share} shorter, before: {was}").format(share=share, was=words)
    return Change(text, "good", "down")


def _shared(now: Figures, was: Figures) -> Change:
    if was.satisfaction is None:
        return Change(_("before: none"))
    words = percent(was.satisfaction)
    if now.satisfaction is None:
        return Change(_("before: {was}").format(was=words))
    if percent(now.satisfaction) == words:
        return Change(_("as before"))
    if now.satisfaction > was.satisfaction:
        return Change(_("better, before: {was}").format(was=words), "good", "up")
    return Change(_("worse, before: {was}").format(was=words), "bad", "down")
