"""Databases of their own for tests that run migrations in other processes."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.conf import settings
from psycopg import sql


@contextlib.contextmanager
def blank_database(purpose: str) -> Iterator[str]:
    """Make an empty database on the server of this test run, for as long as the block lasts.

    Yields its URL.
    """
    server = os.environ["DATABASE_URL"]
    name = f"{settings.DATABASES['default']['TEST']['NAME']}_{purpose}"
    quoted = sql.Identifier(name)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(quoted))
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(quoted))
        try:
            yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(quoted))
