"""Contacts, search and a host's cards in Chromium: by keyboard, in every look, on a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import Page, expect

from django_messenger.models import Contact, Conversation
from django_messenger.test import override_messenger
from tests.browser.test_panel import check, open_page, path_of, server, vera
from tests.factories import answer, make_contact, make_conversation, make_inbox, say
from tests.panel import crm

__all__ = ["open_page", "server", "vera"]

pytestmark = pytest.mark.browser

Open = Callable[..., Page]
LOOKS = [("light", "en-US", 1280), ("dark", "ru-RU", 1280), ("light", "ru-RU", 360)]
looks = pytest.mark.parametrize(("scheme", "locale", "width"), LOOKS)


def look(scheme: str, locale: str, width: int) -> dict[str, Any]:
    viewport = {"width": width, "height": 800}
    return {"color_scheme": scheme, "locale": locale, "viewport": viewport}


@pytest.fixture
def people(vera: Any) -> tuple[Contact, Contact]:
    """The same person twice, and much that was said."""
    branch = vera.messenger_operator.branches.get()
    inbox = make_inbox(branch, name="Shop")
    fields = {"email": "maria@example.com", "attributes": {"plan": "gold", "orders": 7}}
    maria = make_contact(branch, name="Maria Ash", trust="claimed", **fields)
    masha = make_contact(branch, name="Masha", email="maria@example.com", phone="+7 900 123-45-67")
    talk = make_conversation(inbox, maria, body="Is oak harder than beech?")
    answer(talk, vera, "It is")
    for number in range(60):
        say(talk, f"Line {number}")
    make_conversation(inbox, masha, body="And how long does an oak table take?")
    return maria, masha


@looks
def test_every_screen_is_accessible(
    open_page: Open, vera: Any, people: Any, scheme: str, locale: str, width: int
) -> None:
    maria, masha = people
    card = f"/messenger/contacts/{maria.public_id}/"
    page = open_page(vera, "/messenger/contacts/", **look(scheme, locale, width))
    check(page)
    origin = page.url.partition("/messenger/")[0]
    for path in (
        "/messenger/contacts/?q=nobody",
        card,
        f"{card}merge/",
        f"{card}merge/?q=ma",
        f"{card}merge/?other={masha.public_id}",
        f"{card}merge/?other={maria.public_id}",
        "/messenger/search/",
        "/messenger/search/?q=oak",
        "/messenger/search/?q=ma&status=open&since=x",
        "/messenger/search/?q=zebra&status=closed",
    ):
        page.goto(origin + path)
        check(page)


def test_merging_by_keyboard_and_back(open_page: Open, vera: Any, people: Any) -> None:
    maria, _ = people
    page = open_page(vera, f"/messenger/contacts/{maria.public_id}/")
    page.get_by_role("link", name="Merge with another contact").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Compare with Masha").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Make one contact of these two")
    page.get_by_role("radio", name="Name: Maria Ash").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Name: Masha")).to_be_checked()
    page.get_by_role("button", name="Merge").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Merged.")
    expect(page.get_by_role("heading", level=1)).to_have_text("Masha")
    check(page)
    page.get_by_role("button", name="Separate Masha again").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Maria Ash")
    check(page)


def test_a_mistake_gets_the_focus_and_loses_nothing(
    open_page: Open, vera: Any, people: Any
) -> None:
    maria, _ = people
    page = open_page(vera, f"/messenger/contacts/{maria.public_id}/")
    page.get_by_label("E-mail").fill("no address")
    page.keyboard.press("Enter")
    expect(page.get_by_label("E-mail")).to_be_focused()
    expect(page.get_by_label("E-mail")).to_have_value("no address")
    expect(page.locator(".dm-wrong")).to_be_visible()
    check(page)


def test_a_found_line_is_in_sight(open_page: Open, vera: Any, people: Any) -> None:
    page = open_page(vera, "/messenger/search/?q=harder")
    page.locator(".dm-talks__link").first.click()
    line = page.locator(".dm-line", has_text="Is oak harder than beech?")
    expect(line).to_be_in_viewport()
    page.goto(page.url.partition("/messenger/")[0] + "/messenger/search/?q=59")
    page.locator(".dm-talks__link").first.click()
    expect(page.locator(".dm-line", has_text="Line 59")).to_be_in_viewport()


# --- Cards of the host ----------------------------------------------------------------------------


@pytest.fixture
def host(settings: Any, transactional_db: None) -> Iterator[None]:
    """A host with cards and actions."""
    template = {**django_settings.TEMPLATES[0], "APP_DIRS": False}
    loaders = [
        ("django.template.loaders.locmem.Loader", {"crm/company.html": crm.TEMPLATE}),
        "django.template.loaders.app_directories.Loader",
    ]
    settings.TEMPLATES = [{**template, "OPTIONS": {**template["OPTIONS"], "loaders": loaders}}]
    cards = [path for path in crm.CARDS if "Slow" not in path]
    with override_messenger(CONTACT_CARDS=cards, ACTIONS=crm.ACTIONS):
        yield


@pytest.mark.usefixtures("host")
@looks
def test_cards_come_after_the_page(
    open_page: Open, vera: Any, people: Any, scheme: str, locale: str, width: int
) -> None:
    conversation = Conversation.objects.get(contact=people[0])
    page = open_page(vera, path_of(conversation), **look(scheme, locale, width))
    if width < 1200:
        page.locator(".dm-head__details").click()
    card = page.locator("#dm-card-companycard")
    expect(card).to_contain_text("<Ash> of Maria Ash")
    expect(page.locator("#dm-card-brokencard a")).to_have_count(0)
    check(page)
    page.goto(page.url.partition("#")[0] + "cards/companycard/")
    check(page)


@pytest.mark.usefixtures("host")
def test_cards_live_through_changes_of_the_page(open_page: Open, vera: Any, people: Any) -> None:
    conversation = Conversation.objects.get(contact=people[0])
    page = open_page(vera, path_of(conversation))
    card = page.locator("#dm-card-companycard")
    expect(card).to_contain_text("labels 0")
    page.locator("#dm-text").fill("Good day!")
    page.locator(".dm-composer__send").click()
    expect(page.locator("#dm-side")).to_contain_text("Vera")
    expect(card).to_contain_text("labels 0")

    page.locator("#dm-actions summary.dm-button--icon").click()
    page.get_by_role("button", name="Make a label").click()
    expect(page.locator("#dm-toasts")).to_contain_text("The label is there.")
    expect(card).to_contain_text("labels 1")
    page.keyboard.press("Control+k")
    page.keyboard.type("Make a l")
    page.keyboard.press("Enter")
    expect(card).to_contain_text("labels 2")

    # What is closed stays closed, in other conversations too, and is not asked for.
    card.locator("summary").click()
    expect(card).not_to_have_attribute("open", "")
    page.locator(".dm-row__link", has_text="Masha").click()
    expect(page.locator("#dm-name")).to_have_text("Masha")
    expect(page.locator("#dm-card-brokencard")).to_contain_text("cannot be shown")
    expect(card).not_to_have_attribute("open", "")
    card.locator("summary").click()
    expect(card).to_contain_text("<Ash> of Masha")


@pytest.mark.usefixtures("host")
def test_an_action_that_fails_says_so(open_page: Open, vera: Any, people: Any) -> None:
    page = open_page(vera, path_of(Conversation.objects.get(contact=people[0])))
    page.locator("#dm-text").fill("Half a sentence")
    for button, words in (("Refuse", "The warehouse is closed."), ("Break", "Nothing has been")):
        page.locator("#dm-actions summary.dm-button--icon").click()
        page.get_by_role("button", name=button, exact=True).click()
        expect(page.locator("#dm-toasts")).to_contain_text(words)
    expect(page.locator("#dm-text")).to_have_value("Half a sentence")
