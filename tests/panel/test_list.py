"""The list: views, counters, search, pages, and words where there is nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_messenger.models import Conversation, Label
from django_messenger.services.conversations import (
    assign_conversation,
    change_conversation,
    read_conversation,
)
from tests.factories import (
    answer,
    make_branch,
    make_contact,
    make_conversation,
    make_inbox,
    make_operator,
    make_user,
    say,
)
from tests.panel.conftest import World, client_of
from tests.panel.pages import LIST, Page, visit

Open = Callable[..., Page]


def start(world: World, name: str, **fields: Any) -> Conversation:
    """Let a visitor with this name write to North."""
    contact = make_contact(world.north.branch, name=name)
    return make_conversation(world.north, contact, **{"body": f"I am {name}", **fields})


def names(page: Page) -> list[str]:
    """Return who stands in the list, in order."""
    assert page.status == 200
    return [name for name, url in page.links.items() if re.match(r"/messenger/[0-9a-f-]{36}/", url)]


def set_times(conversation: Conversation, **times: Any) -> None:
    Conversation.objects.filter(pk=conversation.pk).update(**times)


def test_each_view_holds_its_conversations_and_counts_them(world: World, anna: Open) -> None:
    own, taken = start(world, "Own"), start(world, "Taken")
    start(world, "Queued")
    done = start(world, "Done")
    colleague = make_operator(world.north.branch, name="Clara")
    assign_conversation(user=world.anna, conversation=own, assignee=world.anna)
    assign_conversation(user=colleague, conversation=taken, assignee=colleague)
    answer(taken, colleague)
    change_conversation(user=world.anna, conversation=done, status="resolved")
    make_conversation(world.south, body="From the south")

    assert names(anna(view="mine")) == ["Own"]
    assert names(anna(view="unassigned")) == ["Queued"]
    assert names(anna(view="all")) == ["Taken", "Queued", "Own"]
    assert names(anna(view="waiting")) == ["Own", "Queued"]
    assert names(anna(view="all", status="any")) == ["Taken", "Done", "Queued", "Own"]
    assert names(anna(view="all", status="resolved")) == ["Done"]
    for view in ("mine", "unassigned", "all", "waiting"):
        text = anna(view=view).text
        assert "Mine 1" in text
        assert "Unassigned 1" in text
        assert "All 3" in text
        assert "Waiting 2" in text
        assert "From the south" not in text


def test_the_present_view_is_marked(anna: Open) -> None:
    page = anna(view="waiting")
    assert page.html.count('aria-current="page"') == 1
    assert page.title == "Waiting · Messenger"
    assert page.follow("Mine 0").title == "Mine · Messenger"


def test_a_row_says_all_that_one_needs_to_choose(world: World, anna: Open) -> None:
    conversation = start(world, "Maria", body="Where is\nmy order?")
    label = Label.objects.create(name="Delivery", color="#ff0000")
    until = timezone.now() + timedelta(days=1)
    assign_conversation(user=world.anna, conversation=conversation, assignee=world.anna)
    change_conversation(
        user=world.anna,
        conversation=conversation,
        status="snoozed",
        snoozed_until=until,
        priority="urgent",
        labels=[label],
    )
    set_times(conversation, waiting_since=timezone.now() - timedelta(minutes=7))
    text = anna().text
    for words in (
        "Maria Unread Last message:",
        "Where is my order?",
        "Website North",
        "Waiting: 7 min · due soon",
        "Snoozed",
        "Urgent",
        "Delivery",
        "Assigned to Anna",
    ):
        assert " ".join(words.split()) in text


def test_reading_takes_the_unread_mark_away_for_the_reader_only(world: World, anna: Open) -> None:
    conversation = start(world, "Maria")
    colleague = client_of(make_operator(world.north.branch))
    assert "Unread" in anna().text
    anna(conversation)
    assert "Unread" not in anna().text
    assert "Unread" in visit(colleague).text
    say(conversation, "One more thing")
    assert "Unread" in anna().text


def test_search_finds_by_name_address_phone_and_last_message(world: World, anna: Open) -> None:
    contact = make_contact(
        world.north.branch, name="Иван Петров", email="ivan@example.com", phone="+7 900 000-01-02"
    )
    make_conversation(world.north, contact, body="My rubber duck is broken")
    start(world, "Somebody else")
    for text in ("иван", "ИВАН петр", "Ivan@example", "900 000", "rubber duck"):
        assert names(anna().press("Find", q=text)) == ["Иван Петров"]


def test_search_keeps_to_the_branches_of_the_user(world: World, anna: Open) -> None:
    contact = make_contact(world.south.branch, name="Secret", email="secret@example.com")
    make_conversation(world.south, contact, body="A secret")
    page = anna(view="all", status="any", q="secret")
    assert names(page) == []
    assert "Nothing found" in page.text


def test_the_search_stays_in_its_field_and_can_be_widened(world: World, anna: Open) -> None:
    done = start(world, "Maria")
    change_conversation(user=world.anna, conversation=done, status="resolved")
    page = anna().press("Find", q="<Maria>")
    assert page.value("q") == "<Maria>"
    page = page.press("Find", q="maria", status="")
    assert "Nothing found" in page.text
    assert names(page.follow("Search in every status")) == ["Maria"]
    assert page.follow("Clear filter").value("q") == ""


def test_pages_go_on_where_the_last_one_ended(world: World, anna: Open) -> None:
    for number in range(103):
        start(world, f"Visitor {number}")
    first = anna(view="all", q="visitor")
    second = first.follow("Older")
    third = second.follow("Older")
    assert [len(names(page)) for page in (first, second, third)] == [50, 50, 3]
    everybody = [name for page in (first, second, third) for name in names(page)]
    assert everybody == [f"Visitor {number}" for number in reversed(range(103))]
    assert "Older" not in third.links
    assert names(third.follow("First page")) == names(first)


def test_pages_by_waiting_begin_with_the_longest_wait(world: World, anna: Open) -> None:
    now = timezone.now()
    for number in range(60):
        conversation = start(world, f"Visitor {number}")
        set_times(conversation, waiting_since=now - timedelta(minutes=number))
    first = anna(view="waiting")
    second = first.follow("More")
    expected = [f"Visitor {number}" for number in reversed(range(60))]
    assert names(first) + names(second) == expected


def test_a_strange_address_still_shows_a_list(anna: Open) -> None:
    for query in (
        {"view": "nonsense", "status": "nonsense"},
        {"view": "mine", "status": "resolved"},
        {"q": "\x00"},
        {"q": "%_\\'\";--"},
        {"q": "x" * 5000},
        {"cursor": "nonsense"},
        {"cursor": "\x00"},
        {"resolved": "nonsense"},
        {"resolved": "00000000-0000-0000-0000-000000000000"},
    ):
        page = anna(LIST, **query)
        assert page.status == 200
        assert "Conversations" in page.text


def test_an_empty_view_says_so_in_words(anna: Open) -> None:
    for view, words in (
        ("mine", "Nothing is assigned to you"),
        ("unassigned", "The queue is empty"),
        ("waiting", "Nobody is waiting"),
        ("all", "No active conversations"),
    ):
        assert words in anna(view=view).text


def test_without_an_inbox_the_way_to_one_is_told(db: None) -> None:
    client = client_of(make_operator(make_branch()))
    assert "There is no inbox yet" in visit(client).text


def test_a_superuser_sees_every_branch(world: World) -> None:
    start(world, "Maria")
    make_conversation(world.south, make_contact(world.south.branch, name="Pavel"))
    client = client_of(make_user(superuser=True))
    assert sorted(names(visit(client))) == ["Maria", "Pavel"]


def test_a_list_costs_the_same_for_one_row_and_for_fifty(world: World) -> None:
    client = client_of(world.vera)
    label = Label.objects.create(name="Delivery")

    def fill(numbers: range) -> None:
        for number in numbers:
            conversation = start(world, f"Visitor {number}")
            conversation.labels.add(label)
            holder = make_operator(world.north.branch)
            assign_conversation(user=holder, conversation=conversation, assignee=holder)
            read_conversation(user=world.vera, conversation=conversation, read_seq=1)

    def count_queries() -> int:
        visit(client)  # warms what Django keeps for the process
        with CaptureQueriesContext(connection) as queries:
            assert visit(client).status == 200
        return len(queries)

    fill(range(1))
    one = count_queries()
    fill(range(1, 50))
    assert len(names(visit(client))) == 50
    assert count_queries() == one
    assert one <= 15


def test_texts_of_visitors_are_never_markup(world: World, anna: Open) -> None:
    start(world, "<b>Mallory</b>", body="<script>alert(1)</script>")
    make_inbox(world.north.branch, name="<i>Inbox</i>")
    page = anna()
    assert "<script>alert(1)</script>" not in page.html
    assert "<b>Mallory</b>" not in page.html
    assert "<script>alert(1)</script>" in page.text
