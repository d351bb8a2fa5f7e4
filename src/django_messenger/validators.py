"""Model validators. Migrations import this module: its path is frozen.

Those of JSON fields give no code: under "invalid" Django would put the field's own message, that
the value is no JSON, in the place of theirs.
"""

from __future__ import annotations

import math
import re
import zoneinfo
from typing import Any, Final
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MAX_DEPTH: Final = 5
MAX_KEYS: Final = 50
MAX_BYTES: Final = 8 * 1024
#: Size of all texts of an inbox's widget, in bytes.
MAX_STRINGS: Final = 32 * 1024
_BIGINT: Final = 2**63
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", re.ASCII)
_STRING_KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}", re.ASCII)
_COLOR: Final = re.compile(r"#[0-9a-fA-F]{6}", re.ASCII)
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
_LABEL: Final = r"(?!-)[a-z0-9_-]{1,63}(?<!-)"
_ORIGIN: Final = re.compile(
    rf"https?://(\*\.)?({_LABEL}(\.{_LABEL})*|\[[0-9a-f:.]+\])(:(\d{{1,5}}|\*))?", re.ASCII
)


def validate_widget_token(value: str) -> None:
    """Accept 8 to 64 letters, digits, ``-`` and ``_``."""
    if not _TOKEN.fullmatch(value):
        raise ValidationError(_("Use 8 to 64 Latin letters, digits, - and _."), code="invalid")


def validate_origins(value: Any) -> None:
    """Accept a list of ``scheme://host[:port]``, with ``*.`` before the host and ``:*`` as port."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValidationError(_("Write a list of origins."))
    if len(value) > 100:
        raise ValidationError(_("No more than 100 origins."))
    for origin in value:
        if not _ORIGIN.fullmatch(origin):
            raise ValidationError(
                _("%(origin)s is not an origin such as https://example.com, in lower case."),
                params={"origin": origin},
            )


def validate_page(value: str) -> None:
    """Accept the address of a page: ``http`` or ``https``, without name or password."""
    try:
        parts = urlsplit(value)
        well_formed = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        well_formed = False
    if not well_formed or "@" in parts.netloc or not value.isprintable() or " " in value:
        raise ValidationError(
            _("Write a web address such as https://example.com/privacy."), code="invalid"
        )


def validate_time_zone(value: str) -> None:
    """Accept a name of the IANA time zone database."""
    if value not in zoneinfo.available_timezones():
        raise ValidationError(_("There is no such time zone."), code="invalid")


def validate_secret(value: str) -> None:
    """Accept a secret that is long enough for HS256 (32 bytes)."""
    if len(value.encode()) < 32:
        raise ValidationError(_("Use at least 32 characters."), code="invalid")


def validate_appearance(value: Any) -> None:
    """Accept the look of the widget: ``color``, ``position``, ``theme``, ``title``, ``greeting``
    and ``texts``.

    ``title`` and ``greeting`` hold one text per language; ``texts`` holds such a set for any other
    string of the widget, by its key.
    """
    if not isinstance(value, dict):
        raise ValidationError(_("Write an object."))
    unknown = set(value) - {"color", "position", "theme", "title", "greeting", "texts"}
    if unknown:
        raise ValidationError(_("Unknown key: %(key)s."), params={"key": min(unknown)})
    if "color" in value and not (
        isinstance(value["color"], str) and _COLOR.fullmatch(value["color"])
    ):
        raise ValidationError(_("Write a colour such as #1d4ed8."))
    if value.get("position", "right") not in ("left", "right"):
        raise ValidationError(_("The position is left or right."))
    if value.get("theme", "auto") not in ("auto", "light", "dark"):
        raise ValidationError(_("The theme is auto, light or dark."))
    for key in ("title", "greeting"):
        if key in value:
            validate_texts(value[key])
    _validate_strings(value.get("texts", {}))


def _validate_strings(value: Any) -> None:
    """Accept texts per language for strings of the widget: every visitor loads them, so they are
    bounded."""
    if not isinstance(value, dict):
        raise ValidationError(
            _('Write the texts by their keys, such as {"send": {"en": "Send it"}}.'),
        )
    for key, texts in value.items():
        if not (isinstance(key, str) and _STRING_KEY.fullmatch(key)):
            raise ValidationError(
                _("%(key)s is not a key of a text: use Latin letters, digits, _, - and dots."),
                params={"key": str(key)[:50]},
            )
        try:
            validate_texts(texts)
        except ValidationError as error:
            raise ValidationError(
                _('Write one text per language for %(key)s, such as {"en": "Hello!"}.'),
                params={"key": key},
            ) from error
    if _text_size(value) > MAX_STRINGS:
        raise ValidationError(_("This holds too much."), code="too_large")


def validate_texts(value: Any) -> None:
    """Accept one text per language, such as ``{"en": "Hello!"}``."""
    well_formed = (
        isinstance(value, dict)
        and value
        and all(
            isinstance(language, str)
            and _LANGUAGE.fullmatch(language)
            and isinstance(text, str)
            and text.strip()
            and len(text) <= 5000
            and _text_size(text)
            for language, text in value.items()
        )
    )
    if not well_formed:
        raise ValidationError(_('Write one text per language, such as {"en": "Hello!"}.'))


def validate_attributes(value: Any) -> None:
    """Accept free JSON that PostgreSQL can keep and that stays small.

    At most 5 levels, 50 keys and 8 KiB; no NUL, lone surrogate, infinite or huge number.
    """
    if not isinstance(value, dict):
        raise ValidationError(_("Write an object."))
    count, size = _measure(value, 1)
    if count > MAX_KEYS or size > MAX_BYTES:
        raise ValidationError(_("This holds too much."), code="too_large")


def _measure(value: Any, depth: int) -> tuple[int, int]:
    """Return the number of keys and the size in bytes of a JSON value, refusing bad ones."""
    if depth > MAX_DEPTH + 1:
        raise ValidationError(_("This is nested too deeply."), code="too_deep")
    if isinstance(value, dict):
        parts = [_measure(item, depth + 1) for item in value.values()]
        own = sum(_text_size(key) for key in value)
        return len(value) + sum(p[0] for p in parts), own + sum(p[1] for p in parts)
    if isinstance(value, list):
        parts = [_measure(item, depth + 1) for item in value]
        return sum(p[0] for p in parts), len(value) + sum(p[1] for p in parts)
    if isinstance(value, str):
        return 0, _text_size(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValidationError(_("This number is not finite."))
    if isinstance(value, int) and not -_BIGINT <= value < _BIGINT:
        raise ValidationError(_("This number is too large."))
    return 0, 8


def _text_size(text: Any) -> int:
    try:
        encoded = str(text).encode()
    except UnicodeEncodeError as error:
        message = _("The text contains characters that cannot be stored.")
        raise ValidationError(message) from error
    if b"\x00" in encoded:
        message = _("The text contains characters that cannot be stored.")
        raise ValidationError(message)
    return len(encoded)
