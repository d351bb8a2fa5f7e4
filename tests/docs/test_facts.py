"""What the documentation says of names and numbers is what the code does."""

from __future__ import annotations

import argparse
import importlib.util
import re
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from django.urls import URLPattern, get_resolver
from rest_framework import exceptions as drf

import django_messenger
from django_messenger import api, events, exceptions, models, signals
from django_messenger.conf import Options
from django_messenger.management.commands.messenger_operator import Command
from django_messenger.operators import urls as operator_urls
from django_messenger.services import conversations, freshness, inboxes, messages, statement
from django_messenger.templatetags.messenger import ATTRIBUTES
from django_messenger.widget import urls as widget_urls
from tests.docs.samples import ROOT, code_words, pages, read, rows, section

PACKAGE = Path(django_messenger.__file__).parent
MIGRATIONS = PACKAGE / "migrations"


# --- The two APIs --------------------------------------------------------------------------------


def routes(urls: Any) -> set[str]:
    """Every ``METHOD path`` of a URLconf."""
    found = set()
    for pattern in urls.urlpatterns:
        assert isinstance(pattern, URLPattern)
        path = re.sub(r"<\w+:(\w+)>", r"{\1}", str(pattern.pattern))
        view = getattr(pattern.callback, "cls", None)
        methods = [m for m in ("get", "post", "patch", "put", "delete") if hasattr(view, m)]
        found |= {f"{method.upper()} {path}" for method in methods or ["get"]}
    return found


@pytest.mark.parametrize(
    ("page", "urls"),
    [("reference/widget-api.md", widget_urls), ("reference/operator-api.md", operator_urls)],
    ids=["widget", "operators"],
)
def test_every_call_is_in_its_table(page: str, urls: Any) -> None:
    said = {call for row in rows(page, "Calls") for call in code_words(row[0])}
    assert said == routes(urls)


def subclasses(kind: type) -> set[type]:
    found = set(kind.__subclasses__())
    return found.union(*map(subclasses, found)) if found else found


def test_every_error_code_is_in_a_table() -> None:
    said = {
        (row[0].split()[0], code)
        for page in ("reference/widget-api.md", "reference/operator-api.md")
        for row in rows(page, "Errors")
        for code in code_words(row[1])
    }
    ours: set[Any] = subclasses(exceptions.MessengerError) - {exceptions.Conflict}
    made = {(str(error.status), error.code) for error in ours}
    made |= {("405", drf.MethodNotAllowed.default_code), ("401", "not_authenticated")}
    assert said == made
    assert '"not_authenticated"' in Path(api.__file__).read_text()


# --- Models, events, commands --------------------------------------------------------------------


def test_every_model_is_in_the_table() -> None:
    table = rows("reference/models.md", "Models")[: len(models.__all__)]
    said = {name for row in table for name in code_words(row[0])}
    assert said == set(models.__all__)


def test_the_transitions() -> None:
    said = {
        code_words(row[0])[0]: set(code_words(row[1]))
        for row in rows("reference/models.md", "Status of a conversation")
    }
    assert said == {str(k): {str(s) for s in v} for k, v in conversations.TRANSITIONS.items()}


def test_the_signals_and_their_events() -> None:
    said = {
        code_words(row[0])[0]: code_words(row[1])[0]
        for row in rows("howto/events.md", "React to what happens")
    }
    made = {}
    for event in events.Event.__subclasses__():
        names = [field.name for field in fields(event)]
        signal = next(name for name, value in vars(signals).items() if value is event.signal)
        made[signal] = f"{event.__name__}({', '.join(names)})"
    assert said == made


def test_the_arguments_of_the_command() -> None:
    parser = argparse.ArgumentParser()
    Command().add_arguments(parser)  # type: ignore[arg-type]
    made = {
        (action.option_strings or [action.dest])[0]
        for action in parser._actions
        if action.dest != "help"
    }
    table = rows("reference/commands.md", "`messenger_operator`")
    assert {code_words(row[0])[0] for row in table} == made


def test_every_command_is_described() -> None:
    folder = PACKAGE / "management" / "commands"
    names = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    text = read("reference/commands.md")
    assert {name for name in names if f"## `{name}`" not in text} == set()


# --- Layout --------------------------------------------------------------------------------------


def test_frozen_paths_are_those_that_migrations_import() -> None:
    text = "".join(path.read_text() for path in MIGRATIONS.glob("0*.py"))
    used = {f"django_messenger.{name}" for name in re.findall(r"django_messenger\.(\w+)\.", text)}
    table = rows("explanation/package-layout.md", "Frozen paths")
    said = {code_words(row[0])[0] for row in table}
    assert used <= said
    assert all(importlib.util.find_spec(name) for name in said)


