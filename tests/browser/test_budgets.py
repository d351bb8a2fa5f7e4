"""What the chat may cost the page around it. Sizes: ``tests/contract/test_loader.py``."""

from __future__ import annotations

from statistics import median

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import Visit
from tests.browser.servers import Messenger

pytestmark = pytest.mark.browser

WATCH = """
  window.moved = [];
  window.long = [];
  new PerformanceObserver(list => list.getEntries().forEach(entry => {
    if (!entry.hadRecentInput) moved.push(JSON.stringify(entry.sources));
  }))
    .observe({ type: 'layout-shift', buffered: true });
  new PerformanceObserver(list => list.getEntries().forEach(entry => long.push(entry.duration)))
    .observe({ type: 'longtask', buffered: true });
"""
OPEN = """() => new Promise(resolve => {
  const start = performance.now();
  DjangoMessenger.open();
  requestAnimationFrame(() => setTimeout(() => {
    const taken = performance.now() - start;
    DjangoMessenger.close();
    resolve(taken);
  }));
})"""
SEND = """() => new Promise(resolve => {
  const root = document.querySelector('django-messenger').shadowRoot;
  const input = root.querySelector('.input');
  const before = root.querySelectorAll('.own').length;
  input.value = 'Hello?';
  input.dispatchEvent(new Event('input'));
  const start = performance.now();
  input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', cancelable: true }));
  requestAnimationFrame(() => {
    if (root.querySelectorAll('.own').length === before) throw new Error('not drawn');
    resolve(performance.now() - start);
  });
})"""


def test_requests(visit: Visit, messenger: Messenger, context: BrowserContext) -> None:
    """One while idle, two more to open, one per thing said; none asks for leave before."""
    chat = visit(context=context)
    asked: list[str] = []
    chat.page.on("request", lambda request: asked.append(request.url))
    chat.page.reload()
    assert asked.pop(0) == chat.page.url
    expect(chat.launcher).to_be_visible()
    chat.page.wait_for_timeout(500)
    assert len(asked) == 1
    chat.open()
    expect(chat.log).to_contain_text("Ask us about wood.")
    chat.page.wait_for_timeout(500)
    assert len(asked) == 3
    chat.say("Hello?")
    chat.page.wait_for_timeout(1500)
    assert not any("widget-more" in url for url in asked)
    chat.panel.get_by_role("button", name="Emoji").click()
    expect(chat.panel.get_by_role("group", name="Emoji")).to_be_visible()
    assert sum("widget-more" in url for url in asked) == 1

    # No third party, and nothing from the page itself.
    assert [url for url in asked if not url.startswith(messenger.origin)] == []
    assert "OPTIONS" not in {method for method, _, _ in messenger.requests()}
    assert messenger.count("/poll/") <= 2


def test_nothing_moves_and_nothing_blocks(visit: Visit, context: BrowserContext) -> None:
    context.add_init_script(WATCH)
    chat = visit(content="<p>Shop</p>" * 60, context=context)
    chat.launcher.hover()
    expect(chat.panel).to_be_attached()
    # Answers come later than what a browser still takes for the effect of a click.
    slow = {"offline": False, "latency": 700, "downloadThroughput": -1, "uploadThroughput": -1}
    context.new_cdp_session(chat.page).send("Network.emulateNetworkConditions", slow)
    chat.open()
    expect(chat.log).to_contain_text("Ask us about wood.")
    chat.say("Hello?")
    chat.close()

    assert chat.page.evaluate("moved") == []
    assert [duration for duration in chat.page.evaluate("long") if duration > 200] == []


def test_quick_on_a_slow_machine(visit: Visit, context: BrowserContext) -> None:
    chat = visit(context=context)
    chat.launcher.hover()
    expect(chat.panel).to_be_attached()
    context.new_cdp_session(chat.page).send("Emulation.setCPUThrottlingRate", {"rate": 4})
    taken = [chat.page.evaluate(OPEN) for _ in range(5)]
    assert median(taken) <= 150, taken
    chat.open()
    drawn = [chat.page.evaluate(SEND) for _ in range(5)]

    assert median(drawn) <= 50, drawn
