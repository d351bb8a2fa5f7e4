"""Rules for text that people type: one owner for what a message body may hold."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from django_messenger.conf import conf
from django_messenger.exceptions import FieldProblem, InvalidInput

#: Longest comment beside a rating, in characters.
MAX_COMMENT: Final = 1000

_CONTROLS: Final = re.compile(r"[\x01-\x08\x0b-\x1f\x7f-\x9f]")
_BIDI: Final = re.compile(r"[\u202a-\u202e\u2066-\u2069\u200e\u200f]")
#: Characters that draw nothing: zero-width ones, Hangul fillers, the empty Braille cell.
_INVISIBLE: Final = re.compile(
    r"[\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u2069\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]+"
)
_SURROGATES: Final = re.compile(r"[\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Tell whether PostgreSQL can keep the text: no NUL and no lone surrogate."""
    return "\x00" not in text and (text.isascii() or _SURROGATES.search(text) is None)


def clean_body(body: str, *, field: str = "body") -> str:
    """Return the text of a message as it will be stored and shown.

    Newlines become ``\\n``, the text is normalised to NFC, control characters go; nothing else
    changes, leading and trailing spaces included.

    Raises:
        InvalidInput: the text is blank, longer than ``MESSENGER["MAX_MESSAGE_LENGTH"]``, or
            cannot be stored.
    """
    body = _clean(body, field)
    if not _INVISIBLE.sub("", body):
        raise InvalidInput({field: [FieldProblem(_("Write a message."), "blank")]})
    _check_length(body, field, conf.MAX_MESSAGE_LENGTH)
    return body


def clean_comment(text: str, *, field: str = "comment") -> str:
    """Return a comment as ``clean_body`` would, but it may be blank, which makes it empty.

    Raises:
        InvalidInput: the text is longer than ``MAX_COMMENT``, or cannot be stored.
    """
    text = _clean(text, field).strip()
    _check_length(text, field, MAX_COMMENT)
    return text if _INVISIBLE.sub("", text) else ""


def _clean(text: str, field: str) -> str:
    if not is_storable(text):
        problem = FieldProblem(_("The text contains characters that cannot be stored."), "invalid")
        raise InvalidInput({field: [problem]})
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _check_length(text: str, field: str, limit: int) -> None:
    if len(text) > limit:
        message = ngettext_lazy(
            "The message is longer than %(limit)d character.",
            "The message is longer than %(limit)d characters.",
            limit,
        ) % {"limit": limit}
        raise InvalidInput({field: [FieldProblem(message, "too_long", limit)]})


def clean_line(text: str) -> str:
    """Return a name or another single line without controls, bidi marks and outer spaces."""
    text = unicodedata.normalize("NFC", text)
    return _BIDI.sub("", _CONTROLS.sub("", text.replace("\n", " ").replace("\t", " "))).strip()


def storable_line(text: str) -> str:
    """Return a line that somebody has typed into a form, without what cannot be stored either."""
    return clean_line(_SURROGATES.sub("", text.replace("\x00", "")))


def preview_of(body: str, *, length: int = 160) -> str:
    """Return the first ``length`` characters of a message on one line, for lists."""
    return " ".join(body[: length * 4].split())[:length]
