"""``tox -e lowest`` installs exactly the oldest versions that pyproject.toml allows."""

from __future__ import annotations

import configparser
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
REQUIREMENT = re.compile(r"^([\w-]+)(?:\[[\w,]+\])?(?:>=|==)([\d.]+)$")


def versions(requirements: list[str]) -> dict[str, list[int]]:
    found = filter(None, map(REQUIREMENT.match, requirements))
    return {match[1].lower(): padded(match[2]) for match in found}


def padded(version: str) -> list[int]:
    return [int(part) for part in f"{version}.0.0".split(".")][:3]


def test_the_lowest_pins_are_the_declared_floors() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    declared = versions([*project["dependencies"], *extras["openapi"], *extras["redis"]])

    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini")
    pinned = versions(tox["testenv:lowest"]["deps"].split())

    assert len(pinned) == 7
    assert pinned == declared
