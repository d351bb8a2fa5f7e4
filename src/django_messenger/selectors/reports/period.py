"""The days that a report is about, in the host's time zone, and those it is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final, Literal

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_messenger.exceptions import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

#: A report is about no more days than a leap year has.
MOST_DAYS: Final = 366
#: Days before it have offsets of seconds, and days after it no day to compare with.
_EARLIEST: Final = date(1990, 1, 1)
_LATEST: Final = date(9000, 1, 1)
_DAY: Final = timedelta(days=1)

Preset = Literal["today", "yesterday", "week", "days30", "month", "last_month"]
PRESETS: Final[tuple[Preset, ...]] = (
    "today",
    "yesterday",
    "week",
    "days30",
    "month",
    "last_month",
)
DEFAULT: Final[Preset] = "week"


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days from ``first`` to ``last``, both included."""

    first: date
    last: date

    @property
    def days(self) -> Sequence[date]:
        """Every day of it, in order."""
        return [self.first + timedelta(days=number) for number in range(len(self))]

    def __len__(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def bounds(self) -> Sequence[datetime]:
        """Where each day begins, and where the last one ends."""
        return [day_start(day) for day in (*self.days, self.last + _DAY)]

    @property
    def before(self) -> Period:
        """As many days just before."""
        length = timedelta(days=len(self))
        return Period(self.first - length, self.last - length)

    def bounds_before(self, now: datetime) -> tuple[datetime, datetime]:
        """Return what to compare with: the days before, as far as this period has got by now."""
        before = self.before
        end = day_start(before.last + _DAY)
        local = now.astimezone(host_zone())
        if local.date() > self.last:
            return day_start(before.first), end
        same_time = local.replace(tzinfo=None) - timedelta(days=len(self))
        reached = same_time.replace(tzinfo=host_zone()).astimezone(UTC)
        return day_start(before.first), min(max(reached, day_start(before.first)), end)


def host_zone() -> tzinfo:
    """Return the host's own time zone, whatever an operator has chosen for themselves: a report
    is the same for everybody who opens its address."""
    return timezone.get_default_timezone()


def today() -> date:
    """Return the day that it is for the host."""
    return datetime.now(UTC).astimezone(host_zone()).date()


def day_start(day: date) -> datetime:
    """Return the first moment of a day."""
    return datetime.combine(day, time.min, host_zone()).astimezone(UTC)


def period_of(preset: Preset, day: date) -> Period:
    """Return the days that a preset means on ``day``."""
    month = day.replace(day=1)
    match preset:
        case "today":
            return Period(day, day)
        case "yesterday":
            return Period(day - _DAY, day - _DAY)
        case "days30":
            return Period(day - timedelta(days=29), day)
        case "month":
            return Period(month, day)
        case "last_month":
            return Period((month - _DAY).replace(day=1), month - _DAY)
    return Period(day - timedelta(days=6), day)


def check_period(first: date, last: date) -> Period:
    """Return the days from ``first`` to ``last``.

    Raises:
        InvalidInput: they are in the wrong order, too many or too far away; keyed by ``to`` or
            ``from``.
    """
    if first < _EARLIEST:
        raise InvalidInput.of("from", _("Choose a later day."))
    if last > _LATEST:
        raise InvalidInput.of("to", _("Choose an earlier day."))
    if last < first:
        raise InvalidInput.of("to", _("The last day is before the first one."), "reversed")
    period = Period(first, last)
    if len(period) > MOST_DAYS:
        raise InvalidInput.of("to", _("Choose no more than 366 days."), "too_long")
    return period
