"""The operators' panel in Chromium, under a strict Content-Security-Policy."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.http import HttpRequest, HttpResponseBase
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from django_messenger.models import CannedResponse, Conversation, Inbox, Label, Message
from django_messenger.services.conversations import change_conversation
from tests.factories import (
    answer,
    make_branch,
    make_contact,
    make_conversation,
    make_inbox,
    make_operator,
    make_supervisor,
    make_user,
    say,
)

pytestmark = pytest.mark.browser

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'"
SEND = ".dm-composer__send"

GetResponse = Callable[[HttpRequest], HttpResponseBase]
Open = Callable[..., Page]


def strict_policy(get_response: GetResponse) -> GetResponse:
    """Allow our own files and nothing else."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response["Content-Security-Policy"] = f"{POLICY}; form-action 'self'; base-uri 'none'"
        return response

    return middleware


@pytest.fixture
def server(transactional_db: None, settings: Any) -> Iterator[str]:
    """The address of a real server."""
    settings.MIDDLEWARE = ["tests.browser.test_panel.strict_policy", *settings.MIDDLEWARE]
    live = LiveServer("127.0.0.1")
    yield str(live.url)
    live.stop()


@pytest.fixture
def vera(transactional_db: None) -> Any:
    branch = make_branch("North")
    make_inbox(branch, name="Website North")
    return make_supervisor(branch, name="Vera")


@pytest.fixture
def conversation(vera: Any) -> Conversation:
    """A conversation with a bit of everything."""
    branch = vera.messenger_operator.branches.get()
    inbox = make_inbox(branch, name="Shop")
    fields = {"name": "Maria", "email": "maria@example.com", "trust": "claimed"}
    contact = make_contact(branch, **fields)
    page = "https://shop.example/table"
    conversation = make_conversation(inbox, contact, body="Is oak harder?", source_url=page)
    answer(conversation, vera, "It is: https://wood.example/oak")
    answer(conversation, vera, "A regular customer", note=True)
    say(conversation, "x" * 300)
    label = Label.objects.create(name="VIP", color="#b45309")
    change_conversation(user=vera, conversation=conversation, priority="urgent", labels=[label])
    make_conversation(make_inbox(branch), contact, body="Another door")
    return conversation


@pytest.fixture
def open_page(new_context: Callable[..., BrowserContext], server: str) -> Iterator[Open]:
    """Open a page as a user, ``options`` as for the browser."""

    opened: list[BrowserContext] = []

    def go(user: Any, path: str, **options: Any) -> Page:
        client = Client()
        client.force_login(user)
        context = new_context(**options)
        value = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": value, "url": server}])
        opened.append(context)
        page = context.new_page()
        page.goto(server + path)
        return page

    yield go
    # Pages go on asking; the database is emptied next.
    for context in opened:
        context.close()
    time.sleep(0.5)


def path_of(conversation: Conversation) -> str:
    return f"/messenger/{conversation.public_id}/"


def check(page: Page) -> None:
    """Fail on what axe objects to, and on a page wider than its window."""
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], node["html"]) for rule in found for node in rule["nodes"]] == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("width", [1440, 900, 320])
@pytest.mark.parametrize(("scheme", "locale"), [("light", "en-US"), ("dark", "ru-RU")])
def test_every_screen_is_accessible(
    open_page: Open, vera: Any, conversation: Conversation, scheme: str, locale: str, width: int
) -> None:
    viewport = {"width": width, "height": 800}
    options = {"color_scheme": scheme, "locale": locale, "viewport": viewport}
    page = open_page(vera, "/messenger/", **options)
    check(page)
    page.goto(page.url + "?q=nobody")
    check(page)
    page.goto(page.url.replace("/messenger/?q=nobody", path_of(conversation)))
    check(page)
    for menu in page.locator("#dm-talk summary:visible").all():
        menu.click()
        check(page)
        page.keyboard.press("Escape")
    if width < 1200:
        page.locator(".dm-head__details").click()
        expect(page.locator("#dm-side")).to_be_visible()
        check(page)
        page.locator(".dm-side__close a").click()
        expect(page.locator("#dm-side")).to_be_hidden()
    page.locator("label[for=dm-kind-note]").click()
    for key, dialog in (("?", "#dm-keys"), ("Control+k", "#dm-palette")):
        page.keyboard.press("Escape")
        page.keyboard.press(key)
        expect(page.locator(dialog)).to_be_visible()
        check(page)
        page.keyboard.press("Escape")
    page = open_page(make_user(), "/messenger/", **options)
    check(page)


