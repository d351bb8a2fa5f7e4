"""One strict reader for everything that visitors post, before any serializer sees it.

It bounds size, depth and number of keys, and refuses what PostgreSQL cannot store or what two
parsers would read differently: duplicate keys, NUL, lone surrogates, ``NaN``, endless numbers.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, Final, NoReturn
from urllib.parse import parse_qsl

from django.http import RawPostDataException, UnreadablePostError
from django.utils.http import parse_header_parameters
from django.utils.translation import gettext_lazy as _

from django_messenger.exceptions import InvalidInput, TooLarge, UnsupportedMediaType
from django_messenger.text import is_storable

if TYPE_CHECKING:
    from django.http import HttpRequest

MAX_BYTES: Final = 64 * 1024
MAX_DEPTH: Final = 20
MAX_KEYS: Final = 100
_MAX_DIGITS: Final = 19
_STRUCTURE: Final = re.compile(rb'["\\\[\]{}]')


def read_payload(request: HttpRequest) -> dict[str, Any]:
    """Return the posted fields of a request.

    Raises:
        TooLarge: the body exceeds 64 KiB.
        UnsupportedMediaType: it is neither a form nor JSON.
        InvalidInput: it is malformed or cut off.
    """
    body = read_body(request)
    if not body:
        return {}
    return parse_payload(request.META.get("CONTENT_TYPE", ""), body)


def read_body(request: HttpRequest) -> bytes:
    """Read the body up to the limit, whatever ``Content-Length`` promises."""
    promised = _content_length(request)
    if promised is not None and promised > MAX_BYTES:
        raise TooLarge
    try:
        # A middleware of the host may have read the body already; then Django keeps it.
        body = request.body if hasattr(request, "_body") else request.read(MAX_BYTES + 1)
    except (UnreadablePostError, RawPostDataException) as error:
        raise _malformed() from error
    if len(body) > MAX_BYTES:
        raise TooLarge
    if promised is not None and len(body) < promised:
        raise _malformed()
    return body


def parse_payload(content_type: str, body: bytes) -> dict[str, Any]:
    """Read a body of a known content type; raises as ``read_payload``."""
    try:
        media_type, parameters = parse_header_parameters(content_type)
    except (ValueError, LookupError) as error:
        raise UnsupportedMediaType from error
    if parameters.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise UnsupportedMediaType
    if media_type.lower() == "application/json":
        return parse_json(body)
    if media_type.lower() == "application/x-www-form-urlencoded":
        return _parse_form(body)
    raise UnsupportedMediaType


def parse_json(body: bytes, *, max_keys: int = MAX_KEYS) -> dict[str, Any]:
    """Read a JSON object.

    Args:
        max_keys: how many keys it and the objects in it may have together.

    Raises:
        InvalidInput: it is malformed, nested too deeply, or holds what cannot be stored.
    """
    if _depth(body) > MAX_DEPTH:
        raise _malformed()
    keys = 0

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal keys
        keys += len(pairs)
        made = dict(pairs)
        if len(made) != len(pairs) or keys > max_keys:
            raise ValueError
        return made

    try:
        value = json.loads(
            body.decode(),
            object_pairs_hook=unique,
            parse_int=_integer,
            parse_float=_finite,
            parse_constant=_refuse,
        )
    except (ValueError, RecursionError) as error:
        raise _malformed() from error
    if not isinstance(value, dict):
        raise _malformed()
    return _storable(value)


def _parse_form(body: bytes) -> dict[str, Any]:
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_KEYS
        )
    except ValueError as error:
        raise _malformed() from error
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise _malformed()
    return _storable(fields)


def _content_length(request: HttpRequest) -> int | None:
    text = request.META.get("CONTENT_LENGTH") or ""
    if not (text.isascii() and text.isdigit()):
        return None
    return int(text) if len(text) <= _MAX_DIGITS else MAX_BYTES + 1


def _depth(body: bytes) -> int:
    """Return how deeply arrays and objects are nested, without parsing them."""
    depth = deepest = 0
    quoted, escaped_at = False, -1
    for found in _STRUCTURE.finditer(body):
        token, place = found.group(), found.start()
        if quoted:
            if place == escaped_at:
                continue
            if token == b"\\":
                escaped_at = place + 1
            quoted = token != b'"'
        elif token == b'"':
            quoted = True
        elif token in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        else:
            depth -= 1
    return deepest


def _storable(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields if PostgreSQL can keep all of them; else name the one that it cannot."""
    for name, value in fields.items():
        if not is_storable(name):
            raise _malformed()
        if not _is_storable(value):
            message = _("The text contains characters that cannot be stored.")
            raise InvalidInput.of(name, message)
    return fields


def _is_storable(value: Any) -> bool:
    if isinstance(value, str):
        return is_storable(value)
    if isinstance(value, dict):
        return all(is_storable(key) and _is_storable(item) for key, item in value.items())
    if isinstance(value, list):
        return all(map(_is_storable, value))
    return True


def _integer(digits: str) -> int:
    if len(digits) > _MAX_DIGITS + 1:
        raise ValueError
    return int(digits)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError
    return number


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


def _malformed() -> InvalidInput:
    return InvalidInput(detail=_("The request cannot be read."))
