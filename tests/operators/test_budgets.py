"""The number of queries does not grow with the number of rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_messenger import store
from django_messenger.models import CannedResponse, Conversation, Label
from django_messenger.services.conversations import (
    assign_conversation,
    change_conversation,
    read_conversation,
)
from tests.factories import answer, make_conversation, make_inbox, make_operator
from tests.operators.client import Api, url
from tests.operators.conftest import World

#: Session, user and two of Django's permissions, before any call of ours.
LOGIN = 4


def count_queries(api: Api, path: str, **query: Any) -> int:
    # Once in a while a list looks for snoozed conversations that are due; not each time.
    store.add("dm:wake", 1, seconds=60)
    with CaptureQueriesContext(connection) as captured:
        response = api.get(path, **query)
    assert response.status_code == 200
    return sum(
        not sql["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "SET "))
        for sql in captured.captured_queries
    )


def fill(world: World, count: int) -> Conversation:
    """Make full rows: own inbox, own assignee, own labels, a mark, a thread."""
    for _ in range(count):
        conversation = make_conversation(make_inbox(world.north.branch))
        colleague = make_operator(world.north.branch)
        label = Label.objects.create(branch=world.north.branch, name=f"l{conversation.pk}")
        CannedResponse.objects.create(branch=world.north.branch, shortcut=label.name, texts={})
        change_conversation(user=colleague, conversation=conversation, labels=[label])
        assign_conversation(user=colleague, conversation=conversation, assignee=colleague)
        read_conversation(user=world.anna, conversation=conversation, read_seq=1)
        for _ in range(2):
            answer(conversation, make_operator(world.north.branch))
    return conversation


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("conversations/", 2),
        ("conversations/?ordering=waiting_since&view=all&q=visitor", 3),
        ("search/?q=visitor", 5),
        ("conversations/changes/", 6),
        ("contacts/", 1),
        ("inboxes/", 1),
        ("labels/", 1),
        ("canned-responses/", 1),
        ("me/", 4),
    ],
)
def test_a_list_costs_the_same_for_one_and_for_many(world: World, path: str, limit: int) -> None:
    fill(world, 1)
    api = Api(world.anna)
    one = count_queries(api, path)
    fill(world, 4)
    many = count_queries(api, path)

    assert one == many <= LOGIN + limit


def test_further_pages_cost_the_same(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django_messenger.operators.base.PAGE", 2)
    fill(world, 6)
    api = Api(world.anna)
    first = api.get("conversations/").json()

    assert count_queries(api, first["next"]) == count_queries(api, "conversations/")


def test_changes_cost_the_same_for_one_and_for_many(world: World) -> None:
    api = Api(world.anna)
    cursor = api.get("conversations/changes/").json()["cursor"]
    fill(world, 1)
    one = count_queries(api, "conversations/changes/", cursor=cursor)
    fill(world, 4)
    many = count_queries(api, "conversations/changes/", cursor=cursor)

    assert one == many <= LOGIN + 7


@pytest.mark.parametrize("query", [{}, {"after": 0}, {"before": 1000}])
def test_messages_cost_the_same_for_one_and_for_many(world: World, query: dict[str, int]) -> None:
    conversation = make_conversation(world.north)
    api = Api(world.anna)
    one = count_queries(api, url(conversation, "messages/"), **query)
    for _ in range(10):
        answer(conversation, make_operator(world.north.branch))
        answer(conversation, world.admin)
    many = count_queries(api, url(conversation, "messages/"), **query)

    assert one == many <= LOGIN + 4


def test_a_detail_costs_two_queries(world: World) -> None:
    conversation = fill(world, 1)

    assert count_queries(Api(world.anna), url(conversation)) == LOGIN + 2


def test_a_conflict_names_many_messages_at_the_price_of_one(world: World) -> None:
    conversation = make_conversation(world.north)
    api = Api(world.anna)

    def conflict() -> int:
        with CaptureQueriesContext(connection) as captured:
            refused = api.post(url(conversation, "messages/"), {"body": "Hi", "last_seen_seq": 1})
        assert refused.status_code == 409
        return len(captured)

    answer(conversation, make_operator(world.north.branch))
    one = conflict()
    for _ in range(5):
        answer(conversation, make_operator(world.north.branch))

    assert conflict() == one


WRITES: list[tuple[str, Callable[[Api, Conversation], Any], int]] = [
    ("reply", lambda api, at: api.post(url(at, "messages/"), {"body": "Hi"}), 10),
    ("change", lambda api, at: api.patch(url(at), {"priority": "high"}), 8),
    ("read", lambda api, at: api.post(url(at, "read/"), {"read_seq": 1}), 8),
]


@pytest.mark.parametrize(("name", "write", "limit"), WRITES, ids=[name for name, _, _ in WRITES])
def test_writes_stay_cheap(world: World, name: str, write: Any, limit: int) -> None:
    conversation = make_conversation(world.north)
    api = Api(world.anna)

    with CaptureQueriesContext(connection) as captured:
        response = write(api, conversation)

    assert response.status_code in (200, 201)
    counted = [
        sql["sql"]
        for sql in captured.captured_queries
        if not sql["sql"].startswith(("SAVEPOINT", "RELEASE"))
    ]
    assert len(counted) <= LOGIN + limit, counted