def test_a_newer_answer_of_a_colleague(
    open_page: Open, vera: Any, conversation: Conversation
) -> None:
    page = open_page(vera, path_of(conversation))
    page.locator("#dm-text").fill("Let me look")
    answer(conversation, make_supervisor(name="Clara"), "I am on it")
    # It is shown at once; the answer that was being written meanwhile is asked about, once.
    expect(page.locator(".dm-line--operator").last).to_contain_text("I am on it")
    page.locator(SEND).click()
    alert = page.locator("#dm-composer-problem")
    expect(alert).to_contain_text("I am on it")
    check(page)
    expect(page.locator("#dm-text")).to_have_value("Let me look")
    page.get_by_role("button", name="Send anyway").click()
    expect(page.locator(".dm-line--operator").last).to_contain_text("Let me look")
    expect(page.locator(".dm-line--out")).to_have_count(0)
    expect(alert).to_have_count(0)
    assert Message.objects.filter(body="Let me look").count() == 1


def test_what_happens_is_shown_beside_the_typed_text(
    open_page: Open, vera: Any, conversation: Conversation
) -> None:
    page = open_page(vera, path_of(conversation))
    page.locator("#dm-text").fill("I am just typ")
    say(conversation, "One more thing")
    expect(page.locator(".dm-line").last).to_contain_text("One more thing")
    row = page.locator(f"#dm-rows [data-dm-key='{conversation.public_id}']")
    expect(row).to_contain_text("One more thing")
    expect(page.locator("#dm-text")).to_have_value("I am just typ")
    expect(page.locator("#dm-text")).to_be_focused()

    # What has been shown counts as read: resolving asks nothing, and opens the next one.
    page.locator("#dm-actions button[value=resolve]").click()
    expect(page.locator("#dm-talk")).not_to_have_attribute(
        "data-dm-key", str(conversation.public_id)
    )
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(row).to_have_count(1)


def test_the_list_follows_without_a_reload(
    open_page: Open, vera: Any, conversation: Conversation
) -> None:
    page = open_page(vera, "/messenger/")
    rows = page.locator("#dm-rows > li")
    expect(rows).to_have_count(2)
    say(conversation, "One more thing")
    expect(rows.first).to_contain_text("One more thing")
    make_conversation(Inbox.objects.get(name="Shop"), body="Anybody home?")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("Anybody home?")
    expect(page.locator("[data-dm-count=all]")).to_have_text("3")
    change_conversation(user=vera, conversation=conversation, status="resolved")
    expect(rows).to_have_count(2)
    expect(page.locator("[data-dm-count=all]")).to_have_text("2")


def test_nothing_of_another_branch_reaches_the_browser(
    open_page: Open, vera: Any, conversation: Conversation
) -> None:
    boris = make_operator(make_branch("South"), name="Boris")
    seen: list[str] = []
    page = open_page(boris, "/messenger/")
    page.on("response", lambda response: seen.append(response.text()))
    page.reload()
    say(conversation, "A secret of the north")
    with page.expect_response(re.compile("changes/"), timeout=10_000):
        pass
    with page.expect_response(re.compile("changes/"), timeout=10_000):
        pass
    text = "".join([*seen, page.content()])
    assert "secret" not in text
    assert "Maria" not in text
    assert str(conversation.public_id) not in text
    expect(page.locator("[data-dm-count=all]")).to_have_text("0")


