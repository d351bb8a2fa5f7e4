"""Two operators at once on a real server that pushes, goes away and comes back."""

from __future__ import annotations

import time
from typing import Any

import pytest
from playwright.sync_api import expect

from django_messenger.models import Conversation, Message
from tests.browser.live.conftest import Open
from tests.browser.servers import Messenger
from tests.factories import (
    make_contact,
    make_conversation,
    make_operator,
    say,
)

pytestmark = pytest.mark.browser


def test_two_operators_see_each_other_at_work(
    open_page: Open, north: Any, conversation: Conversation
) -> None:
    path = f"{conversation.public_id}/"
    anna = open_page(make_operator(north, name="Anna"), path)
    clara = open_page(make_operator(north, name="Clara"), path)
    expect(anna.locator("#dm-people")).to_contain_text("Clara is looking, too")
    clara.locator("#dm-text").press_sequentially("I take care")
    expect(anna.locator("#dm-people")).to_contain_text("Clara is writing an answer")
    expect(anna.locator("#dm-rows")).to_contain_text("Clara is replying")

    clara.keyboard.press("Control+Enter")
    expect(anna.locator(".dm-line--operator")).to_contain_text("I take care")
    expect(anna.locator("#dm-head")).to_contain_text("Clara")
    expect(anna.locator("#dm-people")).not_to_contain_text("writing")

    # Both want it: one wins, the other is told who.
    anna.get_by_role("button", name="Take over").click()
    expect(clara.locator("#dm-head")).to_contain_text("Anna")
    clara.goto("about:blank")
    expect(anna.locator("#dm-people")).to_be_empty()


def test_hints_are_quick_and_idle_pages_are_quiet(
    open_page: Open, north: Any, conversation: Conversation, server: Messenger
) -> None:
    page = open_page(make_operator(north, name="Anna"))
    row = page.locator("#dm-rows > li").first
    page.wait_for_timeout(1000)
    before = len(server.log.read_text().splitlines())
    page.wait_for_timeout(4000)
    assert len(server.log.read_text().splitlines()) == before
    began = time.monotonic()
    say(conversation, "Quick!")
    expect(row).to_contain_text("Quick!")
    assert time.monotonic() - began < 3


def test_a_restart_loses_nothing_and_doubles_nothing(
    open_page: Open, north: Any, conversation: Conversation, server: Messenger
) -> None:
    page = open_page(make_operator(north, name="Anna"), f"{conversation.public_id}/")
    text = page.locator("#dm-text")
    server.stop()
    text.fill("Sent into the dark")
    text.press("Control+Enter")
    expect(page.locator(".dm-line--out")).to_contain_text("Sent into the dark")
    text.fill("Not sent yet")
    say(conversation, "Said meanwhile")
    late = make_conversation(conversation.inbox, make_contact(north, name="Late"))
    server.start()
    expect(page.locator(".dm-line--out")).to_have_count(0, timeout=30_000)
    expect(page.locator("#dm-lines")).to_contain_text("Said meanwhile", timeout=30_000)
    expect(page.locator(".dm-line--operator")).to_have_count(1)
    expect(page.locator(f"#dm-rows [data-dm-key='{late.public_id}']")).to_have_count(1)
    expect(text).to_have_value("Not sent yet")
    assert Message.objects.filter(body="Sent into the dark").count() == 1


def test_a_lost_answer_is_not_sent_twice(
    open_page: Open, north: Any, conversation: Conversation
) -> None:
    page = open_page(make_operator(north, name="Anna"), f"{conversation.public_id}/")
    lost: list[str] = []

    def swallow(route: Any) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().text())
            return route.abort()
        return route.continue_()

    page.route(f"**/messenger/{conversation.public_id}/", swallow)
    page.locator("#dm-text").fill("Once only")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".dm-line--operator[data-dm-seq]")).to_have_count(1)
    expect(page.locator(".dm-line--out")).to_have_count(0)
    page.wait_for_timeout(2500)
    assert lost
    assert Message.objects.filter(body="Once only").count() == 1
    page.reload()
    expect(page.locator("#dm-text")).to_have_value("")
