"""The settings in Chromium, under a strict Content-Security-Policy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponseBase
from django.test import Client
from playwright.sync_api import Browser, FrameLocator, Page, expect
from pytest_django.live_server_helper import LiveServer

from django_messenger.models import CannedResponse, Inbox, Label, Visitor
from django_messenger.selectors.preferences import Preferences, preferences_of
from tests.browser.test_panel import Open, check, open_page
from tests.factories import make_branch, make_inbox, make_operator, make_supervisor, make_user

pytestmark = pytest.mark.browser

__all__ = ["open_page"]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
    " frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SETTINGS = "/messenger/settings/"

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def strict_policy(get_response: GetResponse) -> GetResponse:
    """Allow our own files and frames and nothing else, on pages that say nothing themselves."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response

    return middleware


@pytest.fixture
def server(transactional_db: None, settings: Any) -> Iterator[str]:
    """The address of a real server."""
    settings.MIDDLEWARE = ["tests.browser.test_settings.strict_policy", *settings.MIDDLEWARE]
    live = LiveServer("127.0.0.1")
    yield str(live.url)
    live.stop()


@pytest.fixture
def vera(transactional_db: None) -> Any:
    return make_supervisor(make_branch("North"), name="Vera")


@pytest.fixture
def inbox(vera: Any) -> Inbox:
    branch = vera.messenger_operator.branches.get()
    look = {"color": "#0f766e", "title": {"en": "Ask us"}}
    return make_inbox(branch, name="Website North", appearance=look)


def url_of(inbox: Inbox, part: str) -> str:
    return f"{SETTINGS}inboxes/{inbox.public_id}/{part}/"


def chat_in(page: Page) -> FrameLocator:
    return page.frame_locator(".dm-preview__frame")


def color_of(chat: FrameLocator) -> str:
    script = "node => getComputedStyle(node).backgroundColor"
    return str(chat.locator(".launcher").evaluate(script))


@pytest.mark.parametrize("width", [1440, 900, 360])
@pytest.mark.parametrize(("scheme", "locale"), [("light", "en-US"), ("dark", "ru-RU")])
def test_every_page_is_accessible(
    open_page: Open, vera: Any, inbox: Inbox, scheme: str, locale: str, width: int
) -> None:
    label = Label.objects.create(branch=inbox.branch, name="VIP", color="#b45309")
    answer = CannedResponse.objects.create(
        branch=inbox.branch, shortcut="hello", texts={"en": "Hello"}
    )
    anna = make_operator(inbox.branch, name="Anna").messenger_operator
    viewport = {"width": width, "height": 900}
    page = open_page(vera, SETTINGS, color_scheme=scheme, locale=locale, viewport=viewport)
    check(page)
    start = page.url
    parts = ("general", "appearance", "texts", "before", "sites", "assignment", "identity")
    paths = [url_of(inbox, part).removeprefix(SETTINGS) for part in (*parts, "install")]
    paths += ["inboxes/", "inboxes/new/", "canned/", f"canned/{answer.pk}/", "labels/"]
    paths += [f"labels/{label.pk}/", "operators/", f"operators/{anna.pk}/", "operators/new/"]
    for path in [*paths, "branches/", "canned/?q=nothing"]:
        page.goto(start + path)
        expect(page.locator("h1")).to_have_count(1)
        check(page)
    page.goto(f"{start}labels/new/")
    page.locator("form[method=post] .dm-button--main").last.click()
    check(page)


def test_a_problem_stands_beside_its_field(open_page: Open, vera: Any, inbox: Inbox) -> None:
    page = open_page(vera, url_of(inbox, "sites"))
    page.get_by_label("Allowed sites").fill("example.com")
    page.get_by_role("button", name="Save").click()
    field = page.get_by_label("Allowed sites")
    expect(field).to_have_value("example.com")
    assert field.get_attribute("aria-invalid") == "true"
    assert "id_allowed_origins_error" in (field.get_attribute("aria-describedby") or "")
    check(page)


