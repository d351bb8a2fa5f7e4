"""Bodies of the operator API: JSON, read by the same strict reader as the visitors'."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any, Final

from rest_framework.parsers import BaseParser

from django_messenger.exceptions import TooLarge
from django_messenger.parser import MAX_BYTES, parse_json

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The texts of an inbox's widget in several languages are many small members.
MAX_KEYS: Final = 1000


class StrictJSONParser(BaseParser):
    """JSON as ``django_messenger.parser`` reads it.

    Raises:
        TooLarge: the body has more than 64 KiB.
        InvalidInput: it is malformed, too deep, or holds what cannot be stored.
    """

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        body: bytes = stream.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            raise TooLarge
        return parse_json(body, max_keys=MAX_KEYS)
