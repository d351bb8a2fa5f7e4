"""Reading JSON bodies with limits: nothing that a client sends may exhaust or confuse us."""

from __future__ import annotations

import json
import re
from typing import IO, TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from django_messenger.exceptions import TooLarge

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Largest JSON body, in bytes.
MAX_BYTES: Final = 64 * 1024
MAX_DEPTH: Final = 20
MAX_KEYS: Final = 100

#: A whole string, or a bracket outside of strings.
_STRUCTURE: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


class StrictJSONParser(BaseParser):
    """JSON in UTF-8, at most 64 KiB, 20 levels and 100 keys in an object.

    Raises:
        TooLarge: the body has more bytes.
        ParseError: anything else is wrong: also keys that come twice, NaN and Infinity.
    """

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body: bytes = stream.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            raise TooLarge
        if _depth(body) > MAX_DEPTH:
            raise ParseError(_("The JSON is nested too deeply."))
        try:
            return json.loads(body.decode(), object_pairs_hook=_unique, parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            raise ParseError(_("This is not valid JSON.")) from error


def _depth(body: bytes) -> int:
    """Count the levels before parsing: the parser itself would run out of stack."""
    depth = deepest = 0
    for match in _STRUCTURE.finditer(body):
        if match[0] in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif match[0] in b"]}":
            depth -= 1
    return deepest


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs) or len(pairs) > MAX_KEYS:
        raise ValueError
    return result


def _refuse(name: str) -> Any:
    raise ValueError(name)
