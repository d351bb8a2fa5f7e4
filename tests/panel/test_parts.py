"""The parts of pages that the script asks for: under the same rights, and nothing beside."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from django_messenger.models import CannedResponse, Conversation
from django_messenger.panel.canned import fill_in
from django_messenger.services.conversations import assign_conversation, change_conversation
from django_messenger.services.presence import note_operator
from tests.factories import answer, make_contact, make_conversation, make_operator, say
from tests.panel.conftest import World, client_of, now_in, said
from tests.panel.pages import LIST, url_of

FETCH = {"X-Requested-With": "fetch"}


def get(client: Client, url: str, *, part: str = "", **query: str) -> str:
    response = client.get(url, query, headers={**FETCH, "Dm-Part": part})
    assert response.status_code == 200
    return response.content.decode()


def post(client: Client, conversation: Conversation, **data: Any) -> Any:
    return client.post(url_of(conversation), data, headers=FETCH)


def rows(client: Client, *conversations: Any, **query: str) -> dict[str, str]:
    """Ask for rows; returns ``shown`` or ``gone`` by id."""
    ids = [str(getattr(each, "public_id", each)) for each in conversations]
    html = get(client, f"{LIST}rows/", ids=",".join(ids), **query)
    found = re.findall(r'<li[^>]*data-dm-key="([^"]+)"([^>]*)>', html)
    return {key: "gone" if "data-dm-gone" in rest else "shown" for key, rest in found}


def tail(client: Client, conversation: Conversation, **query: str) -> str:
    return get(client, f"{url_of(conversation)}tail/", **query)


def test_a_part_is_what_stands_inside_the_page(world: World, conversation: Conversation) -> None:
    client = client_of(world.anna)
    for url in (LIST, url_of(conversation)):
        html = get(client, url)
        assert html.lstrip().startswith("<title>")
        assert 'id="dm-panes"' in html
        assert "<html" not in html
        assert "dm-config" not in html
    whole = get(client, url_of(conversation))
    talk = get(client, url_of(conversation), part="talk")
    assert 'id="dm-list"' in whole
    assert 'id="dm-list"' not in talk
    assert 'id="dm-talk"' in talk
    assert 'id="dm-side"' in talk


def test_rows_are_those_of_the_list(world: World, conversation: Conversation) -> None:
    client = client_of(world.anna)
    other = make_conversation(world.north)
    assign_conversation(user=world.anna, conversation=other, assignee=world.anna)
    one, two = str(conversation.public_id), str(other.public_id)
    assert rows(client, conversation, other) == {one: "shown", two: "shown"}
    assert rows(client, conversation, other, view="mine") == {one: "gone", two: "shown"}
    assert rows(client, conversation, other, q="anybody") == {one: "shown", two: "gone"}
    change_conversation(user=world.anna, conversation=conversation, status="resolved")
    assert rows(client, conversation) == {one: "gone"}
    assert rows(client, conversation, status="resolved") == {one: "shown"}


def test_a_foreign_row_looks_like_one_that_never_was(
    world: World, conversation: Conversation
) -> None:
    client = client_of(world.boris)
    unknown = uuid4()
    assert rows(client, conversation, unknown) == {
        str(conversation.public_id): "gone",
        str(unknown): "gone",
    }
    html = get(client, f"{LIST}rows/", ids=str(conversation.public_id))
    assert "Maria" not in html
    assert "anybody" not in html


@pytest.mark.parametrize("ids", ["", ",,,", "x", "\x00", "%00", "1", "a" * 5000])
def test_strange_ids_are_left_out(world: World, ids: str) -> None:
    assert "data-dm-key" not in get(client_of(world.anna), f"{LIST}rows/", ids=ids)


def test_rows_stand_in_the_order_of_their_list(world: World, conversation: Conversation) -> None:
    client = client_of(world.anna)
    later = make_conversation(world.north)

    def places(**query: str) -> list[int]:
        html = get(client, LIST, **query)
        return [int(place) for place in re.findall(r'data-dm-sort="(-?\d+)"', html)]

    for view in ("all", "unassigned", "waiting"):
        assert len(places(view=view)) == 2
        assert places(view=view) == sorted(places(view=view))
    html = get(client, LIST)
    assert html.index(str(later.public_id)) < html.index(str(conversation.public_id))


def test_rows_cost_the_same_for_one_and_for_many(world: World) -> None:
    client = client_of(world.vera)

    def count(*conversations: Conversation) -> int:
        rows(client, *conversations)
        with CaptureQueriesContext(connection) as queries:
            rows(client, *conversations)
        return len(queries)

    many = [make_conversation(world.north, make_contact(world.north.branch)) for _ in range(20)]
    assert count(*many) == count(many[0]) <= 7


def test_a_row_says_who_is_replying(world: World, conversation: Conversation) -> None:
    clara = make_operator(world.north.branch, name="Clara")
    note_operator(user=clara, conversation=conversation, typing=True, viewing=True)
    assert "Clara is replying" in get(client_of(world.anna), LIST)
    assert "is replying" not in get(client_of(clara), LIST)
    assert "Clara is writing an answer" in tail(client_of(world.anna), conversation)
    assert "is writing" not in tail(client_of(clara), conversation)


def test_the_tail_brings_what_is_new_once(world: World, conversation: Conversation) -> None:
    client = client_of(world.anna)
    html = tail(client, conversation)
    assert "Is anybody there?" in html
    cursor = re.findall(r'data-dm-tail="(\d+)"', html)[0]
    assert "<article" not in tail(client, conversation, after=cursor)
    say(conversation, "One more thing")
    html = tail(client, conversation, after=cursor)
    assert "One more thing" in html
    assert "Is anybody there?" not in html
    assert 'id="dm-head"' in html


def test_the_tail_marks_as_read_only_what_is_looked_at(
    world: World, conversation: Conversation
) -> None:
    client = client_of(world.anna)
    tail(client, conversation)
    assert now_in(conversation).operator_read_seq == 0
    tail(client, conversation, read="1")
    assert now_in(conversation).operator_read_seq == 1


def test_the_tail_costs_the_same_for_one_message_and_for_forty(
    world: World, conversation: Conversation
) -> None:
    client = client_of(world.vera)

    def count() -> int:
        tail(client, conversation)
        with CaptureQueriesContext(connection) as queries:
            tail(client, conversation)
        return len(queries)

    few = count()
    for _ in range(20):
        answer(conversation, make_operator(world.north.branch))
        say(conversation)
    assert count() == few <= 16


def test_an_answer_brings_the_tail_back(world: World, conversation: Conversation) -> None:
    client = client_of(world.anna)
    response = post(
        client, conversation, action="reply", body="Good day!", client_id="1", after="1"
    )
    html = response.content.decode()
    assert response.status_code == 200
    assert "Good day!" in html
    assert "Is anybody there?" not in html
    assert 'data-dm-sent="1" data-dm-own' in html


def test_a_refused_answer_brings_the_composer_back(
    world: World, conversation: Conversation
) -> None:
    clara = make_operator(world.north.branch, name="Clara")
    answer(conversation, clara, "I am on it")
    client = client_of(world.anna)
    data = {"action": "reply", "body": "Let me look", "client_id": "1", "last_seen_seq": "1"}
    response = post(client, conversation, **data)
    html = response.content.decode()
    assert response.status_code == 409
    assert html.lstrip().startswith("<form")
    assert "I am on it" in html
    assert "Let me look" in html
    assert 'name="force"' in html
    # Who has read that may simply send.
    seen = re.findall(r'name="last_seen_seq" value="(\d+)"', html)[0]
    assert post(client, conversation, **{**data, "last_seen_seq": seen}).status_code == 200


def test_what_was_done_can_be_undone_by_what_came_back(
    world: World, conversation: Conversation
) -> None:
    client = client_of(world.anna)

    def undo(html: str) -> Any:
        fields = re.findall(r'type="hidden" name="([a-z]+)" value="([^"]*)"', html)
        return post(client, conversation, **dict(fields))

    for data, field, before, after in (
        ({"action": "resolve"}, "status", "open", "resolved"),
        ({"action": "snooze", "preset": "hour"}, "status", "open", "snoozed"),
        ({"action": "properties", "priority": "urgent"}, "priority", "normal", "urgent"),
        (
            {"action": "assign", "assignee": str(world.anna.pk)},
            "assignee_id",
            None,
            world.anna.pk,
        ),
    ):
        assert getattr(now_in(conversation), field) == before
        response = post(client, conversation, **data)
        assert response.status_code == 200
        assert getattr(now_in(conversation), field) == after
        assert undo(response.content.decode()).status_code == 200
        assert getattr(now_in(conversation), field) == before


def test_a_refusal_is_told_in_words(world: World, conversation: Conversation) -> None:
    clara = make_operator(world.north.branch, name="Clara")
    assign_conversation(user=clara, conversation=conversation, assignee=clara)
    response = post(
        client_of(world.anna), conversation, action="assign", assignee=str(world.anna.pk)
    )
    assert response.status_code == 409
    assert "Meanwhile Clara has taken the conversation." in response.content.decode()


@pytest.mark.parametrize(
    ("then", "status", "words"),
    [
        ("resolve", "resolved", "Reply sent. Resolved."),
        ("hour", "snoozed", "Reply sent. Snoozed."),
    ],
)
def test_sending_and_then(
    world: World, conversation: Conversation, then: str, status: str, words: str
) -> None:
    response = post(client_of(world.anna), conversation, action="reply", body="Bye", then=then)
    assert words in response.content.decode()
    assert 'data-dm-goto="list"' in response.content.decode()
    assert now_in(conversation).status == status


def test_a_visitor_who_wrote_meanwhile_keeps_it_open(
    world: World, conversation: Conversation
) -> None:
    say(conversation, "Wait!")
    data = {"action": "reply", "body": "Bye", "then": "resolve", "last_seen_seq": "1"}
    post(client_of(world.anna), conversation, **data)
    assert now_in(conversation).status == "open"
    assert said(conversation) == [("operator", "Bye")]


def test_a_wish_that_cannot_be_sends_nothing(world: World, conversation: Conversation) -> None:
    data = {"action": "reply", "body": "Bye", "then": "nonsense"}
    assert post(client_of(world.anna), conversation, **data).status_code == 400
    assert said(conversation) == []


def test_prepared_answers_are_those_of_the_branch(world: World, conversation: Conversation) -> None:
    texts = {"en": 'Hello {{ contact.name|default:"there" }}, {{ order.number }}', "ru": "Привет"}
    CannedResponse.objects.create(shortcut="hi", texts=texts, branch=world.north.branch)
    CannedResponse.objects.create(shortcut="south", texts=texts, branch=world.south.branch)
    html = get(client_of(world.vera), f"{url_of(conversation)}canned/")
    assert "/hi" in html
    assert "Hello Maria, {{ order.number }}" in html
    assert "/south" not in html


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ contact.name }}", "Maria"),
        ("{{contact.name|default:'x'}}", "Maria"),
        ("{{ contact.phone|default:'none' }}", "none"),
        ("{{ contact.phone }}", "{{ contact.phone }}"),
        ("{{ contact.__class__ }}", "{{ contact.__class__ }}"),
        ("{% load x %}{{ settings.SECRET_KEY }}", "{% load x %}{{ settings.SECRET_KEY }}"),
        ("{{" * 20_000, "{{" * 20_000),
    ],
)
def test_only_known_names_are_filled_in(text: str, expected: str) -> None:
    assert fill_in(text, {"contact.name": "Maria", "contact.phone": ""}) == expected


def test_parts_of_a_foreign_conversation_are_absent(
    world: World, conversation: Conversation
) -> None:
    client = client_of(world.boris)
    for path in ("", "tail/", "canned/"):
        foreign = client.get(f"{url_of(conversation)}{path}", headers=FETCH)
        absent = client.get(f"{LIST}{uuid4()}/{path}", headers=FETCH)
        assert foreign.status_code == absent.status_code == 404
        assert foreign.content == absent.content


def test_selected_rows_are_changed_at_once_and_back(
    world: World, conversation: Conversation
) -> None:
    client = client_of(world.anna)
    other = make_conversation(world.north)
    foreign = make_conversation(world.south)
    ids = [str(each.public_id) for each in (conversation, other, foreign)]
    response = client.post(LIST, {"bulk": "resolve", "ids": ids}, headers=FETCH)
    html = response.content.decode()
    assert "Done: 2, Not allowed: 1." in html
    assert [now_in(each).status for each in (conversation, other, foreign)] == [
        "resolved",
        "resolved",
        "open",
    ]
    back = re.findall(r'name="ids" value="([^"]*)"', html)
    assert back == ids[:2]
    client.post(LIST, {"bulk": "reopen", "ids": back})
    assert now_in(conversation).status == now_in(other).status == "open"


def test_without_a_script_a_page_says_what_was_done(
    world: World, conversation: Conversation
) -> None:
    client = client_of(world.anna)
    data = {"bulk": "take", "ids": str(conversation.public_id)}
    response = client.post(f"{LIST}?view=unassigned", data, follow=True)
    assert "Done: 1." in response.content.decode()
    assert response.redirect_chain == [(f"{LIST}?view=unassigned", 302)]
    assert now_in(conversation).assignee == world.anna


@pytest.mark.parametrize(
    "data", [{}, {"bulk": "x"}, {"bulk": "read"}, {"bulk": "read", "ids": "x"}]
)
def test_a_strange_selection_is_refused_in_words(world: World, data: dict[str, str]) -> None:
    response = client_of(world.anna).post(LIST, data, headers=FETCH)
    assert response.status_code == 400
    assert "dm-toast--problem" in response.content.decode()
