"""What ``./run test`` says at the end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.test import Part, count, summarise

REPORT = """<?xml version="1.0"?><testsuites><testsuite name="pytest" errors="1" failures="2"
skipped="3" tests="10"></testsuite></testsuites>"""


def last_line(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out.splitlines()[-1]


def test_reports_are_counted(tmp_path: Path) -> None:
    report = tmp_path / "part.xml"
    assert count(report) == {}
    report.write_text(REPORT)
    assert count(report) == {"passed": 4, "failed": 3, "skipped": 3}


def test_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    counts = {"passed": 4, "failed": 0, "skipped": 1}
    parts = [Part("a", result="passed", counts=counts), Part("lint", result="passed")]
    assert summarise([*parts, parts[0]]) == 0
    assert last_line(capsys) == "8 passed, 0 failed, 2 skipped"


@pytest.mark.parametrize(
    "part",
    [
        Part("py313", missing="python3.13 is not installed"),
        Part("b", result="FAILED", counts={"passed": 4, "failed": 1, "skipped": 0}),
        Part("lint", result="FAILED"),
    ],
)
def test_what_did_not_run_or_failed_fails_the_whole(
    part: Part, capsys: pytest.CaptureFixture[str]
) -> None:
    good = Part("a", result="passed", counts={"passed": 4, "failed": 0, "skipped": 0})
    assert summarise([good, part]) == 1
    text = capsys.readouterr().out
    assert part.name in text
    assert part.missing in text


def test_no_test_at_all_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert summarise([Part("lint", result="passed")]) == 1
