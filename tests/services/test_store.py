"""The cache that makes everybody wait: once per request is enough."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.core.cache.backends.base import BaseCache
from django.core.signals import request_started
from django.test import override_settings

from django_messenger import store
from django_messenger.exceptions import Unavailable


class Broken(BaseCache):
    """A cache that raises, after as many seconds as ``LOCATION`` says."""

    asked = 0

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self.seconds = float(location)

    def get(self, key: Any, default: Any = None, version: Any = None) -> Any:
        Broken.asked += 1
        time.sleep(self.seconds)
        raise OSError


def ask_three_times(seconds: str) -> int:
    """Return how often the cache itself was asked."""
    broken = {"BACKEND": "tests.services.test_store.Broken", "LOCATION": seconds}
    Broken.asked = 0
    request_started.send(sender=None)
    with override_settings(CACHES={"default": broken}):
        for _ in range(3):
            with pytest.raises(Unavailable):
                store.get("key")
    return Broken.asked


def test_a_slow_failure_is_not_waited_for_again() -> None:
    assert ask_three_times("0.3") == 1


def test_the_next_request_asks_anew() -> None:
    assert [ask_three_times("0.3"), ask_three_times("0.3")] == [1, 1]


def test_a_quick_failure_may_be_a_passing_one() -> None:
    assert ask_three_times("0") == 3
