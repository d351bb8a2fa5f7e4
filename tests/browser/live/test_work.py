"""A day's work in the panel: being called, naming colleagues, correcting, giving away."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from django_messenger.models import Conversation, Mention, SavedView
from django_messenger.selectors.preferences import Preferences
from django_messenger.services.conversations import assign_conversation
from django_messenger.services.messages import reply_message
from django_messenger.services.preferences import save_preferences
from tests.browser.live.conftest import Open
from tests.factories import (
    answer,
    make_contact,
    make_conversation,
    make_operator,
    make_supervisor,
    say,
)

pytestmark = pytest.mark.browser

#: Counts what the browser is asked for, and lets a test hide the tab.
_WATCH = """
window.last = null;
window.asked = {sounds: 0, notes: []};
const Context = window.AudioContext;
window.AudioContext = class extends Context { constructor() { super(); asked.sounds++; } };
const Note = window.Notification;
window.Notification = class extends Note {
  constructor(title, options) {
    super(title, options); asked.notes.push([title, options.body]);
    last = this;
  }
};
let hidden = false;
Object.defineProperty(document, 'hidden', {get: () => hidden});
window.hide = (value) => { hidden = value; document.dispatchEvent(new Event('visibilitychange')); };
"""


@pytest.fixture
def anna(north: Any) -> Any:
    return make_operator(north, name="Anna")


def watched(open_page: Open, user: Any) -> Page:
    page = open_page(user)
    page.context.grant_permissions(["notifications"])
    page.context.add_init_script(_WATCH)
    with page.expect_response("**/api/messenger/stream/"):
        page.reload()
    page.locator("#dm-list-scroll").click()  # browsers are silent before the first gesture
    return page


def test_who_looks_elsewhere_is_called(
    open_page: Open,
    anna: Any,
    conversation: Conversation,
) -> None:
    save_preferences(user=anna, preferences=Preferences(sound=True, notify=True))
    page = watched(open_page, anna)
    page.evaluate("hide(true)")
    say(conversation, "Are you there?")
    expect(page).to_have_title("(1) All · Messenger")
    assert page.evaluate("asked") == {"sounds": 1, "notes": [["Maria", "Are you there?"]]}
    page.evaluate("last.onclick()")
    page.evaluate("hide(false)")
    expect(page.locator("#dm-name")).to_have_text("Maria")
    expect(page).to_have_title("Maria · Messenger")


def test_nobody_is_called_for_a_colleagues_visitor_or_without_wanting_it(
    open_page: Open,
    anna: Any,
    north: Any,
    conversation: Conversation,
) -> None:
    clara = make_operator(north, name="Clara")
    assign_conversation(user=clara, conversation=conversation, assignee=clara)
    other = make_conversation(conversation.inbox, make_contact(north, name="Tom"))
    page = watched(open_page, anna)
    page.evaluate("hide(true)")
    say(conversation, "For Clara")
    say(other, "For anybody")
    expect(page).to_have_title("(1) All · Messenger")
    assert page.evaluate("asked") == {"sounds": 0, "notes": []}


def test_who_is_named_is_called(
    open_page: Open, anna: Any, north: Any, conversation: Conversation
) -> None:
    save_preferences(user=anna, preferences=Preferences(notify=True))
    clara = make_operator(north, name="Clara")
    assign_conversation(user=clara, conversation=conversation, assignee=clara)
    page = watched(open_page, anna)
    page.evaluate("hide(true)")
    reply_message(user=clara, conversation=conversation, body="@Anna please look", note=True)
    expect(page).to_have_title("(1) All · Messenger")
    assert page.evaluate("asked.notes") == [["Maria", "@ You are named"]]


def test_a_colleague_is_named_by_keyboard(
    open_page: Open,
    anna: Any,
    north: Any,
    conversation: Conversation,
) -> None:
    clara = make_operator(north, name="Clara Maria")
    page = open_page(anna, f"{conversation.public_id}/")
    page.keyboard.press("n")
    page.keyboard.type("Please look, @cla")
    expect(page.locator("#dm-picker [role=option]")).to_have_text(["@Clara Maria"])
    page.keyboard.press("Enter")
    page.keyboard.type("when you can")
    page.keyboard.press("Control+Enter")
    note = page.locator(".dm-line--note[data-dm-key]")
    expect(note).to_contain_text("@Clara Maria when you can")
    assert Mention.objects.get().user == clara
    # In an answer to the visitor an address is an address.
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    page.keyboard.type("write to @cla")
    expect(page.locator("#dm-picker")).to_be_hidden()


def test_a_correction_reaches_everybody_who_looks(
    open_page: Open,
    anna: Any,
    north: Any,
    conversation: Conversation,
) -> None:
    answer(conversation, anna, "Helo")
    path = f"{conversation.public_id}/"
    page, other = open_page(anna, path), open_page(make_operator(north, name="Clara"), path)
    line = page.locator(".dm-line--operator")
    line.hover()
    line.get_by_text("Edit").click()
    line.get_by_label("Text").fill("Hello")
    line.get_by_role("button", name="Save").click()
    expect(page.locator("#dm-toasts")).to_contain_text("The message is changed.")
    for one in (page, other):
        expect(one.locator(".dm-line--operator .dm-line__body")).to_have_text("Hello")
        expect(one.locator(".dm-line--operator .dm-line__head")).to_contain_text("edited")
    line.hover()
    line.locator("summary", has_text="Remove").click()
    line.get_by_role("button", name="Remove").click()
    for one in (page, other):
        expect(one.locator(".dm-line--operator")).to_contain_text("This message was removed.")


def test_a_refused_correction_keeps_what_was_typed(
    open_page: Open,
    anna: Any,
    conversation: Conversation,
) -> None:
    answer(conversation, anna, "Helo")
    page = open_page(anna, f"{conversation.public_id}/")
    line = page.locator(".dm-line--operator")
    line.hover()
    line.get_by_text("Edit").click()
    line.get_by_label("Text").fill("x" * 3000)
    line.get_by_role("button", name="Save").click()
    expect(page.locator("#dm-toasts [role=alert]")).to_be_visible()
    expect(line.get_by_label("Text")).to_have_value("x" * 3000)


def test_the_count_of_a_saved_view_is_live(
    open_page: Open,
    anna: Any,
    north: Any,
    conversation: Conversation,
) -> None:
    SavedView.objects.create(user=anna, name="Queue", query={"assignee": "none"})
    page = open_page(anna)
    count = page.locator(".dm-view--saved .dm-count")
    expect(count).to_have_text("1")
    make_conversation(conversation.inbox, make_contact(north, name="Tom"))
    expect(count).to_have_text("2")
    page.locator(".dm-view--saved").click()
    expect(page.locator(".dm-view[aria-current]")).to_contain_text("Queue")
    expect(page.locator("#dm-rows > li")).to_have_count(2)
    page.locator("#dm-rows .dm-row__link").first.click()
    expect(page.locator(".dm-view[aria-current]")).to_contain_text("Queue")


def test_an_operator_gives_the_customer_to_a_colleague_with_a_word(
    open_page: Open,
    anna: Any,
    north: Any,
    conversation: Conversation,
) -> None:
    page = open_page(make_supervisor(north, name="Vera"), f"{conversation.public_id}/")
    other = open_page(anna)
    page.get_by_label("Assign to").select_option(label="Anna")
    page.get_by_text("With a word to colleague and visitor").click()
    page.get_by_label("Note for the colleague").fill("knows oak")
    page.get_by_role("button", name="Assign").click()
    expect(page.locator("#dm-toasts")).to_contain_text("Assigned to Anna.")
    expect(page.locator(".dm-line--note")).to_contain_text("@Anna knows oak")
    expect(other.locator("#dm-rows")).to_contain_text("You are named")
