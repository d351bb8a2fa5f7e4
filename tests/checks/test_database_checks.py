"""Checks that need a database of their own: each host is a process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.core import checks
from psycopg import sql

from tests.checks.hosts import Host, line_in
from tests.databases import blank_database

LATE = """
INSTALLED_APPS += ["tests.hosts.zz_late"]
MESSENGER_BRANCH_MODEL = "zz_late.Branch"
"""

# One environment of the matrix runs them; they bring their own settings shapes.
pytestmark = pytest.mark.slow


@pytest.fixture
def database() -> Iterator[str]:
    with blank_database("checks") as url:
        yield url


def only(host: Host, number: str, *databases: str) -> str:
    """The hint of the one thing that is wrong."""
    found = host.check(*databases)
    assert [finding.number for finding in found] == [number], found
    wanted = checks.WARNING if number.startswith("W") else checks.ERROR
    assert found[0].level == wanted
    return found[0].hint


# --- E006 ----------------------------------------------------------------------------------------


def test_branch_setting_was_changed_after_migrate(tmp_path: Path, database: str) -> None:
    before = Host(tmp_path, database=database)
    before.manage("migrate", "--verbosity=0")
    assert before.check("default") == []

    after = before.with_lines(LATE, 'MESSENGER_BRANCH_MIGRATION = "0002_branch"')
    assert after.check() == []
    hint = only(after, "E006", "default")
    with pytest.raises(AssertionError, match="E006"):
        after.manage("migrate", "--verbosity=0")
    assert line_in(hint) == 'MESSENGER_BRANCH_MODEL = "django_messenger.Branch"'
    assert after.with_lines(line_in(hint)).check("default") == []

    # The way out that docs/howto/swap-branch.md names.
    before.manage("migrate", "django_messenger", "zero", "--verbosity=0")
    after.manage("migrate", "--verbosity=0")
    assert after.check("default") == []


def test_branch_table_of_no_model(tmp_path: Path, database: str) -> None:
    host = Host(tmp_path, database=database)
    host.manage("migrate", "--verbosity=0")
    with psycopg.connect(database) as connection:
        connection.execute("ALTER TABLE django_messenger_branch RENAME TO offices")
    assert "<the model of offices>" in only(host, "E006", "default")


# --- E007, W008 ----------------------------------------------------------------------------------


def test_database_is_not_postgresql(tmp_path: Path) -> None:
    path = tmp_path / "db.sqlite3"
    engine = "django.db.backends.sqlite3"
    host = Host(tmp_path, f'DATABASES["default"] |= {{"ENGINE": "{engine}", "NAME": "{path}"}}')
    hint = only(host, "E007", "default")
    assert host.with_lines(line_in(hint)).check() == []


def test_database_knows_ascii_letters_only(tmp_path: Path, database: str) -> None:
    host = Host(tmp_path, database=database)
    assert host.check("default") == []

    remake(database, "LOCALE 'C'")
    hint = only(host, "W008", "default")
    remake(database, hint[hint.index("LOCALE") : hint.index(" TEMPLATE")])
    assert host.check("default") == []


def remake(url: str, locale: str) -> None:
    """Make the database anew with another locale."""
    name = urlsplit(url).path[1:]
    quoted = sql.Identifier(name)
    with psycopg.connect(url, dbname="postgres", autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(quoted))
        create = sql.SQL("CREATE DATABASE {} " + locale + " TEMPLATE template0")
        server.execute(create.format(quoted))


# --- How they are reached ------------------------------------------------------------------------


def test_migrate_refuses_before_it_touches_anything(tmp_path: Path, database: str) -> None:
    host = Host(tmp_path, LATE, database)
    with pytest.raises(AssertionError, match="MESSENGER_BRANCH_MIGRATION"):
        host.manage("migrate", "--verbosity=0")
    with psycopg.connect(database) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        assert tables.fetchone() == (0,)


def test_a_misspelt_option_gives_a_message_and_no_traceback(tmp_path: Path) -> None:
    host = Host(tmp_path, 'MESSENGER = {"MAX_MESAGE_LENGTH": 10}')
    with pytest.raises(AssertionError) as failure:
        host.manage("check")
    assert "django_messenger.E001" in str(failure.value)
    assert "Traceback" not in str(failure.value)
