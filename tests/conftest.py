"""Fixtures and rules for every test."""

from __future__ import annotations

import itertools
import os
from typing import Any
from zlib import crc32

import pytest
from hypothesis import settings as hypothesis_settings

from tests.cache_keys import NAMESPACE
from tools import chromium

# "core" for the whole matrix, "full" for the one environment that digs (tox.ini).
hypothesis_settings.register_profile("core", max_examples=25, deadline=None)
hypothesis_settings.register_profile("full", max_examples=60, deadline=None)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "core"))

_numbers = itertools.count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--share", metavar="I/N", help="run the I-th of N equal shares of the tests")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the share that was asked for, and put browser tests last.

    The shares are the same in every run, so environments can have one each. Playwright keeps an
    event loop in the main thread while it runs, therefore it comes last.
    """
    if share := config.getoption("share"):
        index, count = map(int, share.split("/"))
        others = [item for item in items if crc32(item.nodeid.encode()) % count != index - 1]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in set(others)]
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    # That loop makes Django take the main thread for asynchronous. Other tests keep the guard.
    if item.get_closest_marker("browser"):
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(autouse=True)
def empty_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test cache keys of its own, in its threads and child processes too.

    What a former test did to the cache is forgotten, as at the begin of a request.
    """
    from django_messenger import store

    store._begin()
    monkeypatch.setenv(NAMESPACE, f"{os.getpid()}-{next(_numbers)}")


@pytest.fixture(scope="session")
def chromium_options() -> dict[str, Any]:
    """Arguments for Playwright's ``chromium.launch()``: the system's Chromium, never a download.

    A browser test without a browser fails; it must not pass for done.
    """
    found = chromium.find()
    if not found:
        pytest.fail(chromium.MISSING)
    return {"executable_path": found}
