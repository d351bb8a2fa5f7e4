"""What a report says, about everything or about one day, one inbox or one operator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from django_messenger.models import Inbox
    from django_messenger.selectors.reports.period import Period


@dataclass(frozen=True, slots=True)
class Spread:
    """How long something takes: for half of all, and for nine of ten, in seconds."""

    p50: float
    p90: float

    @classmethod
    def of(cls, values: Sequence[float | None] | None) -> Spread | None:
        """Read what ``percentile_cont`` gives; None where there was nothing to measure."""
        if values is None or values[0] is None or values[1] is None:
            return None
        return cls(values[0], values[1])


@dataclass(frozen=True, slots=True)
class Figures:
    """One row of figures; ``docs/reference/reports.md`` says exactly what each counts.

    Attributes:
        new: conversations that visitors began.
        unanswered: of them, those that no operator has answered yet.
        unresolved: of them, those that are still live.
        missed: of them, those that nobody answered in time.
        first_response: from a visitor's first message to the first answer, of ``new``.
        resolved: conversations resolved, and ``resolution``, the time since their first message.
        waits: times that visitors began to wait, ``waits_open`` without an answer yet.
        waiting: how long each wait lasted.
        ratings: how many visitors rated, ``good`` of them with 4 or 5.
    """

    new: int = 0
    unanswered: int = 0
    unresolved: int = 0
    missed: int = 0
    first_response: Spread | None = None
    resolved: int = 0
    resolution: Spread | None = None
    waits: int = 0
    waits_open: int = 0
    waiting: Spread | None = None
    visitor_messages: int = 0
    operator_messages: int = 0
    ratings: int = 0
    good: int = 0

    @property
    def satisfaction(self) -> float | None:
        """The share of good ratings, from 0 to 1; None where nobody has rated."""
        return self.good / self.ratings if self.ratings else None

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all has happened."""
        return not (
            self.new
            or self.resolved
            or self.ratings
            or self.visitor_messages
            or self.operator_messages
        )


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of a period.

    Attributes:
        before: of the days before, from ``before_bounds[0]`` up to ``before_bounds[1]``.
        days: of each day, without a gap.
        inboxes: of the inboxes where something happened, by name.
        operators: of the users who did it, by name; at the end of nobody (None), if there is any.
    """

    period: Period
    before_bounds: tuple[datetime, datetime]
    total: Figures
    before: Figures
    days: Sequence[tuple[date, Figures]]
    inboxes: Sequence[tuple[Inbox, Figures]]
    operators: Sequence[tuple[Any | None, Figures]]
