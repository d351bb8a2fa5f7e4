"""What a benchmark found: tables, verdicts, and both as Markdown and JSON."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal
from xml.etree import ElementTree

FOLDER = Path(__file__).resolve().parent.parent / "test-results" / "bench"
PACKAGES = (
    "django",
    "djangorestframework",
    "django-redis",
    "psycopg",
    "redis",
    "uvicorn",
    "uvloop",
    "gunicorn",
)


@dataclass(frozen=True)
class Table:
    """Rows under a heading; every cell is ready to be read."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]

    def markdown(self) -> str:
        lines = [self.columns, ["---"] * len(self.columns), *self.rows]
        body = "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
        return f"### {self.title}\n\n{body}\n"


@dataclass(frozen=True)
class Verdict:
    """A figure against its bound; a hard one decides about the exit code.

    ``noisy`` says that the floor was too restless in this run to judge by; ``moody`` that the
    machine has a part in the figure, so that a hard gate which it misses is measured again.
    """

    name: str
    value: float
    bound: float
    sense: Literal["at least", "at most"]
    unit: str = ""
    hard: bool = False
    noisy: bool = False
    moody: bool = False

    @property
    def is_met(self) -> bool:
        return self.value >= self.bound if self.sense == "at least" else self.value <= self.bound

    @property
    def word(self) -> str:
        if self.is_met:
            return "met"
        return "**FAILED**" if self.hard else "missed"

    def row(self) -> list[object]:
        bound = f"{self.sense} {self.bound:g} {self.unit}".strip()
        noise = " (noisy)" if self.noisy else ""
        return [self.name, f"{self.value:.4g} {self.unit}".strip(), bound, self.word + noise]


@dataclass
class Report:
    """What one benchmark found."""

    name: str
    tables: list[Table] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def failed(self) -> list[Verdict]:
        """Hard gates that are not met."""
        return [verdict for verdict in self.verdicts if verdict.hard and not verdict.is_met]

    @property
    def deserves_another_try(self) -> bool:
        """Whether hard gates are missed, but only such as a busy machine may make one miss."""
        return bool(self.failed) and all(verdict.moody for verdict in self.failed)

    def markdown(self) -> str:
        parts = [f"## {self.name}", *(table.markdown() for table in self.tables)]
        if self.verdicts:
            rows = [verdict.row() for verdict in self.verdicts]
            parts.append(Table("Verdicts", ("what", "value", "bound", ""), rows).markdown())
        parts += [f"* {note}" for note in self.notes]
        return "\n".join(parts)

    def data(self) -> dict[str, Any]:
        verdicts = [asdict(verdict) | {"met": verdict.is_met} for verdict in self.verdicts]
        return {
            "name": self.name,
            "tables": [asdict(table) for table in self.tables],
            "verdicts": verdicts,
            "notes": self.notes,
        }


def versions(postgres: str, cache: str) -> dict[str, str]:
    """What was measured, on what."""
    found = {}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found[package] = "absent"
    return {
        "python": platform.python_version(),
        **found,
        "postgresql": postgres,
        "cache": cache,
        "cpus": str(len(os.sched_getaffinity(0))),
        "load before": f"{os.getloadavg()[0]:.1f}",
    }


def write_junit(reports: Sequence[Report], path: Path) -> None:
    """Write the hard gates as a JUnit report, one test case each."""
    suite = ElementTree.Element("testsuite", name="benchmarks")
    count = failures = 0
    for report in reports:
        for verdict in report.verdicts:
            if not verdict.hard:
                continue
            name, value, bound, _ = map(str, verdict.row())
            case = ElementTree.SubElement(
                suite, "testcase", classname=f"benchmarks.{report.name.split(':')[0]}", name=name
            )
            count += 1
            if not verdict.is_met:
                failures += 1
                ElementTree.SubElement(case, "failure", message=f"{value}, but {bound}")
    suite.attrib |= {
        "tests": str(count),
        "failures": str(failures),
        "errors": "0",
        "skipped": "0",
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    ElementTree.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)


def write(reports: Sequence[Report], about: dict[str, str], name: str) -> Path:
    """Write Markdown and JSON below ``test-results/bench``; returns the Markdown's path."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    head = "\n".join(f"* {key}: {value}" for key, value in about.items())
    text = "\n\n".join([head, *(report.markdown() for report in reports)]) + "\n"
    path = FOLDER / f"{name}.md"
    path.write_text(text)
    data = {"about": about, "reports": [report.data() for report in reports]}
    path.with_suffix(".json").write_text(json.dumps(data, indent=2, default=str) + "\n")
    return path
