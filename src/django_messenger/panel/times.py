"""Times as operators see them, and the end of a snooze as they choose it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_messenger.exceptions import InvalidInput
from django_messenger.services.snooze import preset_end

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
    if preset in PRESETS:
        return preset_end(preset)
    try:
        end: datetime = forms.DateTimeField().clean(until)
    except ValidationError as error:
        text = _("Choose a date and a time.")
        raise InvalidInput.of("snoozed_until", text) from error
    return end
