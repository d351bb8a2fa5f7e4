"""Chromium, a real server and a page on another origin."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from django_messenger.models import Branch, Inbox, Operator
from tests.browser.chat import Chat
from tests.browser.servers import Messenger, Site, tag
from tests.cache_keys import NAMESPACE

Visit = Callable[..., Chat]
GREEN = "#0f766e"
PATIENCE = 15_000
expect.set_options(timeout=PATIENCE)


@pytest.fixture(autouse=True)
def empty_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep one namespace of cache keys: the server lives longer than a test."""
    if not settings.CACHES["default"].get("LOCATION"):
        pytest.fail("Browser tests need Redis or Valkey: two processes share the cache.")
    monkeypatch.setenv(NAMESPACE, f"browser-{os.getpid()}")


@pytest.fixture(scope="session")
def browser(chromium_options: dict[str, Any]) -> Iterator[Browser]:
    """Chromium; ``site.test`` stands for a site without HTTPS."""
    options = {**chromium_options, "args": ["--host-resolver-rules=MAP site.test 127.0.0.1"]}
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(**options)
        yield found
        found.close()


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """The other origin."""
    found = Site()
    yield found
    found.close()


@pytest.fixture(scope="session")
def shared_messenger(
    django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Messenger]:
    """The server of all tests that do nothing to it, without rate limits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(NAMESPACE, f"browser-{os.getpid()}")
        found = Messenger(tmp_path_factory.mktemp("messenger") / "log")
    yield found
    found.stop()


@pytest.fixture
def messenger(transactional_db: None, shared_messenger: Messenger) -> Messenger:
    """The server, with an empty log."""
    os.truncate(shared_messenger.log, 0)
    return shared_messenger


@pytest.fixture
def start_messenger(transactional_db: None, tmp_path: Path) -> Iterator[Callable[..., Messenger]]:
    """Start a server of the test's own."""
    started: list[Messenger] = []

    def start(*, wsgi: bool = False, **options: object) -> Messenger:
        started.append(Messenger(tmp_path / f"log-{len(started)}", options, wsgi=wsgi))
        return started[-1]

    yield start
    for each in started:
        each.stop()


@pytest.fixture
def inbox(transactional_db: None, site: Site) -> Inbox:
    """An inbox that the page may use."""
    branch = Branch.objects.create(name="North", slug="north")
    return Inbox.objects.create(
        branch=branch,
        name="Website North",
        allowed_origins=[site.origin, f"http://site.test:{site.port}"],
        appearance={
            "color": GREEN,
            "title": {"en": "Ash & Chisel", "ru": "Ясень и стамеска"},
            "greeting": {
                "en": "Hello! Ask us about wood.",
                "ru": "Здравствуйте! Спросите про дерево.",
            },
        },
    )


@pytest.fixture
def operator(transactional_db: None) -> Any:
    """A user who answers everywhere."""
    user = get_user_model().objects.create_superuser("anna")
    Operator.objects.create(user=user, display_name="Anna")
    return user


@pytest.fixture
def new_context(
    browser: Browser, transactional_db: None
) -> Iterator[Callable[..., BrowserContext]]:
    """Open a browser profile; what goes wrong in its pages fails the test.

    Pages end before the database is emptied, and so does what they have asked for last.
    """
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        network = message.text.startswith(("Failed to load", "Access to fetch"))  # its own words
        if message.type in ("error", "warning") and not network:
            problems.append(message.text)

    def watch(page: Page) -> None:
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", listen)

    def create(**options: Any) -> BrowserContext:
        context = browser.new_context(**{"locale": "en-US", "reduced_motion": "reduce", **options})
        context.add_init_script(
            "document.addEventListener('securitypolicyviolation',"
            " event => console.error(event.violatedDirective, event.blockedURI, event.sample))"
        )
        context.on("page", watch)
        contexts.append(context)
        return context

    yield create
    for context in contexts:
        context.close()
    time.sleep(0.1)
    assert not problems


@pytest.fixture
def context(new_context: Callable[..., BrowserContext]) -> BrowserContext:
    """A fresh profile on a desktop."""
    return new_context(viewport={"width": 1280, "height": 800})


@pytest.fixture
def visit(
    new_context: Callable[..., BrowserContext],
    site: Site,
    request: pytest.FixtureRequest,
    inbox: Inbox,
) -> Visit:
    """Open a page with the widget, the chat still closed.

    Keywords: what the page holds (``content``, ``head``, ``policy``), the ``messenger`` and the
    ``context`` to use; all others are options of a new context.
    """

    def go(
        attributes: dict[str, str] | None = None,
        *,
        content: str = "<main><h1>Shop</h1></main>",
        head: str | None = None,
        policy: str = "",
        messenger: Messenger | None = None,
        context: BrowserContext | None = None,
        **options: Any,
    ) -> Chat:
        server = messenger or request.getfixturevalue("messenger")
        tags = tag(server, inbox.widget_token, **(attributes or {})) if head is None else head
        page = (context or new_context(**options)).new_page()
        page.goto(site.show(content, head=tags, policy=policy))
        return Chat(page)

    return go


@pytest.fixture
def chat(context: BrowserContext, site: Site, messenger: Messenger, inbox: Inbox) -> Chat:
    """A visitor on the page, the chat still closed."""
    url = site.show("<h1>Shop</h1>", head=tag(messenger, inbox.widget_token))
    page = context.new_page()
    page.goto(url)
    return Chat(page)
