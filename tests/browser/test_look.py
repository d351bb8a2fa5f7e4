"""How the widget looks and reads, in two languages and for everybody."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from django_messenger.models import Conversation, Inbox
from django_messenger.services.conversations import change_conversation
from django_messenger.services.inboxes import save_inbox
from django_messenger.services.messages import reply_message
from django_messenger.services.presence import note_operator
from tests.browser.chat import Chat
from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

CORS = {"Access-Control-Allow-Origin": "*"}


def violations(page: Page) -> list[str]:
    """What axe objects to, best practice included."""
    found = Axe().run(page).response
    assert found["testEngine"]["name"] == "axe-core"
    return [
        f"{rule['id']}: {node['html'][:200]} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("lang", ["en", "ru"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_accessibility(
    visit: Visit, inbox: Inbox, operator: Any, lang: str, scheme: str, width: int
) -> None:
    """Every state of the chat, as far as a machine can judge."""
    inbox.ask_name, inbox.ask_email, inbox.ask_consent = "optional", "required", True
    save_inbox(inbox)
    viewport = {"width": width, "height": 780}
    chat = visit({"data-lang": lang}, color_scheme=scheme, viewport=viewport)
    found = Found(chat.page)
    expect(chat.launcher).to_be_visible()
    found.look("launcher")
    chat.launcher.click()
    expect(chat.panel.locator("[type=email]")).to_be_visible()
    chat.write("See https://example.com/")
    found.look("questions")
    chat.panel.locator("[type=email]").fill("maria@example.com")
    chat.panel.locator("[type=checkbox]").last.check()
    chat.send_button.click()
    expect(chat.panel.locator(".meta")).to_contain_text("·")
    conversation = Conversation.objects.get()
    reply_message(user=operator, conversation=conversation, body="Look at https://example.com/")
    note_operator(user=operator, conversation=conversation, typing=True, viewing=True)
    expect(chat.panel.locator(".typing")).to_contain_text("Anna")
    chat.panel.locator(".bell").click()
    chat.panel.locator(".smile").click()
    found.look("talk")
    chat.page.keyboard.press("Escape")
    chat.page.keyboard.press("Escape")
    chat.page.route("**/send/", lambda route: route.fulfill(status=413, json={}, headers=CORS))
    expect(chat.write("Refused").get_by_role("button")).to_have_count(2)
    limited = {**CORS, "Retry-After": "60", "Access-Control-Expose-Headers": "Retry-After"}
    chat.page.unroute("**/send/")
    chat.page.route("**/send/", lambda route: route.fulfill(status=429, json={}, headers=limited))
    chat.write("Too fast")
    expect(chat.bar).to_be_visible()
    chat.input.fill("Too long " * 300)
    expect(chat.hint).to_contain_text("700")
    found.look("trouble")
    change_conversation(user=operator, conversation=conversation, status="resolved")
    chat.panel.locator(".star").nth(3).click()
    found.look("ended")
    chat.panel.locator(".main").last.click()
    expect(chat.panel.get_by_role("radio")).to_have_count(0)
    found.look("rated")

    assert found.problems == []


class Found:
    """What axe objects to in the states of one page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.problems: list[str] = []

    def look(self, state: str) -> None:
        """Judge the page as it is now."""
        self.problems += [f"{state}: {problem}" for problem in violations(self.page)]


def test_russian(visit: Visit, operator: Any) -> None:
    chat = visit({"data-lang": "ru"})
    expect(chat.launcher).to_have_accessible_name("Открыть чат")
    chat.open()
    expect(chat.panel).to_have_accessible_name("Ясень и стамеска")
    expect(chat.log).to_contain_text("Спросите про дерево.")
    bubble = chat.write("Есть ясень?")
    expect(bubble).to_contain_text("Отправлено")
    for length, words in ((2001, "1 символ"), (2003, "3 символа"), (2012, "12 символов")):
        chat.input.fill("я" * length)
        expect(chat.hint).to_have_text(f"Длиннее на {words}")
    chat.input.fill("")
    chat.close_by("Закрыть чат")
    for body in ("Раз", "Два"):
        reply_message(user=operator, conversation=Conversation.objects.get(), body=body)

    expect(chat.launcher).to_have_accessible_name("Открыть чат. 2 непрочитанных сообщения")


@pytest.mark.parametrize(
    ("attribute", "inbox_locale", "preferred", "expected"),
    [
        ("", "", "ru-RU", "Открыть чат"),
        ("", "ru", "en-US", "Открыть чат"),
        ("en", "ru", "ru-RU", "Open chat"),
        ("de", "", "ru-RU", "Open chat"),
    ],
)
def test_language(
    visit: Visit, inbox: Inbox, attribute: str, inbox_locale: str, preferred: str, expected: str
) -> None:
    inbox.locale = inbox_locale
    save_inbox(inbox)
    chat = visit({"data-lang": attribute} if attribute else {}, locale=preferred)
    chat.open()
    chat.input.press("Escape")

    expect(chat.launcher).to_have_accessible_name(expected)


def test_attributes_of_the_tag(visit: Visit) -> None:
    look = {"data-title": "Ask us", "data-position": "left", "data-color": "#b91c1c"}
    chat = visit(look, viewport={"width": 1000, "height": 700})
    box = chat.launcher.bounding_box()
    assert box is not None
    assert (box["x"], box["width"], box["height"]) == (20, 56, 56)
    assert _background(chat) == "rgb(185, 28, 28)"
    chat.open()

    expect(chat.panel).to_have_accessible_name("Ask us")
    expect(chat.log).to_contain_text("Ask us about wood.")
    assert _background(chat) == "rgb(15, 118, 110)"  # the inbox knows better


def test_pale_colour_gets_dark_letters(visit: Visit, inbox: Inbox) -> None:
    inbox.appearance = {"color": "#fde047"}
    save_inbox(inbox)
    chat = visit().open()

    expect(chat.launcher).to_have_css("background-color", "rgb(253, 224, 71)")
    expect(chat.launcher).to_have_css("color", "rgb(0, 0, 0)")


def test_forced_colours_show_edges(visit: Visit) -> None:
    chat = visit(forced_colors="active").open()
    chat.say("Hello?")

    for part in (chat.launcher, chat.panel, chat.own.locator(".text")):
        assert part.evaluate("node => getComputedStyle(node).borderTopStyle") == "solid"


def test_motion_only_for_those_who_like_it(visit: Visit) -> None:
    for preference, name in (("reduce", "none"), ("no-preference", "dm-in")):
        chat = visit(reduced_motion=preference).open()
        assert chat.panel.evaluate("node => getComputedStyle(node).animationName") == name


def _background(chat: Chat) -> str:
    return str(chat.launcher.evaluate("node => getComputedStyle(node).backgroundColor"))
