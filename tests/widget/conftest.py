"""An inbox, and a widget of it that has begun a conversation."""

from __future__ import annotations

from typing import Any

import pytest

from django_messenger.models import Conversation, Inbox
from tests.factories import make_inbox
from tests.widget.client import PAGE, Widget


@pytest.fixture
def inbox(db: Any) -> Inbox:
    return make_inbox(name="Shop", widget_token="shop-token", allowed_origins=[PAGE])


@pytest.fixture
def widget(inbox: Inbox) -> Widget:
    """A widget that has called nobody yet."""
    return Widget(inbox)


@pytest.fixture
def chat(widget: Widget) -> Widget:
    """A widget with a session."""
    return widget.start()


@pytest.fixture
def conversation(chat: Widget) -> Conversation:
    """The conversation of ``chat``."""
    return Conversation.objects.get()
