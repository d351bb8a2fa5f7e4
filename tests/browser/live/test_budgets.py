"""How long an operator waits for the panel, on a server of the test's own."""

from __future__ import annotations

import time
from typing import Any

import pytest

from django_messenger.models import Conversation
from tests.browser.live.conftest import Open
from tests.factories import make_contact, make_conversation, make_operator, say

pytestmark = pytest.mark.browser

#: Presses a key, and returns the milliseconds until another conversation stands there.
_NEXT = """() => new Promise((done) => {
  const before = document.querySelector('#dm-talk').dataset.dmKey;
  const began = performance.now();
  new MutationObserver((_, observer) => {
    const talk = document.querySelector('#dm-talk');
    if (!talk || talk.dataset.dmKey === before) return;
    observer.disconnect();
    requestAnimationFrame(() => done(performance.now() - began));
  }).observe(document.body, {childList: true, subtree: true});
  document.body.dispatchEvent(
    new KeyboardEvent('keydown', {key: 'j', code: 'KeyJ', bubbles: true, cancelable: true}),
  );
})"""
#: Notes when a text appears in the list.
_WATCH = """(text) => {
  window.shown = new Promise((done) => {
    const look = () => document.querySelector('#dm-rows').textContent.includes(text);
    new MutationObserver((_, observer) => {
      if (!look()) return;
      observer.disconnect();
      done(Date.now());
    }).observe(
      document.querySelector('#dm-rows'), {childList: true, subtree: true, characterData: true},
    );
  });
}"""


def test_the_next_conversation_is_there_at_once(
    open_page: Open, north: Any, conversation: Conversation
) -> None:
    for number in range(12):
        other = make_conversation(conversation.inbox, make_contact(north, name=f"Visitor {number}"))
        for turn in range(30):
            say(other, f"Line {turn}")
    page = open_page(make_operator(north, name="Anna"))
    times = [page.evaluate(_NEXT) for _ in range(10)]
    # The goal is 150; a machine that serves database, server and browser on two cores takes longer.
    assert min(times) <= 400, f"milliseconds: {sorted(round(one) for one in times)}"


def test_a_row_follows_its_conversation_at_once(
    open_page: Open, north: Any, conversation: Conversation
) -> None:
    page = open_page(make_operator(north, name="Anna"))
    page.wait_for_timeout(1000)
    times = []
    for turn in range(8):
        page.evaluate(_WATCH, f"News {turn}")
        say(conversation, f"News {turn}")
        began = time.time() * 1000
        times.append(page.evaluate("shown") - began)
        page.wait_for_timeout(400)
    assert min(times) <= 300, f"milliseconds: {sorted(round(one) for one in times)}"
