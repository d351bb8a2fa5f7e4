"""Times as operators see them, and the end of a snooze as they choose it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_messenger.exceptions import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_stubs_ext import StrOrPromise

PRESETS: Final[Mapping[str, StrOrPromise]] = {
    "hour": _("In an hour"),
    "tomorrow": _("Tomorrow at 9:00"),
    "monday": _("On Monday at 9:00"),
}


def local_time(moment: datetime) -> datetime:
    """Return a moment in the operator's time zone; a host without time zones has naive ones."""
    return timezone.localtime(moment) if timezone.is_aware(moment) else moment


def snooze_end(preset: str, until: str) -> datetime:
    """Return the moment that a preset or a typed local time names.

    Raises:
        InvalidInput: it names none.
    """
    now = timezone.now()
    if preset == "hour":
        return now + timedelta(hours=1)
    if preset in PRESETS:
        today = local_time(now)
        days = 1 if preset == "tomorrow" else 7 - today.weekday()
        return (today + timedelta(days=days)).replace(hour=9, minute=0, second=0, microsecond=0)
    try:
        end: datetime = forms.DateTimeField().clean(until)
    except ValidationError as error:
        text = _("Choose a date and a time.")
        raise InvalidInput.of("snoozed_until", text) from error
    return end
