"""An empty database beside the test database, and Django's own commands run on it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.databases import blank_database

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass
class BlankDatabase:
    """A database that no migration has seen yet, in the settings shape of this run."""

    url: str

    def manage(self, *arguments: str) -> str:
        """Run a management command on it, in a process of its own; returns what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "django", *arguments, "--skip-checks", "--verbosity=0"],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": self.url},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query answers there."""
        with psycopg.connect(self.url) as connection:
            return connection.execute(query.encode()).fetchall()


@pytest.fixture
def blank() -> Iterator[BlankDatabase]:
    with blank_database("blank") as url:
        yield BlankDatabase(url)
