"""Strict fields for the input of both APIs: a number is no text, and a text no number."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from django_messenger.exceptions import InvalidInput

MAX_NUMBER: Final = 2**63 - 1
_NOT_A_NUMBER: Final = _("A whole number is required.")


class Text(serializers.CharField):
    """A text exactly as it was sent; DRF refuses NUL and lone surrogates."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"trim_whitespace": False, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Number(serializers.Field[int, Any, int, Any]):
    """A whole number from 0 up; in a form or a query its decimal digits."""

    default_error_messages = {"invalid": _NOT_A_NUMBER}

    def to_internal_value(self, data: Any) -> int:
        number = whole_number(data)
        if number is None:
            self.fail("invalid")
        return number

    def to_representation(self, value: int) -> int:
        return value


def read_input(kind: type[serializers.Serializer[Any]], data: Any) -> dict[str, Any]:
    """Return what a serializer makes of some input.

    Raises:
        ValidationError: DRF's; a member is missing or not valid.
    """
    return dict(_reader(kind).run_validation(data))


@cache
def _reader(kind: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """Make one serializer for all calls: each new one copies all its fields, and validation by
    ``run_validation`` leaves no trace in it."""
    return kind()


def parse_cursor(value: Any, name: str) -> int:
    """Return a cursor: a number from 0 up.

    Raises:
        InvalidInput: it is none; keyed by ``name``.
    """
    number = whole_number(value)
    if number is None:
        raise InvalidInput.of(name, _NOT_A_NUMBER)
    return number


def whole_number(value: Any) -> int | None:
    """Return a number from 0 up to the largest that the database takes, or None."""
    # ASCII only: int() also takes other scripts' digits, and str.isdigit() even "²".
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 19:
        value = int(value)
    return value if type(value) is int and 0 <= value <= MAX_NUMBER else None
