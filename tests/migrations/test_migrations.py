"""Migrations, in the settings shape of this run (tox.ini runs each shape)."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from django_messenger.models import Conversation, Inbox
from tests.migrations.conftest import BlankDatabase

RELATIONS = """
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
    AND (relname LIKE 'django\\_messenger%' OR relname LIKE 'dm\\_%')
"""
TYPES = "SELECT typname FROM pg_type WHERE typname LIKE 'django\\_messenger%'"
TRIGGERS = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
FUNCTIONS = "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
OURS = [RELATIONS, TYPES, TRIGGERS, FUNCTIONS]


@pytest.mark.django_db
def test_models_and_migrations_agree() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_from_nothing_and_back_to_nothing(blank: BlankDatabase) -> None:
    blank.manage("migrate")
    assert all(blank.rows(query) for query in OURS)

    blank.manage("migrate", "django_messenger", "zero")
    assert [blank.rows(query) for query in OURS] == [[], [], [], []]

    blank.manage("migrate")
    assert all(blank.rows(query) for query in OURS)


@pytest.mark.django_db
@pytest.mark.parametrize("model", [Inbox, Conversation])
def test_branch_column_points_at_the_branch_of_this_shape(
    model: type[Inbox] | type[Conversation],
) -> None:
    branch = apps.get_model(settings.MESSENGER_BRANCH_MODEL)
    with connection.cursor() as cursor:
        relations = connection.introspection.get_relations(cursor, model._meta.db_table)
        columns = {
            table: {
                column.name: (column.type_code, column.internal_size)
                for column in connection.introspection.get_table_description(cursor, table)
            }
            for table in (model._meta.db_table, branch._meta.db_table)
        }
    # An index, because Django 6.1 made the pair a triple.
    assert relations["branch_id"][1] == branch._meta.db_table
    assert relations["branch_id"][0] == branch._meta.pk.column
    branch_key = columns[branch._meta.db_table][branch._meta.pk.column]
    assert columns[model._meta.db_table]["branch_id"] == branch_key


@pytest.mark.django_db
def test_our_own_branch_has_a_table_only_when_it_is_used() -> None:
    swapped = settings.MESSENGER_BRANCH_MODEL != "django_messenger.Branch"
    tables = connection.introspection.table_names()
    assert ("django_messenger_branch" in tables) is not swapped