def test_the_blocks_of_the_base_template() -> None:
    template = (PACKAGE / "templates" / "django_messenger" / "base.html").read_text()
    made = set(re.findall(r"{% block (\w+) %}", template))
    said = code_words(section("explanation/package-layout.md", "Templates"))
    assert made <= set(said)


def test_the_namespaces() -> None:
    ours = {name for name in get_resolver().app_dict if name.startswith("messenger_")}
    text = read("explanation/package-layout.md")
    assert ours == {name for name in code_words(text) if name.startswith("messenger_")}


def test_the_rooms_exist() -> None:
    drawn = section("explanation/architecture.md", "Rooms").split("```")[1]
    names = [
        name
        for line in drawn.splitlines()[1:]
        for name in re.findall(r"[a-z_]+", line.split("  ")[0])
    ]
    assert {"services", "selectors", "access", "checks"} <= set(names)
    assert [
        n for n in names if not ((PACKAGE / n).is_dir() or (PACKAGE / f"{n}.py").exists())
    ] == []


def test_attributes_of_the_tag() -> None:
    """Those of the table are those of the template tag, and the script reads each."""
    names = [name.replace("_", "-") for name in (*ATTRIBUTES, "identity")]
    said = {code_words(row[0])[0] for row in rows("howto/embed.md", "Attributes")}
    assert said == {f"data-{name}" for name in names}
    folder = PACKAGE / "static" / "django_messenger"
    script = "".join(path.read_text() for path in folder.glob("*.js"))
    for name in names:
        head, *tail = name.split("-")
        assert head + "".join(map(str.capitalize, tail)) in script, name


# --- Numbers -------------------------------------------------------------------------------------

HOUR, DAY = 3600, 86400


@pytest.mark.parametrize(
    ("page", "words", "number", "wanted"),
    [
        ("explanation/security-model.md", "12 hours idle", Options.SESSION_TTL, 12 * HOUR),
        ("explanation/security-model.md", "7 days at most", Options.SESSION_MAX_AGE, 7 * DAY),
        ("explanation/security-model.md", "180 days idle", Options.VISITOR_TTL, 180 * DAY),
        ("explanation/security-model.md", "then a week more", inboxes.OVERLAP.days, 7),
        ("reference/operator-api.md", "another week", inboxes.OVERLAP.days, 7),
        ("explanation/security-model.md", "200 messages", statement.MAX_UNANSWERED, 200),
        ("reference/widget-api.md", "200 messages", statement.MAX_UNANSWERED, 200),
        ("reference/widget-api.md", "at most 64 characters", messages.MAX_CLIENT_ID, 64),
        ("explanation/architecture.md", "30 seconds late", freshness.TRUST, 30),
        ("howto/deploy.md", "up to four minutes", Options.STREAM_LIFE, 240),
        ("howto/deploy.md", "every 20 seconds", Options.STREAM_HEARTBEAT, 20),
        ("howto/access-policy.md", "within four minutes", Options.STREAM_LIFE, 240),
    ],
)
def test_numbers(page: str, words: str, number: int, wanted: int) -> None:
    assert words in read(page).replace("\n", " ")
    assert number == wanted


def test_every_check_and_option_that_a_page_names_exists() -> None:
    from django_messenger.checks import CHECKS

    texts = [page.read_text() for page in pages()]
    named = {number for text in texts for number in re.findall(r"\b[EW]0\d\d\b", text)}
    assert named <= CHECKS.keys()
    known = {field.name for field in fields(Options)}
    options = {
        name for text in texts for name in re.findall(r'MESSENGER(?:\["| = \{")([A-Z_]+)"', text)
    }
    options |= {name for text in texts for name in re.findall(r"settings\.md#(\w+)", text)}
    assert {name.upper() for name in options} <= known


# --- Versions ------------------------------------------------------------------------------------


def test_the_versions_of_the_readme() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    classifiers = " ".join(project["classifiers"])
    text = (ROOT / "README.md").read_text()
    table = dict(re.findall(r"^\| ([A-Z][^|]+) \| (.+) \|$", text, re.MULTILINE))
    pythons = re.findall(r"Python :: (3\.\d+)", classifiers)
    assert re.findall(r"3\.\d+", table["Python"]) == pythons
    djangos = re.findall(r"Django :: (\d\.\d)", classifiers)
    assert re.findall(r"\d\.\d", table["Django"].partition("(")[0]) == djangos
    (rest,) = (found for found in project["dependencies"] if "rest" in found)
    assert table["Django REST framework"] == f"{rest.partition('>=')[2]} or newer"
    compose = (ROOT / "docker-compose.test.yml").read_text()
    assert table["PostgreSQL"].startswith("15 to 18")
    assert "15 to 18" in compose
