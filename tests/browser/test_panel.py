"""The operators' panel in Chromium, under a strict Content-Security-Policy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.http import HttpRequest, HttpResponseBase
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from django_messenger.models import Conversation, Label
from django_messenger.services.conversations import change_conversation
from tests.factories import (
    answer,
    make_branch,
    make_contact,
    make_conversation,
    make_inbox,
    make_supervisor,
    make_user,
    say,
)

pytestmark = pytest.mark.browser

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'"
SEND = ".dm-composer__end button"

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
def open_page(new_context: Callable[..., BrowserContext], server: str) -> Open:
    """Open a page as a user, ``options`` as for the browser."""

    def go(user: Any, path: str, **options: Any) -> Page:
        client = Client()
        client.force_login(user)
        context = new_context(**options)
        value = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": value, "url": server}])
        page = context.new_page()
        page.goto(server + path)
        return page

    return go


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
    for menu in page.locator("summary").all():
        menu.click()
        check(page)
    page.locator("label[for=dm-kind-note]").click()
    page.locator(SEND).click()
    expect(page.get_by_role("alert")).to_be_visible()
    check(page)
    expect(page.locator("#dm-text")).to_be_focused()
    page.locator("button[value=resolve]").click()
    expect(page.locator("button[value=reopen]")).to_be_visible()
    check(page)
    page = open_page(make_user(), "/messenger/", **options)
    check(page)


def test_a_newer_answer_of_a_colleague(
    open_page: Open, vera: Any, conversation: Conversation
) -> None:
    page = open_page(vera, path_of(conversation))
    answer(conversation, make_supervisor(name="Clara"), "I am on it")
    page.locator("#dm-text").fill("Let me look")
    page.locator(SEND).click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("I am on it")
    check(page)
    page.get_by_role("link", name="Keep editing").click()
    expect(page.locator("#dm-text")).to_have_value("Let me look")
    page.get_by_role("button", name="Send anyway").click()
    expect(page.locator(".dm-line--operator").last).to_contain_text("Let me look")
    expect(alert).to_have_count(0)


def test_a_new_message_is_announced_and_shown_beside_the_typed_text(
    open_page: Open, vera: Any, conversation: Conversation
) -> None:
    page = open_page(vera, "/messenger/")
    page.clock.install()
    page.goto(page.url.replace("/messenger/", path_of(conversation)))
    page.locator("#dm-text").fill("I am just typ")
    say(conversation, "One more thing")
    page.clock.run_for(10_500)
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".dm-line").last).to_contain_text("One more thing")
    expect(page.locator("#dm-text")).to_have_value("I am just typ")
    expect(page.get_by_role("button", name="Show")).to_have_count(0)

    # What has been shown counts as read: resolving asks nothing.
    page.locator("button[value=resolve]").click()
    expect(page.locator("button[value=reopen]")).to_be_visible()


def test_the_list_announces_new_messages_once(
    open_page: Open, vera: Any, conversation: Conversation
) -> None:
    page = open_page(vera, "/messenger/")
    page.clock.install()
    page.reload()
    page.clock.run_for(10_500)
    show = page.get_by_role("button", name="Show")
    expect(show).to_have_count(0)
    say(conversation, "One more thing")
    page.clock.run_for(10_500)
    expect(show).to_have_count(1)
    page.clock.run_for(10_500)
    show.click()
    expect(page.locator(".dm-row").first).to_contain_text("One more thing")
    page.clock.run_for(10_500)
    expect(show).to_have_count(0)


def test_typed_text_survives_leaving_and_a_note_stays_a_note(
    open_page: Open, vera: Any, conversation: Conversation
) -> None:
    page = open_page(vera, path_of(conversation))
    page.locator("label[for=dm-kind-note]").click()
    page.locator("#dm-text").fill("Not for\nthe visitor")
    page.get_by_role("button", name="Take", exact=True).click()
    expect(page.locator("#dm-text")).to_have_value("Not for\nthe visitor")
    expect(page.locator("#dm-kind-note")).to_be_checked()
    page.locator("#dm-text").press("Control+Enter")
    expect(page.locator(".dm-line--note").last).to_contain_text("Not for")
    expect(page.locator("#dm-text")).to_have_value("")
    page.reload()
    expect(page.locator("#dm-text")).to_have_value("")


def test_all_of_it_works_without_a_script(
    open_page: Open, vera: Any, conversation: Conversation
) -> None:
    page = open_page(vera, path_of(conversation), java_script_enabled=False)
    page.locator("#dm-text").fill("Good day!")
    page.locator(SEND).click()
    expect(page.locator(".dm-line--operator").last).to_contain_text("Good day!")
    page.get_by_text("Snooze", exact=True).click()
    page.get_by_role("button", name="In an hour").click()
    expect(page.locator(".dm-chip--snoozed").first).to_be_visible()
    page.get_by_role("button", name="Resolve").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("The conversation is open again.")).to_be_visible()


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
    expect(page.locator(".dm-line--operator").last).to_contain_text("Once only")
    page.reload()
    expect(page.locator("#dm-text")).to_have_value("")