def test_the_day_goes_by_keyboard(open_page: Open, vera: Any, conversation: Conversation) -> None:
    page = open_page(vera, "/messenger/")
    page.keyboard.press("j")
    expect(page.locator("#dm-talk[data-dm-key]")).to_have_count(1)
    first = page.url
    expect(page.locator("#dm-name")).to_be_focused()
    page.keyboard.press("j")
    expect(page).not_to_have_url(first)
    page.keyboard.press("k")
    expect(page).to_have_url(first)
    page.go_back()
    expect(page).not_to_have_url(first)
    page.go_forward()
    expect(page).to_have_url(first)

    page.keyboard.press("m")
    expect(page.locator("#dm-head")).to_contain_text("Vera")
    page.keyboard.press("n")
    expect(page.locator("#dm-kind-note")).to_be_checked()
    page.keyboard.type("jke?")  # in a field, keys are letters
    expect(page.locator("#dm-text")).to_have_value("jke?")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".dm-line--note").last).to_contain_text("jke?")
    page.keyboard.press("Escape")

    # The same keys in a Russian layout.
    page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown',"
        " {key: 'к', code: 'KeyR', bubbles: true, cancelable: true}))"
    )
    expect(page.locator("#dm-kind-reply")).to_be_checked()
    expect(page.locator("#dm-text")).to_be_focused()
    page.keyboard.press("Escape")

    page.keyboard.press("?")
    page.get_by_role("link", name="Switch single keys off").click()
    page.get_by_label("Single keys").uncheck()
    page.get_by_role("button", name="Save").click()
    page.go_back()
    page.go_back()
    page.reload()
    url = page.url
    page.keyboard.press("j")
    page.keyboard.press("Control+k")
    expect(page.locator("#dm-palette")).to_be_visible()
    assert page.url == url
    page.keyboard.type("resol")
    page.keyboard.press("Enter")
    expect(page.locator("#dm-toasts")).to_contain_text("Resolved.")


def test_rows_are_selected_and_changed_together(
    open_page: Open, vera: Any, conversation: Conversation
) -> None:
    page = open_page(vera, "/messenger/")
    rows = page.locator("#dm-rows > li")
    page.keyboard.press("j")
    expect(rows.first.locator("[aria-current]")).to_have_count(1)
    page.keyboard.press("x")
    rows.last.hover()
    rows.last.get_by_role("checkbox").check()
    check(page)
    page.locator("#dm-bulk").get_by_role("button", name="Resolve").click()
    expect(page.locator("#dm-toasts")).to_contain_text("Done: 2.")
    expect(rows).to_have_count(1)  # what is open stays
    page.get_by_role("button", name="Undo").click()
    expect(rows).to_have_count(2)
    expect(page.locator("#dm-bulk")).to_be_hidden()


def test_prepared_answers_are_put_at_the_cursor(
    open_page: Open, vera: Any, conversation: Conversation
) -> None:
    CannedResponse.objects.create(shortcut="hi", texts={"en": "Hello {{ contact.name }}!"})
    CannedResponse.objects.create(shortcut="order", texts={"en": "About {{ order.number }}:"})
    page = open_page(vera, path_of(conversation))
    text = page.locator("#dm-text")
    text.press_sequentially("/h")
    option = page.get_by_role("option", name="/hi")
    expect(option).to_have_attribute("aria-selected", "true")
    check(page)
    text.press("Enter")
    expect(text).to_have_value("Hello Maria!")
    text.press("Home")
    text.press_sequentially("/ord")
    expect(page.get_by_role("option", name="/order")).to_be_visible()
    text.press("Enter")
    expect(text).to_have_value("About {{ order.number }}:Hello Maria!")

    # What could not be filled in is asked about once.
    text.press("Control+Enter")
    expect(page.locator("#dm-toasts")).to_contain_text("Fill in")
    expect(text).to_have_value("About {{ order.number }}:Hello Maria!")
    text.press("Control+Enter")
    expect(page.locator(".dm-line--operator").last).to_contain_text("About {{ order.number }}")


def test_typed_text_survives_leaving_and_a_note_stays_a_note(
    open_page: Open, vera: Any, conversation: Conversation
) -> None:
    page = open_page(vera, path_of(conversation))
    page.locator("label[for=dm-kind-note]").click()
    page.locator("#dm-text").fill("Not for\nthe visitor")
    page.get_by_role("button", name="Take", exact=True).click()
    expect(page.locator("#dm-head")).to_contain_text("Vera")
    page.reload()
    expect(page.locator("#dm-text")).to_have_value("Not for\nthe visitor")
    expect(page.locator("#dm-kind-note")).to_be_checked()
    page.locator("#dm-text").press("Control+Enter")
    expect(page.locator(".dm-line--note[data-dm-seq]").last).to_contain_text("Not for")
    expect(page.locator("#dm-text")).to_have_value("")
    page.reload()
    expect(page.locator("#dm-text")).to_have_value("")


def test_a_draft_follows_its_writer_to_another_computer(
    open_page: Open, vera: Any, conversation: Conversation
) -> None:
    page = open_page(vera, path_of(conversation))
    with page.expect_response(re.compile("draft/")):
        page.locator("#dm-text").fill("A long ans")
    other = open_page(vera, path_of(conversation))
    expect(other.locator("#dm-text")).to_have_value("A long ans")


