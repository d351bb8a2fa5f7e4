"""A visitor talks to an operator."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from django_messenger.models import Contact, Conversation, Inbox, Message
from django_messenger.services.messages import reply_message
from tests.browser.chat import Chat
from tests.browser.servers import Messenger

pytestmark = pytest.mark.browser


def test_first_message_becomes_a_row(chat: Chat, inbox: Inbox, messenger: Messenger) -> None:
    chat.open()
    expect(chat.panel).to_contain_text("Ash & Chisel")
    expect(chat.log).to_contain_text("Ask us about wood.")
    assert not Contact.objects.exists()

    chat.say("Is oak harder than ash?")

    message = Message.objects.get()
    assert (message.body, message.kind) == ("Is oak harder than ash?", "visitor")
    assert message.conversation.inbox == inbox
    assert chat.texts == ["Is oak harder than ash?"]


def test_operators_answer_appears(chat: Chat, operator: Any) -> None:
    chat.open().say("Hello?")
    reply_message(user=operator, conversation=Conversation.objects.get(), body="Good afternoon!")

    expect(chat.bubble("Good afternoon!")).to_contain_text("Anna")
