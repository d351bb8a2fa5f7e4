"""A server of the test's own that pushes, and pages of operators on it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import BrowserContext, Page

from django_messenger.models import Conversation
from tests.browser.servers import Messenger
from tests.factories import make_branch, make_contact, make_conversation, make_inbox

Open = Callable[..., Page]


@pytest.fixture
def server(transactional_db: None, tmp_path: Path) -> Iterator[Messenger]:
    """A server of the test's own, under ASGI."""
    found = Messenger(
        tmp_path / "log",
        application="tests.browser.panel_asgi:application",
        settings="tests.settings.browser_panel",
    )
    yield found
    found.stop()


@pytest.fixture
def north(transactional_db: None) -> Any:
    return make_branch("North")


@pytest.fixture
def conversation(north: Any) -> Conversation:
    return make_conversation(make_inbox(north), make_contact(north, name="Maria"))


@pytest.fixture
def open_page(new_context: Callable[..., BrowserContext], server: Messenger) -> Iterator[Open]:
    """Open a page of the panel as a user."""

    opened: list[BrowserContext] = []

    def go(user: Any, path: str = "") -> Page:
        client = Client()
        client.force_login(user)
        context = new_context(viewport={"width": 1300, "height": 800})
        value = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": value, "url": server.origin}])
        opened.append(context)
        page = context.new_page()
        with page.expect_response("**/api/messenger/stream/"):
            page.goto(f"{server.origin}/messenger/{path}")
        return page

    yield go
    # Pages go on asking; the database is emptied next.
    for context in opened:
        context.close()
    time.sleep(0.5)
