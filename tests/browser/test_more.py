"""The second file: it comes when it is needed, and the chat can do without."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from django_messenger.models import Conversation, Inbox, Message
from django_messenger.services.messages import reply_message
from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

MORE = "**/widget-more.js"


def test_it_comes_once_and_only_when_needed(visit: Visit, context: BrowserContext) -> None:
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    chat = visit(context=context).open()
    chat.say("Hello?")
    assert "widget-more.js" not in asked
    smile = chat.panel.get_by_role("button", name="Emoji")
    smile.click()
    chat.page.keyboard.press("Enter")
    chat.say("\U0001f600 and https://example.com/")

    expect(chat.log.get_by_role("link")).to_have_text("https://example.com/")
    assert asked.count("widget-more.js") == 1


def test_another_language_than_that_of_the_browser(
    visit: Visit, inbox: Inbox, context: BrowserContext
) -> None:
    """The browser speaks English, the inbox Russian, and a page may say what it likes."""
    inbox.locale = "ru"
    inbox.save()
    chat = visit(context=context)
    chat.launcher.click()
    expect(chat.panel.locator("textarea")).to_have_attribute("placeholder", "Напишите сообщение")
    said = visit({"data-lang": "ru"}, context=context)
    asked: list[str] = []
    said.page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    said.launcher.click()

    expect(said.panel.locator("textarea")).to_have_attribute("placeholder", "Напишите сообщение")
    assert asked[0] == "widget-ru.js"
    assert "widget-more.js" not in asked


def test_without_it_the_chat_goes_on(visit: Visit, context: BrowserContext, operator: Any) -> None:
    context.route(MORE, lambda route: route.abort())
    chat = visit(context=context).open()
    chat.say("See https://example.com/")
    chat.panel.get_by_role("button", name="Emoji").click()
    reply_message(user=operator, conversation=Conversation.objects.get(), body="Good day!")

    expect(chat.bubble("Good day!")).to_be_visible()
    assert chat.texts == ["See https://example.com/", "Good day!"]
    context.unroute(MORE)
    expect(chat.log.get_by_role("link")).to_be_visible()
    expect(chat.panel.get_by_role("group", name="Emoji")).to_be_visible()


def test_questions_that_do_not_come_keep_what_was_written(
    visit: Visit, inbox: Inbox, context: BrowserContext
) -> None:
    inbox.ask_name = "required"
    inbox.save()
    context.route(MORE, lambda route: route.abort())
    chat = visit(context=context).open()
    expect(chat.log).to_contain_text("Ask us about wood.")
    expect(chat.write("Hello?")).to_contain_text("Sending")
    expect(chat.bar).to_contain_text("No connection")
    assert not Message.objects.exists()
    context.unroute(MORE)
    chat.panel.get_by_label("Name").fill("Maria")
    chat.panel.get_by_role("group").get_by_role("button", name="Send").click()

    expect(chat.bubble("Hello?")).to_contain_text("Sent")
    assert Message.objects.get().body == "Hello?"
    expect(chat.bar).to_be_hidden()
