"""Input of the widget API. Types are strict: a number is no text."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from django_messenger.exceptions import InvalidInput
from django_messenger.services.messages import MAX_CLIENT_ID
from django_messenger.services.visitors import Claims
from django_messenger.text import clean_line
from django_messenger.validators import validate_attributes
from django_messenger.widget.parser import parse_json

_LOCALE: Final = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*", re.ASCII)
_MAX_URL: Final = 2000
_MAX_CURSOR: Final = 2**63 - 1


class TextField(serializers.CharField):
    """A text as it was sent: no number in its place, no trimming."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"trim_whitespace": False, "allow_blank": True, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class LineField(TextField):
    """A name or the like: one line without controls and bidi marks."""

    def to_internal_value(self, data: Any) -> str:
        return clean_line(super().to_internal_value(data))


class EmailField(serializers.EmailField):
    """An e-mail address, or nothing."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"allow_blank": True, "max_length": 254, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class PageField(TextField):
    """A web address without query and fragment, which may hold secrets of the page; any other
    address is dropped without a word."""

    def to_internal_value(self, data: Any) -> str:
        text = clean_line(super().to_internal_value(data))
        try:
            parts = urlsplit(text)
            host = parts.netloc.rpartition("@")[2]
        except ValueError:
            return ""
        if parts.scheme not in ("http", "https") or not host:
            return ""
        return f"{parts.scheme}://{host}{parts.path}"[:_MAX_URL]


class AttributesField(serializers.Field[Any, Any, Any, Any]):
    """Small free JSON: an object, or in a form its text."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        try:
            value = parse_json(data.encode()) if isinstance(data, str) and data else data
            value = {} if value == "" else value
            validate_attributes(value)
        except InvalidInput as error:
            raise serializers.ValidationError(_("Write a JSON object.")) from error
        except ValidationError as error:
            raise serializers.ValidationError(error.messages) from error
        return value

    def to_representation(self, value: Any) -> Any:
        return value


class BootstrapInput(serializers.Serializer[Any]):
    """What a visitor may say about themselves."""

    name = LineField(required=False, max_length=200)
    email = EmailField(required=False)
    phone = LineField(required=False, max_length=50)
    external_id = LineField(required=False, max_length=200)
    page_url = PageField(required=False)
    referrer = PageField(required=False)
    locale = LineField(required=False, max_length=35)
    attributes = AttributesField(required=False)

    def validate_locale(self, value: str) -> str:
        return value if _LOCALE.fullmatch(value) else ""

    def claims(self) -> Claims:
        """Return the validated input for the service."""
        return Claims(**self.validated_data)


class SendInput(serializers.Serializer[Any]):
    """A message. Its text is checked by ``append_message``, for every way in alike."""

    body = TextField()
    client_id = TextField(required=False, max_length=MAX_CLIENT_ID, default="")


def parse_cursor(value: Any, name: str) -> int:
    """Return a non-negative number from JSON, a form or a query.

    Raises:
        InvalidInput: it is neither an integer nor its decimal digits, or too large.
    """
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 19:
        value = int(value)
    if type(value) is not int or not 0 <= value <= _MAX_CURSOR:
        raise InvalidInput.of(name, _("A whole number is required."))
    return value
