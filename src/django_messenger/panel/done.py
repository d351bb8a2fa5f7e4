"""What came of a form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Done:
    """What to say afterwards, and where to go: ``conversation`` (its end), ``top`` or ``list``.

    Attributes:
        words: for the next page; empty where that page says it by itself.
        toast: for the script, where it differs from ``words``.
        undo: fields of the form that takes it back; empty where nothing does.
    """

    words: str
    goto: str = "top"
    toast: str = ""
    undo: Sequence[tuple[str, str]] = ()


def read_number(value: str) -> int | None:
    """Return a non-negative number as the forms and addresses of the panel write it, or None."""
    return int(value) if value.isascii() and value.isdecimal() and len(value) <= 18 else None
