"""Lengths of time and shares in words."""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.translation import gettext as _

#: So many hours are still hours; what is longer is days.
_HOURS = 48


def in_words(seconds: float) -> str:
    """Return a length of time in one or two units, such as “1 h 20 min”."""
    # No line ends within a length of time.
    return " ".join(_parts(seconds)).replace(" ", "\u00a0")


def _parts(seconds: float) -> list[str]:
    if round(seconds) < 60:
        return [_("{} s").format(round(seconds))]
    minutes = round(seconds / 60)
    if minutes < 60:
        return [_("{} min").format(minutes)]
    if minutes < _HOURS * 60:
        return _pair(_("{} h"), minutes // 60, _("{} min"), minutes % 60)
    hours = round(seconds / 3600)
    return _pair(_("{} d"), hours // 24, _("{} h"), hours % 24)


def _pair(unit: str, number: int, smaller: str, rest: int) -> list[str]:
    return [unit.format(number), *([smaller.format(rest)] if rest else [])]


def whole(number: int) -> str:
    """Return a whole number, grouped as people write it."""
    return number_format(number, decimal_pos=0, force_grouping=True)


def percent(share: float) -> str:
    """Return a share from 0 to 1 in percent."""
    return _("{}%").format(round(share * 100)).replace(" ", "\u00a0")
