"""Servers of their own, on the test's database and cache."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.browser.servers import UNLIMITED, Messenger
from tests.realtime.client import Stream

WRAPPED, PLAIN = "tests.browser.asgi:application", "tests.realtime.plain:application"
Start = Callable[..., Messenger]


@pytest.fixture(autouse=True)
def close_streams() -> Iterator[None]:
    """Hang up whatever a test has left open."""
    yield
    while Stream.open:
        Stream.open.pop().close()


@pytest.fixture
def start(tmp_path: Path, transactional_db: None) -> Iterator[Start]:
    """Start servers that end with the test; options as in ``MESSENGER``."""
    if not settings.CACHES["default"].get("LOCATION"):
        pytest.fail("Streams need a cache that two processes share.")
    servers: list[Messenger] = []

    def start_server(application: str = WRAPPED, **options: Any) -> Messenger:
        log = tmp_path / f"{len(servers)}.log"
        server = Messenger(
            log, {**UNLIMITED, **options}, application, settings="tests.settings.realtime"
        )
        servers.append(server)
        return server

    yield start_server
    for server in servers:
        server.stop()
