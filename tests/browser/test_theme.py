"""How sites and inboxes change the look, the words and the place of the chat."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from django_messenger.models import Conversation, Inbox
from django_messenger.services.inboxes import save_inbox
from django_messenger.services.messages import reply_message
from tests.browser.chat import Chat
from tests.browser.conftest import Visit
from tests.browser.servers import Messenger
from tests.browser.test_look import violations

pytestmark = pytest.mark.browser

DARK, LIGHT = "rgb(22, 24, 29)", "rgb(255, 255, 255)"
ARABIC = {"open": "افتح المحادثة", "close": "أغلق المحادثة", "send": "أرسل", "write": "اكتب رسالة"}


def box(chat: Chat, selector: str) -> dict[str, float]:
    """Where something is, in CSS pixels."""
    found = chat.element.locator(selector).first.bounding_box()
    assert found is not None
    return dict(found)


@pytest.mark.parametrize(
    ("theme", "scheme", "ground"),
    [
        ("auto", "dark", DARK),
        ("auto", "light", LIGHT),
        ("light", "dark", LIGHT),
        ("dark", "light", DARK),
    ],
)
def test_theme(visit: Visit, inbox: Inbox, theme: str, scheme: Any, ground: str) -> None:
    inbox.appearance = {**inbox.appearance, "theme": theme}
    save_inbox(inbox)
    chat = visit(color_scheme=scheme).open()

    expect(chat.panel).to_have_css("background-color", ground)


def test_theme_follows_the_system_while_the_chat_is_open(visit: Visit) -> None:
    chat = visit(color_scheme="light").open()
    expect(chat.panel).to_have_css("background-color", LIGHT)
    chat.page.emulate_media(color_scheme="dark")

    expect(chat.panel).to_have_css("background-color", DARK)


def test_custom_properties_and_parts(visit: Visit) -> None:
    style = """<style>
      django-messenger { --dm-accent: #4c1d95; --dm-on-accent: #fde68a; --dm-bg: #fefce8;
        --dm-fg: #1c1917; --dm-radius: 3px; --dm-font: monospace; --dm-z: 7 }
      django-messenger::part(header) { border-bottom: 3px solid #fde68a }
      django-messenger::part(launcher) { border-radius: 12px }
    </style>"""
    chat = visit(content=f"{style}<h1>Shop</h1>").open()
    header = chat.panel.locator("header")

    expect(header).to_have_css("background-color", "rgb(76, 29, 149)")
    expect(header).to_have_css("color", "rgb(253, 230, 138)")
    expect(header).to_have_css("border-bottom-width", "3px")
    expect(chat.panel).to_have_css("background-color", "rgb(254, 252, 232)")
    expect(chat.panel).to_have_css("border-radius", "3px")
    expect(chat.panel).to_have_css("font-family", "monospace")
    for each in (chat.panel, chat.launcher):
        expect(each).to_have_css("z-index", "7")
    expect(chat.launcher).to_have_css("border-radius", "12px")


def test_words_of_the_page_beat_those_of_the_inbox(visit: Visit, inbox: Inbox) -> None:
    texts = {"write": {"en": "Ask anything"}, "online": {"en": "Back at nine"}}
    inbox.appearance = {**inbox.appearance, "texts": texts}
    save_inbox(inbox)
    chat = visit({"data-strings": json.dumps({"write": "Tell us", "open": "Talk to us"})})
    expect(chat.launcher).to_have_accessible_name("Talk to us")
    chat.open()

    expect(chat.panel).to_contain_text("Back at nine")
    expect(chat.input).to_have_attribute("placeholder", "Tell us")
    expect(chat.panel).to_have_accessible_name("Ash & Chisel")


@pytest.mark.parametrize("width", [1000, 390])
def test_from_right_to_left(visit: Visit, operator: Any, width: int) -> None:
    chat = visit(
        {"data-lang": "ar", "data-strings": json.dumps(ARABIC)},
        viewport={"width": width, "height": 700},
    )
    chat.launcher.click()
    own = chat.write("مرحبا")
    expect(own.locator(".text")).to_be_visible()
    reply_message(user=operator, conversation=_conversation(chat), body="Hello")
    expect(chat.bubble("Hello")).to_be_visible()
    log = box(chat, ".log")

    assert box(chat, ".own .text")["x"] < log["x"] + log["width"] / 4
    assert box(chat, ".theirs .face")["x"] > log["x"] + log["width"] * 3 / 4
    assert box(chat, ".send")["x"] < box(chat, ".input")["x"] < box(chat, ".smile")["x"]
    assert box(chat, "header button:last-child")["x"] < box(chat, "h2")["x"]
    assert violations(chat.page) == []


def test_hosted_page(
    visit: Visit, messenger: Messenger, inbox: Inbox, context: BrowserContext
) -> None:
    page = context.new_page()
    page.goto(f"{messenger.origin}/api/widget/chat/{inbox.widget_token}/")
    chat = Chat(page)
    expect(chat.input).to_be_focused()
    assert chat.panel.bounding_box() == {"x": 0, "y": 0, "width": 1280, "height": 800}
    expect(chat.launcher).to_be_hidden()
    chat.input.press("Escape")
    expect(chat.panel).to_be_visible()
    chat.say("Hello?")
    assert violations(page) == []
    assert messenger.count("/send/") == 1
    page.reload()

    expect(chat.bubble("Hello?")).to_be_visible()


def test_top_layer(visit: Visit) -> None:
    style = "div { position: fixed; inset: 0; z-index: 2147483647; background: red }"
    cover = f"<style>{style}</style><div popover=manual id=cover></div>"
    chat = visit({"data-layer": "top"}, content=cover)
    chat.page.evaluate("document.getElementById('cover').showPopover()")
    chat.page.evaluate("DjangoMessenger.open()")
    expect(chat.input).to_be_focused()

    assert box(chat, ".launcher")["width"] == 56
    chat.say("Above everything")  # Playwright clicks and types only what nothing covers
    chat.close()


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (320, 640), (640, 360)])
def test_twice_as_large_letters(visit: Visit, operator: Any, width: int, height: int) -> None:
    chat = visit(
        content="<style>django-messenger { --dm-size: 30px }</style><h1>Shop</h1>",
        viewport={"width": width, "height": height},
    )
    chat.launcher.click()
    chat.say("Hello? " * 20)
    reply_message(user=operator, conversation=_conversation(chat), body="A" * 120)
    expect(chat.bubble("AAA")).to_be_visible()

    for part in (chat.panel, chat.log, chat.panel.locator("header")):
        assert part.evaluate("node => node.scrollWidth <= node.clientWidth")
    for name in ("Send", "Close chat", "Emoji"):
        expect(chat.panel.get_by_role("button", name=name, exact=True)).to_be_in_viewport(ratio=1)
    assert chat.log.evaluate("node => node.clientHeight") > 60


def test_keyboard_of_a_phone_leaves_the_field_in_sight(visit: Visit) -> None:
    chat = visit(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    chat.launcher.tap()
    expect(chat.input).to_be_focused()
    chat.page.evaluate("""() => {
      const view = new EventTarget();
      Object.assign(visualViewport, view);
      Object.defineProperty(visualViewport, 'height', { value: 420 });
      Object.defineProperty(visualViewport, 'offsetTop', { value: 30 });
      visualViewport.dispatchEvent(new Event('resize'));
    }""")

    assert chat.panel.bounding_box() == {"x": 0, "y": 30, "width": 390, "height": 420}
    place = chat.input.bounding_box()
    assert place is not None
    assert place["y"] + place["height"] <= 450
    assert float(chat.input.evaluate("n => parseFloat(getComputedStyle(n).fontSize)")) >= 16


def _conversation(chat: Chat) -> Conversation:
    expect(chat.own.first).to_be_visible()
    chat.page.wait_for_function(
        "Object.values(localStorage).some(text => JSON.parse(text).out?.length === 0)"
    )
    return Conversation.objects.get()
