"""``destroy()``: the page is as it was before the widget came."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from django_messenger.models import Conversation
from django_messenger.services.messages import reply_message
from tests.browser.chat import Chat
from tests.browser.conftest import Visit
from tests.browser.test_attention import hide

pytestmark = pytest.mark.browser

#: Notes what is asked of the page itself: listeners, and channels between tabs.
SPY = """
  window.asked = [];
  window.channels = 0;
  const listen = EventTarget.prototype.addEventListener;
  EventTarget.prototype.addEventListener = function (type, listener, options) {
    const target = this ?? window;
    const outside = [window, document, document.documentElement, visualViewport];
    if (outside.includes(target) || target instanceof MediaQueryList) asked.push({ type, options });
    return listen.call(target, type, listener, options);
  };
  window.BroadcastChannel = class extends BroadcastChannel {
    constructor(name) { super(name); window.channels++; }
    close() { super.close(); window.channels--; }
  };
"""
#: Types of the listeners that are still there.
LEFT = "asked.filter(({ options }) => !options?.signal?.aborted).map(({ type }) => type)"
PAGE = '<h1>Shop</h1><a id="help" href="#helped">Help</a>'


def locks(page: Page) -> int:
    """How many Web Locks the page holds or waits for."""
    count: int = page.evaluate(
        "navigator.locks.query().then(({ held, pending }) => held.length + pending.length)"
    )
    return count


def test_destroy_leaves_the_page_as_it_was(
    visit: Visit, context: BrowserContext, operator: Any
) -> None:
    context.add_init_script(SPY)
    chat = visit({"data-open-on": "#help"}, content=PAGE, context=context)
    page = chat.page
    page.locator("#help").click()
    chat.say("Hello?")
    expect(chat.input).to_be_focused()
    assert "#helped" not in page.url
    assert {"click", "online", "storage", "visibilitychange"} <= set(page.evaluate(LEFT))
    assert (locks(page), page.evaluate("channels")) == (1, 1)
    chat.close()
    hide(page)
    reply_message(user=operator, conversation=Conversation.objects.get(), body="Good day!")
    expect(page).to_have_title("(1) Shop")
    page.evaluate("DjangoMessenger.destroy()")

    expect(page).to_have_title("Shop")
    expect(chat.element).to_have_count(0)
    assert [kind for kind in page.evaluate(LEFT) if kind != "securitypolicyviolation"] == []
    assert (locks(page), page.evaluate("channels")) == (0, 0)
    assert page.evaluate("window.DjangoMessenger") is None
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    hide(page, hidden=False)
    page.locator("#help").click()
    page.wait_for_url("**#helped")
    page.wait_for_timeout(3500)  # longer than an open chat ever waits with a question
    assert asked == []


def test_destroy_gives_the_page_its_scrolling_back(visit: Visit) -> None:
    chat = visit(viewport={"width": 360, "height": 640})
    chat.page.evaluate("document.documentElement.style.overflow = 'scroll'")
    chat.open()
    assert chat.page.evaluate("document.documentElement.style.overflow") == "hidden"
    chat.page.evaluate("DjangoMessenger.destroy()")

    assert chat.page.evaluate("document.documentElement.style.overflow") == "scroll"


def test_destroy_while_the_chat_is_on_its_way(visit: Visit, context: BrowserContext) -> None:
    chat = visit(context=context)
    held: list[Any] = []
    context.route("**/widget.js", lambda route: held.append(route))
    chat.launcher.click()
    expect(chat.launcher).to_have_attribute("aria-busy", "true")
    asked: list[str] = []
    chat.page.on("request", lambda request: asked.append(request.url))
    chat.page.evaluate("DjangoMessenger.destroy()")
    held[0].continue_()
    chat.page.wait_for_timeout(1000)

    assert asked == []
    assert Chat(chat.page).element.count() == 0
