"""What an address of the reports asks for: it can be shared, and says the same to everybody."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from django_messenger.exceptions import InvalidInput
from django_messenger.panel.reports.sheets import TABLES
from django_messenger.selectors.reports.period import (
    DEFAULT,
    PRESETS,
    Period,
    Preset,
    check_period,
    period_of,
    today,
)
from django_messenger.selectors.reports.report import (
    report_inbox,
    report_inboxes,
    report_operator,
    report_operators,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from typing import Any

    from django_stubs_ext import StrOrPromise

    from django_messenger.models import Inbox, Operator

PRESET_NAMES: Final[Mapping[Preset, StrOrPromise]] = {
    "today": _("Today"),
    "yesterday": _("Yesterday"),
    "week": _("Last 7 days"),
    "days30": _("Last 30 days"),
    "month": _("This month"),
    "last_month": _("Previous month"),
}
_LONGEST: Final = 100


@dataclass(frozen=True, slots=True)
class Choices:
    """What a user can narrow reports to."""

    inboxes: Sequence[Inbox]
    operators: Sequence[Operator]

    @classmethod
    def of(cls, user: Any) -> Choices:
        """Read them; two queries."""
        return cls(list(report_inboxes(user)), list(report_operators(user)))


@dataclass(frozen=True, slots=True)
class Selection:
    """What a query means."""

    period: Period
    inbox: Inbox | None
    operator: Operator | None


@dataclass(frozen=True, slots=True)
class PresetLink:
    """A way to another period."""

    label: StrOrPromise
    url: str
    is_current: bool


@dataclass(frozen=True)
class ReportQuery:
    """The parameters as they were sent; days, where they are given, win over a preset."""

    period: str = ""
    first: str = ""
    last: str = ""
    inbox: str = ""
    operator: str = ""

    @classmethod
    def of(cls, params: Mapping[str, str]) -> ReportQuery:
        """Read the parameters of a request."""
        names = {"period": "period", "first": "from", "last": "to"}
        names |= {name: name for name in ("inbox", "operator")}
        sent = {name: params.get(key, "") for name, key in names.items()}
        return cls(**{name: _clean(value) for name, value in sent.items()})

    @cached_property
    def has_days(self) -> bool:
        """Whether days were given by hand."""
        return bool(self.first or self.last)

    @cached_property
    def preset(self) -> Preset:
        """The preset that was named, or the usual one.

        Raises:
            InvalidInput: there is no such preset.
        """
        if not self.period:
            return DEFAULT
        for preset in PRESETS:
            if preset == self.period:
                return preset
        raise InvalidInput.of("period", _("There is no such period."), "unknown")

    def select(self, choices: Choices) -> Selection:
        """Return what the query means.

        Raises:
            InvalidInput: something in it is not known or makes no sense; keyed by the parameter.
        """
        period = self._days() if self.has_days else period_of(self.preset, today())
        return Selection(
            period,
            report_inbox(choices.inboxes, self.inbox),
            report_operator(choices.operators, self.operator),
        )

    def _days(self) -> Period:
        return check_period(_day("from", self.first), _day("to", self.last))

    @property
    def dates(self) -> tuple[str, str]:
        """What the two fields of the form hold: the days, or what was typed."""
        if self.has_days:
            return self.first, self.last
        try:
            period = period_of(self.preset, today())
        except InvalidInput:
            return "", ""
        return period.first.isoformat(), period.last.isoformat()

    def presets(self) -> list[PresetLink]:
        """Return the links to all presets."""
        day, dates = today(), self.dates
        return [
            PresetLink(name, self.url(preset), dates == _iso(period_of(preset, day)))
            for preset, name in PRESET_NAMES.items()
        ]

    def url(self, preset: Preset) -> str:
        """Return the address of the same report about another period."""
        other = replace(self, period=preset, first="", last="")
        return f"{reverse('messenger_panel:reports')}?{other.encoded()}"

    def csv_urls(self) -> dict[str, str]:
        """Return the address of each table as a file."""
        first, last = self.dates
        # The days themselves: tomorrow the file of this address is the same.
        fixed = replace(self, period="", first=first, last=last).encoded()
        path = reverse("messenger_panel:reports-csv")
        return {table: f"{path}?{urlencode({'table': table})}&{fixed}" for table in TABLES}

    def encoded(self) -> str:
        """Return the query string."""
        params = {
            "period": self.period,
            "from": self.first,
            "to": self.last,
            "inbox": self.inbox,
            "operator": self.operator,
        }
        return urlencode({name: value for name, value in params.items() if value})


def _clean(value: str) -> str:
    return value.replace("\x00", "\ufffd").strip()[:_LONGEST]


def _iso(period: Period) -> tuple[str, str]:
    return period.first.isoformat(), period.last.isoformat()


def _day(name: str, value: str) -> date:
    """Read a day: as browsers send it, or as people write it in their language."""
    if not value:
        raise InvalidInput.of(name, _("Choose a day."), "required")
    try:
        day: date = forms.DateField().clean(value)
    except ValidationError as error:
        raise InvalidInput.of(name, _("Write a day such as 2026-01-31.")) from error
    return day
