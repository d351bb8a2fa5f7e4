"""Host projects for the checks: settings of their own, in a process of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

_SCRIPT = """
import json, sys
import django
from django.core.checks import run_checks

django.setup()
found = [
    [message.id.rpartition(".")[2], message.level, message.msg, message.hint]
    for message in run_checks(databases=json.loads(sys.argv[1]))
    if message.id.startswith("django_messenger.")
]
print(json.dumps(found))
"""


@dataclass(frozen=True)
class Finding:
    """What a check says; ``number`` is the id without the app."""

    number: str
    level: int
    message: str
    hint: str


@dataclass(frozen=True)
class Host:
    """A project whose settings are ``settings`` on top of the tests' default shape."""

    folder: Path
    settings: str = ""
    database: str = ""

    def check(self, *databases: str) -> list[Finding]:
        """Run every check as ``manage.py check --database …`` does; returns ours."""
        arguments = ["-c", _SCRIPT, json.dumps(databases or None)]
        return [Finding(*found) for found in json.loads(self._python(arguments))]

    def manage(self, *arguments: str) -> str:
        """Run a management command; returns what it prints."""
        return self._python(["-m", "django", *arguments])

    def with_lines(self, *lines: str) -> Host:
        """The same host after somebody has pasted lines into its settings."""
        return Host(self.folder, "\n".join([self.settings, *lines]), self.database)

    def _python(self, arguments: Sequence[str]) -> str:
        text = f"from tests.settings.default_branch import *\n{GOOD_CACHE}\n{self.settings}\n"
        (self.folder / "host_settings.py").write_text(text)
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "host_settings"}
        environment["PYTHONPATH"] = os.pathsep.join([str(self.folder), str(ROOT)])
        environment["PYTHONDONTWRITEBYTECODE"] = "1"  # the settings change within a second
        if self.database:
            environment["DATABASE_URL"] = self.database
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


#: Where Redis would be; making a cache object does not connect.
GOOD_CACHE = """
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": "redis://127.0.0.1:6379/0",
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    }
}
"""


def line_in(hint: str) -> str:
    """The line that a hint tells people to paste: the longest valid Python after ``Write``."""
    _, said, rest = hint.partition("Write ")
    assert said, f"no line to paste: {hint}"
    rest = rest.removesuffix(".")
    while rest:
        try:
            compile(rest, "<hint>", "exec")
        except SyntaxError:
            rest = rest[:-1].rpartition(" ")[0].rstrip(",")
        else:
            return rest
    raise AssertionError(f"no valid line to paste: {hint}")
