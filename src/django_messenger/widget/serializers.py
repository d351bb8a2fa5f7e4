"""Input of the widget API. Types are strict: a number is no text."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from django_messenger.exceptions import InvalidInput
from django_messenger.inputs import Number, Text
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


class ConsentField(serializers.Field[bool, Any, str, Any]):
    """``on``, as a ticked box is sent; an empty text is a box that is not ticked."""

    default_error_messages = {"invalid": _("Write on, or leave it out.")}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, str) or data not in ("on", ""):
            self.fail("invalid")
        return data == "on"

    def to_representation(self, value: bool) -> str:  # noqa: FBT001 (DRF's signature)
        return "on" if value else ""


class IdentifyInput(serializers.Serializer[Any]):
    """What a visitor may say about themselves at any time."""

    name = LineField(required=False, allow_blank=True, max_length=200)
    email = EmailField(required=False)
    phone = LineField(required=False, allow_blank=True, max_length=50)
    external_id = LineField(required=False, allow_blank=True, max_length=200)
    locale = LineField(required=False, allow_blank=True, max_length=35)
    attributes = AttributesField(required=False)
    consent = ConsentField(required=False)

    def validate_locale(self, value: str) -> str:
        return value if _LOCALE.fullmatch(value) else ""


class BootstrapInput(IdentifyInput):
    """What a visitor may say at the first call."""

    page_url = PageField(required=False, allow_blank=True)
    referrer = PageField(required=False, allow_blank=True)


class RateInput(serializers.Serializer[Any]):
    """A rating. The comment is checked by ``rate_conversation``."""

    score = Number()
    comment = Text(required=False, allow_blank=True, default="")

    def validate_score(self, value: int) -> int:
        if not 1 <= value <= 5:
            raise serializers.ValidationError(_("Choose 1 to 5."))
        return value


class SendInput(serializers.Serializer[Any]):
    """A message. Its text is checked by ``append_message``, for every way in alike."""

    body = Text(allow_blank=True)
    client_id = Text(required=False, allow_blank=True, max_length=MAX_CLIENT_ID, default="")
