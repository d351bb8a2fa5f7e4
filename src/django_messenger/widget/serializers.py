"""Input of the widget API. Types are strict: a number is no text."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from django_messenger.exceptions import InvalidInput
from django_messenger.inputs import Text
from django_messenger.parser import parse_json
from django_messenger.services.messages import MAX_CLIENT_ID
from django_messenger.text import clean_line
from django_messenger.validators import validate_attributes

_LOCALE: Final = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*", re.ASCII)
_MAX_URL: Final = 2000


class LineField(Text):
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


class PageField(Text):
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

    name = LineField(required=False, allow_blank=True, max_length=200)
    email = EmailField(required=False)
    phone = LineField(required=False, allow_blank=True, max_length=50)
    external_id = LineField(required=False, allow_blank=True, max_length=200)
    page_url = PageField(required=False, allow_blank=True)
    referrer = PageField(required=False, allow_blank=True)
    locale = LineField(required=False, allow_blank=True, max_length=35)
    attributes = AttributesField(required=False)

    def validate_locale(self, value: str) -> str:
        return value if _LOCALE.fullmatch(value) else ""


class SendInput(serializers.Serializer[Any]):
    """A message. Its text is checked by ``append_message``, for every way in alike."""

    body = Text(allow_blank=True)
    client_id = Text(required=False, allow_blank=True, max_length=MAX_CLIENT_ID, default="")
