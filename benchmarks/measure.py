"""Measuring side by side: A-B-A-B, medians, and when not to believe them."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

#: A floor whose own rounds differ by more than this makes a run noisy.
NOISE = 0.25


@dataclass(frozen=True)
class Series:
    """What the rounds of one subject gave, in one unit."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def spread(self) -> float:
        """How far the middle half of the rounds lies apart, as a part of the median."""
        if len(self.values) < 2:
            return 0.0
        low, _, high = statistics.quantiles(self.values, n=4, method="inclusive")
        return (high - low) / self.median if self.median else 0.0

    @property
    def is_noisy(self) -> bool:
        return self.spread > NOISE

    def over(self, other: Series) -> Series:
        """The ratio of two series, round by round: neighbours disturb both sides alike."""
        pairs = zip(self.values, other.values, strict=True)
        return Series(tuple(mine / its for mine, its in pairs if its))

    def text(self, digits: int = 0) -> str:
        """The median with the least and the greatest."""
        low, high = min(self.values), max(self.values)
        return f"{self.median:,.{digits}f} [{low:,.{digits}f} - {high:,.{digits}f}]"


def interleave(
    subjects: Mapping[str, Callable[[], Sequence[float]]], rounds: int, *, warm: int = 1
) -> dict[str, list[Series]]:
    """Run all subjects in turn, ``rounds`` times, after ``warm`` rounds that do not count.

    Each subject returns the same number of figures each time; they come back as series.
    """
    seen: dict[str, list[Sequence[float]]] = {name: [] for name in subjects}
    for number in range(warm + rounds):
        for name, subject in subjects.items():
            figures = subject()
            if number >= warm:
                seen[name].append(figures)
    return {
        name: [Series(tuple(column)) for column in zip(*figures, strict=True)]
        for name, figures in seen.items()
    }


def percentile(values: Sequence[float], percent: float) -> float:
    """The least value that ``percent`` of all do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]
