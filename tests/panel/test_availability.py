"""The operator says in the navigation whether they are there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_messenger.models import Conversation, Inbox, Operator
from django_messenger.services.availability import note_tab
from tests.factories import make_conversation, make_inbox
from tests.panel.conftest import World, client_of
from tests.panel.pages import LIST, Page, visit


def chosen(world: World) -> str:
    return Operator.objects.get(user=world.anna).availability


def test_the_choice_is_kept_and_shown(anna: Callable[..., Page], world: World) -> None:
    page = anna(view="mine")
    away = page.press("Away")
    assert chosen(world) == "away"
    assert away.url == f"{LIST}?view=mine"
    assert 'title="Anna: Away"' in away.html
    away.press("I am here")
    assert chosen(world) == "auto"


def test_who_goes_away_gives_back_who_waits_and_who_comes_gets_it(
    anna: Callable[..., Page], world: World
) -> None:
    inbox = make_inbox(world.north.branch, assignment=Inbox.Assignment.ROUND_ROBIN)
    note_tab(user=world.anna, tab="1")
    page = anna().press("I am here")
    conversation = make_conversation(inbox, body="Hello?")
    page = page.press("I am here")
    assert Conversation.objects.get(pk=conversation.pk).assignee == world.anna
    page = page.press("Away")
    assert Conversation.objects.get(pk=conversation.pk).assignee is None
    page.press("I am here")
    assert Conversation.objects.get(pk=conversation.pk).assignee == world.anna


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "https:list", ""])
def test_nobody_is_led_astray(world: World, back: str) -> None:
    client = client_of(world.anna)
    data = {"availability": "busy", "next": back}
    assert client.post(f"{LIST}availability/", data)["Location"] == LIST
    assert chosen(world) == "busy"
    client.post(f"{LIST}availability/", {"availability": "asleep"})
    assert chosen(world) == "busy"


def test_a_word_is_an_address_and_no_name_of_a_view(world: World) -> None:
    response = client_of(world.anna).post(f"{LIST}availability/", {"next": "settings"})
    assert response["Location"] == "settings"


def test_who_is_no_operator_has_no_choice(world: World) -> None:
    Operator.objects.filter(user=world.anna).update(is_active=False)
    world.anna.is_superuser = True
    world.anna.save()
    page = visit(client_of(world.anna))
    assert "Away" not in page.buttons
