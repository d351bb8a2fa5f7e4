"""Journeys of operators from end to end: whole shifts, cut lines and closed doors."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from django_messenger.models import Conversation, Message
from django_messenger.services.availability import states_of
from django_messenger.services.conversations import assign_conversation
from tests.browser.live.conftest import Open
from tests.factories import (
    make_branch,
    make_contact,
    make_conversation,
    make_inbox,
    make_operator,
    make_supervisor,
    say,
)

pytestmark = pytest.mark.browser

#: Keeps all that the page is answered, streams included, while they are still open.
_RECORD = """
window.heard = [];
const ask = window.fetch;
window.fetch = async (...what) => {
  const answer = await ask(...what);
  (async () => {
    const reader = answer.clone().body.getReader();
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      heard.push(answer.url, decoder.decode(value, { stream: true }));
    }
  })().catch(() => {});
  return answer;
};
"""


@pytest.fixture
def anna(north: Any) -> Any:
    return make_operator(north, name="Anna")


def state(user: Any) -> str:
    operator = user.messenger_operator
    return states_of([operator])[operator.pk]


def place(page: Page, row: str) -> float:
    box = page.locator(row).bounding_box()
    assert box
    return box["y"]


def test_one_of_two_tabs_is_closed_and_the_operator_is_still_there(
    open_page: Open, anna: Any, conversation: Conversation
) -> None:
    first = open_page(anna)
    second = first.context.new_page()
    second.goto(first.url)
    expect(second.locator("#dm-rows > li")).to_have_count(1)
    assert state(anna) == "online"
    with second.expect_response("**/api/messenger/stream/"):  # it takes over
        first.close()
    for _ in range(5):
        assert state(anna) == "online"
        second.wait_for_timeout(500)
    say(conversation, "Who hears me?")
    expect(second.locator("#dm-rows")).to_contain_text("Who hears me?")


def test_a_snoozed_visitor_who_writes_is_back_at_once(
    open_page: Open, anna: Any, conversation: Conversation
) -> None:
    listed = open_page(anna, "?view=all&status=open")
    rows = listed.locator("#dm-rows > li")
    expect(rows).to_have_count(1)
    page = open_page(anna, f"{conversation.public_id}/")
    page.locator("#dm-actions summary", has_text="Snooze").click()
    page.get_by_role("button", name="In an hour").click()
    expect(page.locator("#dm-head")).to_contain_text("Snoozed")
    expect(rows).to_have_count(0)
    say(conversation, "One more thing")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("One more thing")
    expect(page.locator("#dm-head")).not_to_contain_text("Snoozed")


def test_many_are_resolved_at_once_and_brought_back(
    open_page: Open, anna: Any, north: Any, conversation: Conversation
) -> None:
    for number in range(49):
        make_conversation(conversation.inbox, make_contact(north, name=f"Visitor {number}"))
    page = open_page(anna, "?view=all&status=open")
    rows = page.locator("#dm-rows > li")
    shown = rows.count()
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST" and "presence" not in request.url:
            sent.append(request.url)

    page.on("request", note)
    last = f"#dm-rows > li[data-dm-key='{rows.nth(20).get_attribute('data-dm-key')}']"
    page.locator(last).scroll_into_view_if_needed()
    # Of those below the reader, and one who writes meanwhile: nothing moves.
    for number in (22, 23, 24):
        rows.nth(number).get_by_role("checkbox").check(force=True)
    before = place(page, last)
    make_conversation(conversation.inbox, make_contact(north, name="Late"))
    page.get_by_role("button", name="Resolve selected").click()
    expect(page.locator("#dm-toasts")).to_contain_text("Done: 3.")
    expect(rows).to_have_count(shown - 3)
    expect(page.locator("#dm-news")).to_be_visible()
    page.wait_for_timeout(300)
    assert abs(place(page, last) - before) < 60  # the bar of the selected ones goes, no row
    assert len(sent) == 1

    sent.clear()
    count = rows.count()
    page.evaluate("document.querySelectorAll('.dm-row__check').forEach(one => one.click())")
    page.get_by_role("button", name="Resolve selected").click()
    expect(page.locator("#dm-toasts")).to_contain_text(f"Done: {count}.")
    expect(rows).to_have_count(0)
    assert len(sent) == 1
    page.get_by_role("button", name="Undo").last.click()
    expect(rows).to_have_count(count)
    assert len(sent) == 2
    assert Conversation.objects.filter(status=Conversation.Status.RESOLVED).count() == 3


def test_a_colleague_elsewhere_hears_nothing_while_it_is_written(
    open_page: Open, anna: Any, conversation: Conversation
) -> None:
    south = make_branch("South")
    other = make_conversation(make_inbox(south), make_contact(south, name="Sergey"))
    page = open_page(make_operator(south, name="Boris"), f"{other.public_id}/")
    page.context.add_init_script(_RECORD)
    bodies: list[str] = []
    page.on("request", lambda request: bodies.append(request.url))
    with page.expect_response("**/api/messenger/stream/"):
        page.reload()

    writer = open_page(anna, f"{conversation.public_id}/")
    writer.locator("#dm-text").press_sequentially("The combination is 4711", delay=20)
    writer.keyboard.press("Control+Enter")
    expect(writer.locator(".dm-line--operator[data-dm-key]")).to_contain_text("4711")
    say(conversation, "Thank you for 4711")
    assign_conversation(user=anna, conversation=conversation, assignee=None, expected=anna.pk)
    say(other, "What the south may read")
    expect(page.locator("#dm-lines")).to_contain_text("What the south may read")
    page.wait_for_timeout(1500)

    heard = page.evaluate("heard.join('\\n')")
    assert "What the south may read" in heard  # it records
    assert re.search(r"event: ?hint", heard)  # the stream, too
    seen = "\n".join([heard, page.content(), page.title(), *bodies])
    for secret in ("4711", "Maria", "North", str(conversation.public_id)):
        assert secret not in seen
    expect(page.locator("[data-dm-count=all]")).to_have_text("1")
    # Neither is there a door: what is not theirs does not exist.
    for path in (f"{conversation.public_id}/", f"{conversation.public_id}/tail/"):
        answered = page.request.get(page.url.replace(f"{other.public_id}/", path))
        assert answered.status == 404
        assert "4711" not in answered.text()


def test_a_minute_without_a_network_loses_nothing_and_doubles_nothing(
    open_page: Open, anna: Any, north: Any, conversation: Conversation
) -> None:
    second = make_conversation(conversation.inbox, make_contact(north, name="Tom"))
    page = open_page(anna, f"{conversation.public_id}/")
    page.evaluate("window.unbroken = true")
    text = page.locator("#dm-text")
    toasts = page.locator("#dm-toasts")
    page.context.set_offline(True)
    text.fill("Sent into the dark")
    text.press("Control+Enter")
    expect(page.locator(".dm-line--out")).to_contain_text("Sent into the dark")
    text.fill("Not sent yet")
    say(conversation, "First meanwhile")
    say(conversation, "Second meanwhile")
    say(second, "Tom meanwhile")
    late = make_conversation(conversation.inbox, make_contact(north, name="Late"))
    expect(toasts.locator(".dm-toast--problem")).to_be_visible(timeout=30_000)
    page.wait_for_timeout(60_000)
    expect(toasts.locator(".dm-toast--problem")).to_have_count(1)

    page.context.set_offline(False)
    lines = page.locator("#dm-lines article .dm-line__body")
    said = ["Hello", "First meanwhile", "Second meanwhile", "Sent into the dark"]
    expect(lines).to_have_text(said, timeout=40_000)
    expect(toasts.locator(".dm-toast--problem")).to_have_count(0)
    expect(page.locator(".dm-line--out")).to_have_count(0)  # it does not wait for its next try
    rows = page.locator("#dm-rows > li")
    expect(rows).to_have_count(3)
    expect(rows.locator(".dm-row__name")).to_have_text(["Maria", "Late", "Tom"])
    expect(rows.nth(2)).to_contain_text("Tom meanwhile")
    assert rows.nth(1).get_attribute("data-dm-key") == str(late.public_id)
    expect(page.locator("[data-dm-count=all]")).to_have_text("3")
    expect(text).to_have_value("Not sent yet")
    assert page.evaluate("window.unbroken")
    assert Message.objects.filter(body="Sent into the dark").count() == 1
    # And it is live again.
    say(conversation, "Still there?")
    expect(lines.last).to_have_text("Still there?")


def test_who_goes_away_leaves_nobody_waiting_and_the_lead_sees_why(
    open_page: Open, anna: Any, north: Any
) -> None:
    inbox = make_inbox(north, assignment="round_robin")
    waiting = make_conversation(inbox, make_contact(north, name="Maria"))
    assign_conversation(user=anna, conversation=waiting, assignee=anna)
    lead = open_page(make_supervisor(north, name="Vera"), f"{waiting.public_id}/")
    expect(lead.locator("#dm-head")).to_contain_text("Anna")
    page = open_page(anna)
    page.get_by_label("Account").click()
    page.get_by_role("button", name="Away").click()
    expect(lead.locator("#dm-head")).not_to_contain_text("Anna")
    history = lead.locator("section", has=lead.locator("#dm-history"))
    expect(history).to_contain_text("Anna was away: it went back into the queue.")
