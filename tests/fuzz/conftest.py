"""A chat without limits, and a colleague on the other side."""

from __future__ import annotations

from typing import Any

import pytest

from django_messenger.models import Conversation
from django_messenger.test import override_messenger
from tests.factories import answer, make_branch, make_inbox, make_supervisor
from tests.operators.client import Api
from tests.widget.client import PAGE, Widget

SCOPES = ("bootstrap", "send", "poll", "default")


@pytest.fixture(autouse=True)
def unlimited() -> Any:
    """Lift every limit of the throttles."""
    with override_messenger(THROTTLE_RATES=dict.fromkeys(SCOPES, "")):
        yield


@pytest.fixture
def chat(db: Any) -> Widget:
    """A widget that has said something."""
    inbox = make_inbox(
        make_branch(),
        allowed_origins=[PAGE],
        identity_mode="optional",
        identity_secret="s" * 40,
    )
    chat = Widget(inbox).start()
    chat.send("Hello").expect(201)
    return chat


@pytest.fixture
def conversation(chat: Widget) -> Conversation:
    """The conversation of ``chat``."""
    return Conversation.objects.get()


@pytest.fixture
def api(chat: Widget) -> Api:
    """A supervisor who sees the conversation and has answered."""
    vera = make_supervisor(chat.inbox.branch)
    answer(Conversation.objects.get(), vera)
    return Api(vera)
