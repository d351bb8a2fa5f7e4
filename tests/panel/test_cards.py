"""What a host adds to a conversation: cards beside it, actions in its menu."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from django_messenger.checks import check_imports
from django_messenger.models import Conversation, Label
from django_messenger.panel.cards import ContactCard
from django_messenger.selectors import search
from django_messenger.test import override_messenger
from tests.factories import make_conversation
from tests.panel import crm
from tests.panel.conftest import World, client_of
from tests.panel.pages import Page, url_of, visit
from tests.panel.test_host import with_templates

FETCH = {"X-Requested-With": "fetch"}


@pytest.fixture(autouse=True)
def host(settings: Any) -> Iterator[None]:
    """A host with cards and actions."""
    with_templates(settings, crm__company=crm.TEMPLATE)
    with override_messenger(CONTACT_CARDS=crm.CARDS, ACTIONS=crm.ACTIONS):
        yield


def card(conversation: Conversation, name: str = "companycard") -> str:
    return f"{url_of(conversation)}cards/{name}/"


def action(conversation: Conversation, name: str = "label") -> str:
    return f"{url_of(conversation)}actions/{name}/"


def fetch(client: Client, url: str) -> str:
    return str(client.get(url, headers=FETCH).content.decode())


# --- Cards ----------------------------------------------------------------------------------------


def test_a_card_comes_by_itself(world: World, conversation: Conversation) -> None:
    client = client_of(world.anna)
    page = visit(client, conversation)
    assert "Company" in page.text
    assert "<Ash>" not in page.text
    piece = fetch(client, card(conversation))
    assert piece.strip() == "<p>&lt;Ash&gt; of Maria · Maria · labels 0</p>"


def test_without_a_script_a_card_is_a_page(world: World, conversation: Conversation) -> None:
    page = visit(client_of(world.anna), conversation, view="mine").follow("Show: Company")
    assert "<Ash> of Maria" in page.text
    assert page.title.startswith("Company")
    page = page.follow("Back to the conversation")
    assert page.url == f"{url_of(conversation)}?view=mine"


def test_only_those_see_a_card_who_may(world: World, conversation: Conversation) -> None:
    anna, vera = client_of(world.anna), client_of(world.vera)
    assert "Margin" not in visit(anna, conversation).text
    assert anna.get(card(conversation, "boss")).status_code == 404
    assert "Margin" in visit(vera, conversation).text
    assert vera.get(card(conversation, "boss")).status_code == 200


def test_a_card_that_fails_says_so_in_a_line(
    monkeypatch: pytest.MonkeyPatch,
    world: World,
    conversation: Conversation,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(search.time_limit.__wrapped__, "__defaults__", (200, None))
    client = client_of(world.anna)
    page = visit(client, conversation)
    assert "Is anybody there?" in page.text
    assert "Undecided" not in page.text
    for name in ("brokencard", "lostcard", "slowcard"):
        begun = time.monotonic()
        assert "This card cannot be shown at the moment." in fetch(client, card(conversation, name))
        assert time.monotonic() - begun < 5
        assert "cannot be shown" in visit(client, card(conversation, name)).text
    assert client.get(card(conversation, "undecidedcard")).status_code == 404
    assert "KeyError: 'orders'" in caplog.text
    assert visit(client, conversation).status == 200


def test_cards_cost_nothing_until_they_come(world: World, conversation: Conversation) -> None:
    client = client_of(world.anna)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            visit(client, conversation)
        return len(queries)

    cost()
    with_cards = cost()
    with override_messenger(CONTACT_CARDS=[], ACTIONS=[]):
        assert with_cards - cost() <= 2 * len({"reply", "manage"})


# --- Actions --------------------------------------------------------------------------------------


def press(page: Page, text: str) -> Page:
    assert text in page.buttons
    return page.press(text)


def test_an_action_is_a_button_in_the_menu(world: World, conversation: Conversation) -> None:
    page = visit(client_of(world.anna), conversation, view="mine")
    page = press(page, "Make a label")
    assert "The label is there." in page.text
    assert page.url == f"{url_of(conversation)}?view=mine"
    assert Label.objects.get().name == "1 for Maria"


def test_the_script_gets_a_toast(world: World, conversation: Conversation) -> None:
    client = client_of(world.anna)
    response = client.post(action(conversation), headers=FETCH)
    html = response.content.decode()
    assert "The label is there." in html
    assert "data-dm-renews" in html
    refused = client.post(action(conversation, "refusing"), headers=FETCH)
    assert (refused.status_code, "warehouse" in refused.content.decode()) == (409, True)
    assert b"data-dm-renews" not in refused.content
    opened = client.post(action(conversation, "openorder"), headers=FETCH).content.decode()
    assert 'href="/orders/1/"' in opened


def test_an_action_may_lead_elsewhere(world: World, conversation: Conversation) -> None:
    client = client_of(world.anna)
    assert "data-dm-plain" in visit(client, conversation).html
    response = client.post(action(conversation, "openorder"))
    assert (response.status_code, response["Location"]) == (302, "/orders/1/")


def test_an_action_that_fails_leaves_nothing_behind(
    world: World, conversation: Conversation, caplog: pytest.LogCaptureFixture
) -> None:
    page = press(visit(client_of(world.anna), conversation), "Break")
    assert "This did not work. Nothing has been changed." in page.text
    assert not Label.objects.exists()
    assert "ZeroDivisionError" in caplog.text
    assert "The warehouse is closed." in press(page, "Refuse").text


def test_an_action_that_says_nothing_is_done_all_the_same(
    world: World, conversation: Conversation
) -> None:
    client = client_of(world.anna)
    response = client.post(action(conversation, "silent"), headers=FETCH)
    assert response.status_code == 200
    assert "Done." in response.content.decode()
    assert Label.objects.filter(name="Silent").exists()


def test_only_those_act_who_may(world: World, conversation: Conversation) -> None:
    anna, vera = client_of(world.anna), client_of(world.vera)
    assert "Give a discount" not in visit(anna, conversation).buttons
    assert anna.post(action(conversation, "managers")).status_code == 404
    assert "A discount." in press(visit(vera, conversation), "Give a discount").text


def test_an_action_is_only_posted_and_only_by_our_own_form(
    world: World, conversation: Conversation
) -> None:
    assert client_of(world.anna).get(action(conversation)).status_code == 405
    client = client_of(world.anna, enforce_csrf_checks=True)
    assert client.post(action(conversation)).status_code == 403
    assert not Label.objects.exists()


def test_the_other_branch_gets_neither(world: World, conversation: Conversation) -> None:
    boris = client_of(world.boris)
    assert boris.get(card(conversation)).status_code == 404
    assert boris.post(action(conversation)).status_code == 404
    assert boris.post(action(conversation, "nothing")).status_code == 404
    own = make_conversation(world.south)
    assert boris.get(card(own)).status_code == 200
    assert boris.get(card(own, "nothing")).status_code == 404
    assert not Label.objects.exists()


# --- manage.py check ------------------------------------------------------------------------------


class Unfit(ContactCard):
    """Has a name for people."""

    name = "Open orders"


class Twin(ContactCard):
    """Has the name of another."""

    name = "companycard"


@pytest.mark.parametrize(
    ("cards", "words"),
    [
        ([*crm.CARDS, f"{__name__}.Twin"], "two classes have the name 'companycard'"),
        ([f"{__name__}.Unfit"], "the name 'Open orders' fits into no address"),
        (["decimal.Decimal"], "is not a complete ContactCard"),
        (["crm.nowhere.Card"], "cannot be imported"),
    ],
)
def test_bad_cards_are_found_by_the_checks(cards: list[str], words: str) -> None:
    with override_messenger(CONTACT_CARDS=cards):
        (found,) = check_imports()
    assert found.id == "django_messenger.E004"
    assert words in found.msg
    assert "CONTACT_CARDS" in found.msg


def test_good_ones_are_not() -> None:
    assert check_imports() == []
