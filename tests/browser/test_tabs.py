"""One line to the server per browser, and every tab knows what it says."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from django_messenger.models import Conversation, Inbox, Message
from django_messenger.services.messages import reply_message
from tests.browser.chat import Chat
from tests.browser.conftest import Visit
from tests.browser.servers import UNLIMITED, Messenger

pytestmark = pytest.mark.browser

LEADS = """async () => {
  const { held } = await navigator.locks.query();
  return held.some(lock => lock.name.endsWith(':lead'));
}"""


@pytest.fixture
def second(chat: Chat, context: BrowserContext) -> Chat:
    """Another tab with the chat open, after the first one has said something."""
    chat.open().say("From the first tab")
    page = context.new_page()
    page.goto(chat.page.url)
    other = Chat(page)
    expect(other.bubble("From the first tab")).to_be_visible()
    return other


def answer(operator: Any, text: str) -> None:
    reply_message(user=operator, conversation=Conversation.objects.get(), body=text)


def wait_for_stream(messenger: Messenger, number: int) -> None:
    """Until so many streams have been opened."""
    until = time.monotonic() + 15
    while messenger.count("/stream/") < number and time.monotonic() < until:
        time.sleep(0.05)
    assert messenger.count("/stream/") == number


def test_hints_bring_answers_at_once(chat: Chat, messenger: Messenger, operator: Any) -> None:
    chat.open().say("Hello?")
    wait_for_stream(messenger, 1)
    chat.page.wait_for_timeout(1100)
    polls = messenger.count("/poll/")
    answer(operator, "Good afternoon!")

    expect(chat.bubble("Good afternoon!")).to_be_visible(timeout=2000)
    assert messenger.count("/poll/") - polls <= 2


def test_two_tabs_hold_one_stream(
    chat: Chat, second: Chat, messenger: Messenger, operator: Any
) -> None:
    wait_for_stream(messenger, 1)
    second.say("From the second tab")
    expect(chat.bubble("From the second tab")).to_be_visible()
    answer(operator, "To both of you")
    for each in (chat, second):
        expect(each.bubble("To both of you")).to_be_visible()
    second.page.wait_for_timeout(3500)  # longer than a tab with an open chat waits for news

    assert messenger.count("/stream/") == 1
    assert chat.texts == second.texts
    assert Message.objects.count() == 3


def test_leadership_moves_on(chat: Chat, second: Chat, messenger: Messenger, operator: Any) -> None:
    wait_for_stream(messenger, 1)
    chat.page.close()
    wait_for_stream(messenger, 2)
    answer(operator, "Are you still there?")

    expect(second.bubble("Are you still there?")).to_be_visible()
    second.say("Yes")
    assert second.texts == ["From the first tab", "Are you still there?", "Yes"]


def test_a_leader_that_is_asleep_is_replaced(
    chat: Chat, messenger: Messenger, operator: Any, inbox: Inbox
) -> None:
    """A tab that the browser has frozen keeps its lock, and neither asks nor answers."""
    chat.page.evaluate(
        "name => void navigator.locks.request(name, () => new Promise(() => {})).catch(() => {})",
        f"dm:{inbox.widget_token}:lead",
    )
    chat.open().say("Hello?")
    answer(operator, "Good afternoon!")

    expect(chat.bubble("Good afternoon!")).to_be_visible()
    wait_for_stream(messenger, 1)


def test_a_page_in_the_cache_of_the_browser_lets_go(chat: Chat, messenger: Messenger) -> None:
    chat.open().say("Hello?")
    wait_for_stream(messenger, 1)
    assert chat.page.evaluate(LEADS)
    leave(chat.page, "pagehide")
    assert not chat.page.evaluate(LEADS)
    leave(chat.page, "pageshow")
    wait_for_stream(messenger, 2)

    assert chat.page.evaluate(LEADS)
    chat.say("Back again")


def leave(page: Page, event: str) -> None:
    """What pages hear when they go into the back/forward cache, and come back."""
    page.evaluate("type => dispatchEvent(new PageTransitionEvent(type, {persisted: true}))", event)
    page.wait_for_timeout(100)


def test_under_wsgi_it_asks(
    start_messenger: Callable[..., Messenger], visit: Visit, operator: Any
) -> None:
    messenger = start_messenger(wsgi=True, **UNLIMITED)
    chat = visit(messenger=messenger).open()
    chat.say("Hello?")
    wait_for_stream(messenger, 1)
    answer(operator, "Good afternoon!")
    expect(chat.bubble("Good afternoon!")).to_be_visible()
    answer(operator, "Anything else?")
    expect(chat.bubble("Anything else?")).to_be_visible()

    assert messenger.count("/stream/") == 1  # told once that there are none
    chat.page.reload()
    expect(chat.bubble("Anything else?")).to_be_visible()
    assert chat.texts == ["Hello?", "Good afternoon!", "Anything else?"]


def test_without_streams_two_tabs_ask_like_one(
    start_messenger: Callable[..., Messenger], visit: Visit, operator: Any, context: BrowserContext
) -> None:
    messenger = start_messenger(wsgi=True, **UNLIMITED)
    chats = [visit(messenger=messenger, context=context).open() for _ in range(2)]
    chats[0].say("Hello?")
    answer(operator, "Good afternoon!")
    for each in chats:
        expect(each.bubble("Good afternoon!")).to_be_visible()
    polls = messenger.count("/poll/")
    chats[0].page.wait_for_timeout(4500)

    assert 1 <= messenger.count("/poll/") - polls <= 2
