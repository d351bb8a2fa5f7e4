"""The hand-written conversations of the demo, read from the TOML files in ``data/``.

A file holds one inbox in one language. Each conversation says how long ago it began (``ago``, such
as ``"1d 3h"``) and lists its lines as ``[minutes since the beginning, who, text]``. Who is
``visitor``, ``visitor honeypot`` (a robot that filled the hidden field), ``bot``, a user name, or
a user name with ``note``. What is over may have a ``rating`` from 1 to 5 with a ``comment``.
Contacts with an ``external_id`` are verified, others that gave a name, e-mail or phone have merely
claimed it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"

_UNITS = {"d": "days", "h": "hours", "m": "minutes"}


@dataclass(frozen=True, slots=True)
class Line:
    """What somebody said, ``after`` the beginning of the conversation."""

    after: timedelta
    who: str
    text: str
    manner: str = ""

    @property
    def is_shown(self) -> bool:
        """Whether the other side gets to see it: neither a note nor quarantined."""
        return not self.manner

    @property
    def by_visitor(self) -> bool:
        """Whether the visitor said it."""
        return self.who == "visitor"

    @property
    def by_staff(self) -> bool:
        """Whether a user of the CRM said it."""
        return self.who not in {"visitor", "bot"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One conversation from its first line to its present state; durations count from now."""

    key: str
    inbox: str
    locale: str
    contact_key: str
    contact: dict[str, Any]
    ago: timedelta
    lines: tuple[Line, ...]
    page: str = "/"
    assignee: str | None = None
    status: str = "open"
    snooze: timedelta | None = None
    priority: str = "normal"
    labels: tuple[str, ...] = ()
    rating: int | None = None
    comment: str = ""


def read_setup() -> dict[str, Any]:
    """Return what exists before anybody writes, as it stands in ``setup.toml``."""
    return tomllib.loads((DATA / "setup.toml").read_text(encoding="utf-8"))


def read_stories() -> list[Story]:
    """Return every conversation, the oldest first."""
    stories = [story for path in sorted(DATA.glob("*_*.toml")) for story in _read(path)]
    return sorted(stories, key=lambda story: story.ago, reverse=True)


def _read(path: Path) -> Iterator[Story]:
    file = tomllib.loads(path.read_text(encoding="utf-8"))
    for entry in file["conversation"]:
        contact = entry.pop("contact")
        yield Story(
            inbox=file["inbox"],
            locale=file["locale"],
            contact_key=f"{path.stem}/{contact}",
            contact=file["contacts"][contact],
            ago=_duration(entry.pop("ago")),
            snooze=_duration(entry.pop("snooze", "")) or None,
            labels=tuple(entry.pop("labels", ())),
            lines=tuple(_line(*line) for line in entry.pop("lines")),
            **entry,
        )


def _line(minutes: float, who: str, text: str) -> Line:
    name, _, manner = who.partition(" ")
    return Line(timedelta(minutes=minutes), name, text.strip("\n"), manner)


def _duration(text: str) -> timedelta:
    """Read a duration such as ``"1d 3h"``."""
    parts = re.findall(r"(\d+)([dhm])", text)
    return sum((timedelta(**{_UNITS[unit]: int(number)}) for number, unit in parts), timedelta())