def test_all_of_it_works_without_a_script(
    open_page: Open, vera: Any, conversation: Conversation
) -> None:
    page = open_page(vera, path_of(conversation), java_script_enabled=False)
    page.locator("#dm-text").fill("Good day!")
    page.locator(SEND).click()
    expect(page.locator(".dm-line--operator").last).to_contain_text("Good day!")
    page.locator("#dm-text").fill(" ")
    page.locator(SEND).click()
    expect(page.locator("#dm-composer-problem")).to_be_visible()
    page.get_by_text("Snooze", exact=True).click()
    page.get_by_role("button", name="In an hour", exact=True).click()
    expect(page.locator(".dm-chip--snoozed").first).to_be_visible()
    page.get_by_role("button", name="Resolve", exact=True).click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("The conversation is open again.")).to_be_visible()


def test_a_narrow_window_shows_one_pane_at_a_time(
    open_page: Open, vera: Any, conversation: Conversation
) -> None:
    page = open_page(vera, "/messenger/", viewport={"width": 360, "height": 740})
    page.get_by_role("link", name="Maria").first.click()
    expect(page.locator("#dm-text")).to_be_visible()
    expect(page.locator("#dm-list")).to_be_hidden()
    page.locator(".dm-head__details").click()
    expect(page.locator("#dm-side")).to_be_visible()
    page.go_back()
    expect(page.locator("#dm-side")).to_be_hidden()
    page.go_back()
    expect(page.locator("#dm-list")).to_be_visible()
    expect(page.locator("#dm-talk")).to_be_hidden()


def test_earlier_messages_come_above_and_nothing_moves(
    open_page: Open, vera: Any, conversation: Conversation
) -> None:
    for number in range(120):
        say(conversation, f"Line {number}.")
    page = open_page(vera, path_of(conversation))
    page.reload()  # now it is read, and begins at its end
    line = page.get_by_text("Line 110.", exact=True)
    line.scroll_into_view_if_needed()
    page.locator("#dm-scroll").evaluate("node => node.scrollTop += 0")
    expect(page.get_by_text("Line 50.", exact=True)).to_have_count(0)
    page.locator("#dm-older a").scroll_into_view_if_needed()
    expect(page.get_by_text("Line 89.", exact=True)).to_have_count(1)
    expect(page.get_by_text("Line 90.", exact=True)).to_be_in_viewport()
    expect(page.locator(".dm-day")).to_have_count(1)

    # Somebody who reads further up is told of what is new, and not moved.
    before = page.locator("#dm-scroll").evaluate("node => node.scrollTop")
    say(conversation, "Just in")
    expect(page.locator("#dm-below")).to_be_visible()
    assert page.locator("#dm-scroll").evaluate("node => node.scrollTop") < before
    page.locator("#dm-below").click()
    expect(page.get_by_text("Just in").last).to_be_in_viewport()


def test_what_was_typed_survives_the_end_of_the_login(
    open_page: Open, vera: Any, conversation: Conversation
) -> None:
    page = open_page(vera, path_of(conversation))
    page.locator("#dm-text").fill("A long answer")
    vera.set_password("changed")  # ends every session of hers
    vera.save()
    page.locator(SEND).click()
    page.locator("[name=username]").fill(vera.get_username())
    page.locator("[name=password]").fill("changed")
    page.locator("[name=password]").press("Enter")
    expect(page.locator("#dm-text")).to_have_value("A long answer")
    page.locator(SEND).click()
    expect(page.locator(".dm-line--operator").last).to_contain_text("A long answer")
    expect(page.locator("#dm-text")).to_have_value("")


def test_an_answer_that_came_back_after_a_lost_reply_is_not_sent_twice(
    open_page: Open, vera: Any, conversation: Conversation
) -> None:
    page = open_page(vera, path_of(conversation))
    page.locator("#dm-text").fill("Once only")
    client_id = page.locator("[name=client_id]").input_value()
    page.reload()
    assert page.locator("[name=client_id]").input_value() == client_id
    page.locator(SEND).click()
    expect(page.locator("[data-dm-seq]").last).to_contain_text("Once only")
    page.reload()
    expect(page.locator("#dm-text")).to_have_value("")