def test_the_preview_shows_what_is_not_saved_yet(open_page: Open, vera: Any, inbox: Inbox) -> None:
    page = open_page(vera, url_of(inbox, "appearance"), viewport={"width": 1440, "height": 900})
    chat = chat_in(page)
    expect(chat.get_by_role("dialog", name="Ask us")).to_be_visible()
    assert color_of(chat) == "rgb(15, 118, 110)"
    page.get_by_label("Colour").fill("#aa0000")
    expect(chat.locator(".launcher")).to_have_css("background-color", "rgb(170, 0, 0)")
    page.get_by_label("Left").check()
    expect(chat.locator(".dm.left")).to_have_count(1)
    expect(page.get_by_label("Left")).to_be_focused()
    assert Inbox.objects.get(pk=inbox.pk).appearance["color"] == "#0f766e"


def test_the_preview_speaks_the_language_that_is_written(
    open_page: Open, vera: Any, inbox: Inbox
) -> None:
    page = open_page(vera, url_of(inbox, "texts"), viewport={"width": 1440, "height": 900})
    chat = chat_in(page)
    page.locator("#id_greeting__en").fill("Good day!")
    expect(chat.get_by_text("Good day!")).to_be_visible()
    page.locator("#id_title__ru").fill("Спросите нас")
    expect(chat.get_by_role("dialog", name="Спросите нас")).to_be_visible()
    expect(page.locator("#id_title__ru")).to_be_focused()


def test_what_is_written_in_the_preview_reaches_nobody(
    open_page: Open, vera: Any, inbox: Inbox
) -> None:
    page = open_page(vera, url_of(inbox, "appearance"), viewport={"width": 1440, "height": 900})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    chat = chat_in(page)
    field = chat.get_by_role("textbox", name="Write a message")
    field.fill("Only a try")
    field.press("Enter")
    expect(chat.get_by_text("Only a try")).to_be_visible()
    expect(chat.get_by_text(re.compile("Sent|Seen")).first).to_be_visible()
    assert [url for url in asked if "/api/widget/" in url and "loader.js" not in url] == []
    assert not Visitor.objects.exists()


def test_without_a_script_the_saved_colour_is_shown(
    open_page: Open, vera: Any, inbox: Inbox
) -> None:
    page = open_page(vera, url_of(inbox, "appearance"), java_script_enabled=False)
    expect(page.locator(".dm-preview__plain")).to_be_visible()
    expect(page.locator(".dm-preview__frame")).to_be_hidden()
    page.get_by_label("Left").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    assert Inbox.objects.get(pk=inbox.pk).appearance["position"] == "left"


def test_where_frames_are_forbidden_the_saved_colour_stays(
    browser: Browser, server: str, vera: Any, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = POLICY.replace("frame-src 'self'", "frame-src 'none'")
    monkeypatch.setattr("tests.browser.test_settings.POLICY", without)
    client = Client()
    client.force_login(vera)
    session = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": server}
    context = browser.new_context()  # whose console may complain
    context.add_cookies([session])
    page = context.new_page()
    page.goto(server + url_of(inbox, "appearance"), wait_until="networkidle")
    expect(page.locator(".dm-preview__plain")).to_be_visible()
    expect(page.locator(".dm-preview__frame")).to_be_hidden()
    context.close()


def test_the_snippet_is_copied(open_page: Open, vera: Any, inbox: Inbox) -> None:
    permissions = ["clipboard-read", "clipboard-write"]
    page = open_page(vera, url_of(inbox, "install"), permissions=permissions)
    button = page.get_by_role("button", name="Copy: On any site")
    button.click()
    expect(button).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert inbox.widget_token in copied
    assert copied.startswith("<script async src=")
    expect(button).to_have_text("Copy")


def test_preferences_ask_the_browser_only_by_a_button(open_page: Open, vera: Any) -> None:
    page = open_page(vera, SETTINGS, permissions=["notifications"])
    expect(page.get_by_role("button", name="Show one now")).to_be_visible()
    page.get_by_role("button", name="Listen").click()
    page.get_by_label("Play a sound").check()
    page.get_by_label("Enter sends, Shift+Enter").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your preferences are saved.")).to_be_visible()
    vera = type(vera).objects.get(pk=vera.pk)
    assert preferences_of(vera) == Preferences(sound=True, enter=True)


def test_who_may_not_manage_is_told(open_page: Open, vera: Any, inbox: Inbox) -> None:
    page = open_page(make_operator(inbox.branch), f"{SETTINGS}inboxes/")
    expect(page.get_by_text("django_messenger.change_inbox")).to_be_visible()
    check(page)
    page = open_page(make_user(superuser=True), f"{SETTINGS}operators/")
    check(page)
