"""A widget, and the two states in which a process meets its first call."""

from __future__ import annotations

from typing import Any

import pytest

from django_messenger import store
from django_messenger.services.limits import SCRIPT, SHA
from django_messenger.test import override_messenger
from tests.factories import make_inbox
from tests.widget.client import PAGE, Widget

SECRET = "s" * 40


@pytest.fixture
def widget(transactional_db: Any) -> Any:
    """A widget that has called nobody yet, in real transactions and far from every limit.

    Connections are open and the script is loaded, as in any process that is not brand new.
    """
    rates = dict.fromkeys(("bootstrap", "send", "poll", "default"), "100000/d/session, 100000/d/ip")
    store.get("anything")
    if (client := store.redis_client()) is not None:
        assert client.script_load(SCRIPT) in (SHA, SHA.encode())
    with override_messenger(THROTTLE_RATES=rates):
        yield Widget(
            make_inbox(allowed_origins=[PAGE], identity_mode="optional", identity_secret=SECRET)
        )


@pytest.fixture
def chat(widget: Widget) -> Widget:
    """A widget with a session."""
    return widget.start()
