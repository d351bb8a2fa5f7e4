"""Searching everywhere: what was said, by whom, and where it stands."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_messenger.models import Conversation, Label
from django_messenger.selectors import found
from django_messenger.selectors import search as engine
from django_messenger.services.conversations import change_conversation
from tests.factories import answer, make_contact, make_conversation, make_inbox, say
from tests.panel.conftest import World, client_of
from tests.panel.pages import Page, visit

SEARCH = "/messenger/search/"


def look(user: Any, text: str = "", **query: str) -> Page:
    return visit(client_of(user), SEARCH, q=text, **query)


@pytest.fixture
def maria(world: World) -> Conversation:
    """She asks about oak."""
    contact = make_contact(world.north.branch, name="Maria Ash", email="maria@example.com")
    return make_conversation(world.north, contact, body="Is an <b>oak</b> table harder?")


def test_the_found_line_is_marked_and_says_who_spoke(world: World, maria: Conversation) -> None:
    answer(maria, world.anna, "Our beech is harder")
    page = look(world.anna, "oak")
    assert '<mark class="dm-mark">oak</mark>' in page.html
    assert "&lt;b&gt;" in page.html
    assert "<b>oak" not in page.html
    assert "Maria Ash: Is an <b>oak</b> table harder?" in page.text
    assert "Anna: Our beech is harder" in look(world.anna, "beech").text


def test_people_are_a_group_of_their_own(world: World, maria: Conversation) -> None:
    page = look(world.anna, "maria")
    assert "Contacts" in page.lines
    assert '<mark class="dm-mark">Maria</mark> Ash' in page.html
    assert page.links["Maria Ash"]
    assert "oak" in page.follow("Maria Ash").text


def test_a_found_line_opens_where_it_stands(world: World, maria: Conversation) -> None:
    for number in range(70):
        say(maria, f"Line {number}")
    page = look(world.anna, "oak")
    url = next(url for name, url in page.links.items() if url and "#m" in url)
    assert "before=" in url
    assert "harder?" in visit(client_of(world.anna), url).text
    near = look(world.anna, "69")
    url = next(url for name, url in near.links.items() if url and "#m" in url)
    assert "before=" not in url


def test_filters_narrow(world: World, maria: Conversation) -> None:
    label = Label.objects.create(name="VIP")
    other = make_conversation(make_inbox(world.north.branch, name="Shop"), body="Is oak dear?")
    change_conversation(user=world.anna, conversation=other, status="resolved", labels=[label])
    Conversation.objects.filter(pk=maria.pk).update(
        last_message_at=timezone.now() - timedelta(days=9), assignee=world.anna
    )
    today = timezone.now().date()
    wanted: list[tuple[dict[str, str], bool, bool]] = [
        ({}, True, True),
        ({"status": "resolved"}, False, True),
        ({"inbox": str(world.north.public_id)}, True, False),
        ({"label": str(label.pk)}, False, True),
        ({"assignee": str(world.anna.pk)}, True, False),
        ({"assignee": "none"}, False, True),
        ({"since": str(today)}, False, True),
        ({"until": str(today - timedelta(days=5))}, True, False),
        ({"until": str(today)}, True, True),
        ({"inbox": str(world.south.public_id)}, False, False),
    ]
    for query, sees_maria, sees_other in wanted:
        page = look(world.anna, "oak", **query)
        assert ("Is an" in page.text, "dear?" in page.text) == (sees_maria, sees_other), query
        for name, value in query.items():
            assert f'value="{value}"' in page.html or name == "inbox"


def test_nothing_found_says_how_to_find_more(world: World, maria: Conversation) -> None:
    assert "Nobody has said “zebra”" in look(world.anna, "zebra").text
    page = look(world.anna, "oak", status="closed")
    assert "Nothing found" in page.text
    assert "Is an" in page.follow("Search without the filters").text
    assert "Words in any form" in look(world.anna).text


def test_the_first_day_of_the_calendar_is_a_bound(world: World, maria: Conversation) -> None:
    assert "harder?" in look(world.anna, "oak", since="0001-01-01").text
    assert "harder?" not in look(world.anna, "oak", until="0001-01-01").text


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "9999-12-31", "0000-00-00"])
def test_a_day_that_is_none_is_said_beside_its_field(
    world: World, maria: Conversation, day: str
) -> None:
    page = look(world.anna, "oak", until=day)
    assert page.status == 200
    assert "This is no day of the calendar." in page.text
    assert f'value="{day}"' in page.html
    assert 'value="oak"' in page.html


def test_made_up_filters_are_refused_in_words(world: World, maria: Conversation) -> None:
    for query in ({"inbox": "x"}, {"label": "x"}, {"label": "9" * 30}, {"assignee": "x y"}):
        page = look(world.anna, "oak", **query)
        assert page.status == 200
        assert "Is an" not in page.text
    assert "Is an" in look(world.anna, "oak", status="made up").text


def test_the_cap_is_told(
    monkeypatch: pytest.MonkeyPatch, world: World, maria: Conversation
) -> None:
    monkeypatch.setattr(found, "MAX_CONVERSATIONS", 2)
    monkeypatch.setattr("django_messenger.panel.search.MAX_CONVERSATIONS", 2)
    for _ in range(3):
        make_conversation(make_inbox(world.north.branch), body="More oak")
    page = look(world.anna, "oak")
    assert "The newest 2 conversations are shown" in page.text
    assert "Is an" not in page.text


def test_a_search_that_takes_too_long_says_so(
    monkeypatch: pytest.MonkeyPatch, world: World, maria: Conversation
) -> None:
    class Slow(engine.Matches):
        def as_sql(self, compiler: Any, connection: Any) -> Any:
            sql, params = super().as_sql(compiler, connection)
            return f"(({sql}) AND pg_sleep(5) IS NOT NULL)", params

    monkeypatch.setattr(engine, "Matches", Slow)
    monkeypatch.setattr(engine.time_limit.__wrapped__, "__defaults__", (100, None))
    page = look(world.anna, "oak")
    assert page.status == 400
    assert "This search takes too long." in page.text
    assert 'value="oak"' in page.html


def test_the_other_branch_is_not_found(world: World, maria: Conversation) -> None:
    page = look(world.boris, "oak")
    assert page.text == look(world.boris, "oak", x="1").text
    assert "Maria" not in page.text
    assert "Nothing found" in page.text
    assert "Website North" not in page.html
    assert "Nothing found" in look(world.boris, "maria").text


def test_a_search_costs_the_same_however_much_is_found(world: World) -> None:
    client = client_of(world.anna)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert "oak" in visit(client, SEARCH, q="oak").text
        return len(queries)

    make_conversation(world.north, body="oak")
    cost()
    one = cost()
    for _ in range(15):
        contact = make_contact(world.north.branch, name="Oak")
        answer(make_conversation(world.north, contact, body="oak"), world.anna, "oak too")
    assert cost() == one
