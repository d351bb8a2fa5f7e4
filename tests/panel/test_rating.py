"""Operators see in the thread what the visitor thought of it."""

from __future__ import annotations

from django_messenger.models import Conversation
from django_messenger.services.conversations import change_conversation
from django_messenger.services.ratings import rate_conversation
from tests.panel.conftest import World, client_of


def test_the_rating_stands_in_the_thread(world: World, conversation: Conversation) -> None:
    page = f"/messenger/{conversation.public_id}/"
    client = client_of(world.anna)
    assert "out of 5" not in client.get(page).content.decode()
    done = change_conversation(user=world.anna, conversation=conversation, status="resolved")
    rate_conversation(conversation=done, score=4, comment="<b>Quick</b>\nand kind")

    shown = client.get(page).content.decode()

    assert "The visitor rated this conversation 4 out of 5." in shown
    assert "&lt;b&gt;Quick&lt;/b&gt;<br>and kind" in shown
