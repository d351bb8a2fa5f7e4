"""What benchmarks make of their figures: medians, ratios, verdicts, and when to try again."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from benchmarks import __main__ as command
from benchmarks import report as reports
from benchmarks.measure import Series, interleave, percentile
from benchmarks.race import Seen
from benchmarks.report import Report, Table, Verdict, write_junit
from tools.test import count


@pytest.mark.parametrize(
    ("percent", "value"), [(0, 1), (1, 1), (50, 50), (99, 99), (99.5, 100), (100, 100)]
)
def test_percentiles_are_values_that_were_seen(percent: float, value: float) -> None:
    assert percentile([*range(100, 0, -1)], percent) == value


def test_one_value_is_every_percentile() -> None:
    assert [percentile([3.0], percent) for percent in (0, 50, 99, 100)] == [3.0] * 4


def test_ratios_are_taken_round_by_round() -> None:
    floor = Series((10.0, 100.0, 20.0))  # the second round was a busy one, for both
    assert Series((20.0, 200.0, 40.0)).over(floor).values == (2.0, 2.0, 2.0)


def test_noise_is_the_spread_of_the_middle_half() -> None:
    assert not Series((100, 101, 99, 100, 400)).is_noisy
    assert Series((100, 180, 60, 150, 70)).is_noisy
    assert not Series((5.0,)).is_noisy


def test_subjects_take_turns_and_warm_rounds_do_not_count() -> None:
    turns: list[str] = []

    def subject(name: str) -> tuple[float, float]:
        turns.append(name)
        return float(len(turns)), 0.5

    found = interleave({n: lambda n=n: subject(n) for n in "ab"}, 2, warm=1)  # type: ignore[misc]
    assert turns == ["a", "b"] * 3
    assert found["a"][0].values == (3.0, 5.0)
    assert found["b"][1].values == (0.5, 0.5)


@pytest.mark.parametrize(
    ("value", "sense", "met"),
    [
        (1.0, "at least", True),
        (0.99, "at least", False),
        (1.0, "at most", True),
        (1.01, "at most", False),
    ],
)
def test_a_bound_itself_is_met(value: float, sense: str, met: bool) -> None:
    assert Verdict("x", value, 1.0, sense).is_met is met  # type: ignore[arg-type]


def made(*verdicts: Verdict) -> Report:
    return Report("fake: nothing", verdicts=list(verdicts))


GOOD = Verdict("good", 0, 0, "at most", hard=True)
LOST = Verdict("lost", 1, 0, "at most", hard=True)
SLOW = Verdict("slow", 0.5, 0.9, "at least", hard=True, moody=True)
WISH = Verdict("wish", 0.5, 0.9, "at least")


def test_only_hard_gates_fail() -> None:
    assert made(GOOD, WISH).failed == []
    assert made(GOOD, WISH, LOST, SLOW).failed == [LOST, SLOW]


@pytest.mark.parametrize(
    ("runs", "asked", "failed"),
    [
        ([made(GOOD)], 1, []),
        ([made(SLOW), made(GOOD)], 2, []),
        ([made(SLOW), made(SLOW), made(SLOW), made(GOOD)], 3, ["slow"]),
        ([made(LOST), made(GOOD)], 1, ["lost"]),
        ([made(LOST, SLOW), made(GOOD)], 1, ["lost", "slow"]),
        ([made(SLOW), made(LOST), made(GOOD)], 2, ["lost"]),
        ([made(WISH), made(GOOD)], 1, []),
    ],
)
def test_only_what_the_machine_may_have_spoilt_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, runs: list[Report], asked: int, failed: list[str]
) -> None:
    left = list(runs)
    fake = ModuleType("benchmarks.fake")
    fake.run = lambda *, quick: left.pop(0)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "benchmarks.fake", fake)
    found = command._run_patiently("fake", quick=True)
    assert len(runs) - len(left) == asked
    assert [verdict.name for verdict in found.failed] == failed


def test_gates_are_counted_as_tests(tmp_path: Path) -> None:
    path = tmp_path / "new" / "bench.xml"
    write_junit([made(GOOD, WISH, LOST), made(SLOW)], path)
    assert count(path) == {"passed": 1, "failed": 2, "skipped": 0}
    assert '0.5, but at least 0.9"' in path.read_text()


def test_a_report_is_written_for_people_and_for_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "FOLDER", tmp_path)
    found = made(GOOD, LOST, WISH)
    found.tables.append(Table("Sizes", ("who", "KiB"), [["we", 12]]))
    path = reports.write([found], {"python": "3"}, "full")
    text = path.read_text()
    assert "| we | 12 |" in text
    assert "| lost | 1 | at most 0 | **FAILED** |" in text
    assert "| wish | 0.5 | at least 0.9 | missed |" in text
    data = json.loads(path.with_suffix(".json").read_text())
    assert [verdict["met"] for verdict in data["reports"][0]["verdicts"]] == [True, False, False]


@pytest.mark.parametrize(
    ("numbers", "verdict"),
    [
        ([1, 2, 3], (0, 0, 0)),
        ([1, 3], (1, 0, 0)),
        ([1, 2, 2, 3], (0, 1, 0)),
        ([2, 1, 3], (0, 0, 1)),
        ([3, 3], (2, 1, 0)),
        ([], (3, 0, 0)),
    ],
)
def test_the_race_sees_what_goes_wrong(numbers: list[int], verdict: tuple[int, int, int]) -> None:
    assert Seen(numbers).judge({1, 2, 3}) == verdict
