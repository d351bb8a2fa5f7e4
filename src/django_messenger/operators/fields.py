"""Fields of the API's input, with strict types: a number is no text and a text no number."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from django_messenger.access import get_branch_model
from django_messenger.inputs import Text
from django_messenger.models import Label

_MAX_KEY: Final = 64


class Switch(serializers.Field[bool, Any, bool, Any]):
    """``true`` or ``false``."""

    default_error_messages = {"invalid": _("Write true or false.")}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid")
        return data

    def to_representation(self, value: bool) -> bool:  # noqa: FBT001 (DRF's signature)
        return value


class Moment(serializers.DateTimeField):
    """A time in ISO 8601, returned as Django keeps times here: in UTC, or without a zone."""

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str):
            self.fail("invalid", format="ISO 8601")
        moment = super().to_internal_value(value)
        try:
            if settings.USE_TZ:
                return moment.astimezone(UTC)
            # DRF has made it naive in UTC; Django without zones thinks in local time.
            return timezone.make_naive(moment.replace(tzinfo=UTC))
        except (OverflowError, ValueError):
            self.fail("overflow", timezone="UTC")


class Key(Text):
    """A primary key of ``model`` as the API writes it: a text."""

    default_error_messages = {"unknown": _("There is no such object.")}
    model: type[Model]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": _MAX_KEY, **kwargs})

    def get_model(self) -> type[Model]:
        """Return the model whose key this is."""
        return self.model

    def run_validation(self, data: Any = serializers.empty) -> Any:
        text = super().run_validation(data)
        if not isinstance(text, str):
            return text
        key: Any = self.get_model()._meta.pk
        while key.remote_field:
            key = key.target_field
        try:
            return key.clean(text, None)
        except ValidationError:
            self.fail("unknown")


class UserKey(Key):
    """Key of one of the host's users."""

    def get_model(self) -> type[Model]:
        return get_user_model()


class BranchKey(Key):
    """Key of one of the host's branches."""

    def get_model(self) -> type[Model]:
        return get_branch_model()


class LabelKey(Key):
    """Key of a label."""

    model = Label


class AssigneeFilter(UserKey):
    """Key of a user, or ``none``."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return data if data == "none" else super().run_validation(data)
