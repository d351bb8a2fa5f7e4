"""How the templates of the reports show numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

from django_messenger.panel.reports.durations import in_words, percent, whole
from django_messenger.panel.reports.tiles import NONE
from django_messenger.selectors.operators import staff_name

if TYPE_CHECKING:
    from django_messenger.selectors.reports.figures import Spread

register = template.Library()


@register.filter
def dm_whole(number: int) -> str:
    """Show a whole number."""
    return whole(number)


@register.filter
def dm_median(spread: Spread | None) -> str:
    """Show how long something takes for half of all."""
    return NONE if spread is None else in_words(spread.p50)


@register.filter
def dm_most(spread: Spread | None) -> str:
    """Show how long something takes for nine of ten; empty where nothing was measured."""
    return "" if spread is None else in_words(spread.p90)


@register.filter
def dm_share(share: float | None) -> str:
    """Show a share in percent."""
    return NONE if share is None else percent(share)


@register.filter
def dm_staff(user: Any) -> str:
    """Name a user as colleagues know them."""
    return staff_name(user)
