"""What the two sides notice of one another: typing, titles, sounds, notifications."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from django_messenger.models import Conversation
from django_messenger.services.messages import reply_message
from django_messenger.services.presence import note_operator, people_at
from tests.browser.chat import Chat
from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

HIDE = """hidden => {
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event('visibilitychange'));
}"""
SPY = """
  window.tones = 0;
  window.notes = [];
  const play = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (at) { window.tones++; play.call(this, at); };
  window.Notification = class {
    static permission = 'default';
    static async requestPermission() { return (Notification.permission = 'granted'); }
    constructor(title, { body }) { window.notes.push(`${title}: ${body}`); }
    close() {}
  };
"""


def answer(operator: Any, text: str) -> None:
    reply_message(user=operator, conversation=Conversation.objects.get(), body=text)


def hide(page: Page, *, hidden: bool = True) -> None:
    """Let the page believe that its tab is not shown."""
    page.evaluate(HIDE, hidden)


@pytest.fixture
def spied(visit: Visit, context: BrowserContext) -> Chat:
    """A chat whose sounds and notifications are counted."""
    context.add_init_script(SPY)
    chat = visit(context=context).open()
    chat.say("Hello?")
    return chat


def test_the_visitor_sees_the_operator_typing(chat: Chat, operator: Any) -> None:
    chat.open().say("Hello?")
    line = chat.panel.locator(".typing")
    conversation = Conversation.objects.get()
    note_operator(user=operator, conversation=conversation, typing=True, viewing=True)
    expect(line).to_have_text("Anna is typing…")
    height = chat.log.evaluate("node => node.clientHeight")
    note_operator(user=operator, conversation=conversation, typing=False, viewing=True)

    expect(line).to_have_text("")
    assert chat.log.evaluate("node => node.clientHeight") == height  # nothing jumps


def test_typing_that_nobody_ends_goes_away(chat: Chat, operator: Any) -> None:
    chat.open().say("Hello?")
    conversation = Conversation.objects.get()
    note_operator(user=operator, conversation=conversation, typing=True, viewing=True)
    expect(chat.panel.locator(".typing")).to_have_text("Anna is typing…")

    expect(chat.panel.locator(".typing")).to_have_text("")


def test_the_operator_sees_the_visitor_typing(chat: Chat) -> None:
    asked: list[str] = []
    chat.page.on("request", lambda r: asked.append(r.url) if r.url.endswith("/typing/") else None)
    chat.open()
    chat.input.press_sequentially("First words")
    assert asked == []  # there is nobody yet who could see it
    chat.input.press("Enter")
    expect(chat.own).to_contain_text("Sent")
    conversation = Conversation.objects.get()
    with chat.page.expect_response("**/typing/"):
        chat.input.press_sequentially("More")
    assert people_at(conversation).visitor_types
    with chat.page.expect_response("**/typing/"):
        chat.input.fill("")

    assert not people_at(conversation).visitor_types
    assert len(asked) == 2


def test_the_title_counts_while_the_tab_is_hidden(chat: Chat, operator: Any) -> None:
    chat.open().say("Hello?")
    hide(chat.page)
    answer(operator, "One")
    answer(operator, "Two")
    chat.page.wait_for_function("document.title === '(2) Shop'")
    expect(chat.badge).to_have_text("2")
    hide(chat.page, hidden=False)

    chat.page.wait_for_function("document.title === 'Shop'")
    expect(chat.badge).to_be_hidden()


def test_a_title_that_the_page_has_changed_is_left_alone(chat: Chat, operator: Any) -> None:
    chat.open().say("Hello?")
    hide(chat.page)
    answer(operator, "One")
    chat.page.wait_for_function("document.title === '(1) Shop'")
    chat.page.evaluate("void (document.title = 'Basket')")
    hide(chat.page, hidden=False)

    assert chat.page.title() == "Basket"


def test_sound_for_an_answer_unless_muted(spied: Chat, operator: Any) -> None:
    page = spied.page
    answer(operator, "Seen")
    expect(spied.bubble("Seen")).to_be_visible()
    assert page.evaluate("tones") == 0  # the visitor is looking
    spied.close()
    answer(operator, "First")
    page.wait_for_function("tones === 2")
    answer(operator, "Second")
    expect(spied.badge).to_have_text("2")
    assert page.evaluate("tones") == 2  # not again within three seconds
    spied.open()
    spied.panel.get_by_role("button", name="Sound and notifications").click()
    spied.panel.get_by_role("checkbox", name="Sound").uncheck()
    spied.close()
    page.wait_for_timeout(3000)
    answer(operator, "Third")
    expect(spied.badge).to_have_text("1")

    assert page.evaluate("tones") == 2


def test_notifications_only_on_request(spied: Chat, operator: Any) -> None:
    page = spied.page
    hide(page)
    answer(operator, "Unnoticed")
    expect(spied.badge).to_have_text("1")
    hide(page, hidden=False)
    assert page.evaluate("[Notification.permission, ...notes]") == ["default"]
    spied.panel.get_by_role("button", name="Sound and notifications").click()
    spied.panel.get_by_role("checkbox", name="Notifications").check()
    expect(spied.panel.get_by_role("checkbox", name="Notifications")).to_be_checked()
    hide(page)
    answer(operator, "Look here")
    page.wait_for_function("notes.length === 1")
    assert page.evaluate("notes") == ["Anna: Look here"]
    hide(page, hidden=False)
    spied.panel.get_by_role("checkbox", name="Notifications").uncheck()
    hide(page)
    answer(operator, "Quiet, please")
    expect(spied.badge).to_have_text("1")

    assert page.evaluate("notes.length") == 1


def test_what_was_said_before_the_page_makes_no_noise(spied: Chat, operator: Any) -> None:
    spied.close()
    answer(operator, "While you were away")
    spied.page.goto("about:blank")
    spied.page.go_back()
    expect(spied.badge).to_have_text("1")

    assert spied.page.evaluate("tones") == 0


def test_emoji(chat: Chat) -> None:
    chat.open()
    chat.input.fill("Thank you!")
    chat.input.press("Home")
    button = chat.panel.get_by_role("button", name="Emoji")
    button.click()
    grid = chat.panel.get_by_role("group", name="Emoji")
    expect(grid.get_by_role("button").first).to_be_focused()
    chat.page.keyboard.press("ArrowRight")
    chat.page.keyboard.press("ArrowDown")
    expect(grid.get_by_role("button").nth(9)).to_be_focused()
    chat.page.keyboard.press("Escape")
    expect(grid).to_be_hidden()
    expect(button).to_be_focused()
    expect(chat.panel).to_be_visible()
    button.click()
    chat.page.keyboard.press("Enter")

    expect(chat.input).to_have_value("😀Thank you!")
    expect(chat.input).to_be_focused()
