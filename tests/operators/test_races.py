"""Many operators at once: one winner, nothing missed."""

from __future__ import annotations

from functools import partial
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connections, transaction

from django_messenger.models import Conversation, Message
from tests.factories import make_conversation, make_operator, say
from tests.operators.client import Api, url
from tests.operators.conftest import World
from tests.threads import run_together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

PEOPLE = 8


def team(world: World) -> list[tuple[Any, Api]]:
    users = [make_operator(world.north.branch) for _ in range(PEOPLE)]
    return [(user, Api(user)) for user in users]


def test_of_many_takers_one_gets_it(world: World) -> None:
    for _ in range(3):
        conversation = make_conversation(world.north)
        people = team(world)

        answers = run_together(
            [
                partial(api.post, url(conversation, "assign/"), {"assignee": str(user.pk)})
                for user, api in people
            ]
        )

        assert sorted(answer.status_code for answer in answers) == [200] + [409] * (PEOPLE - 1)
        (winner,) = (answer.json()["assignee"] for answer in answers if answer.status_code == 200)
        conversation.refresh_from_db()
        assert winner["id"] == str(conversation.assignee_id)
        for answer in answers:
            assert answer.json()["assignee"] == winner
            if answer.status_code == 409:
                assert answer.json()["code"] == "already_assigned"
        assert conversation.revision == 2


def test_of_many_repliers_one_is_first(world: World) -> None:
    for _ in range(3):
        conversation = make_conversation(world.north)

        answers = run_together(
            [
                partial(
                    api.post, url(conversation, "messages/"), {"body": "Hi", "last_seen_seq": 1}
                )
                for _, api in team(world)
            ]
        )

        assert sorted(answer.status_code for answer in answers) == [201] + [409] * (PEOPLE - 1)
        stored = Message.objects.get(conversation=conversation, kind="operator")
        for answer in answers:
            if answer.status_code == 409:
                assert answer.json()["code"] == "newer_reply"
                assert [m["id"] for m in answer.json()["messages"]] == [str(stored.public_id)]


def test_a_reply_sent_many_times_at_once_is_stored_once(world: World) -> None:
    conversation = make_conversation(world.north)
    said = {"body": "Hi", "client_id": "one", "last_seen_seq": 1}
    apis = [Api(world.anna) for _ in range(PEOPLE)]

    answers = run_together(
        [partial(api.post, url(conversation, "messages/"), said) for api in apis]
    )

    assert sorted(answer.status_code for answer in answers) == [200] * (PEOPLE - 1) + [201]
    assert len({answer.json()["message"]["id"] for answer in answers}) == 1
    assert Message.objects.filter(conversation=conversation, kind="operator").count() == 1


def test_of_many_changes_with_one_revision_one_is_made(world: World) -> None:
    conversation = make_conversation(world.north)

    answers = run_together(
        [
            partial(api.patch, url(conversation), {"status": "resolved", "revision": 1})
            for _, api in team(world)
        ]
    )

    assert sorted(answer.status_code for answer in answers) == [200] + [409] * (PEOPLE - 1)
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"stale"}


def test_a_change_that_commits_late_is_not_missed(world: World) -> None:
    """Its transaction began before a look at ``changes/`` and a later one committed before it."""
    late, quick = make_conversation(world.north), make_conversation(world.north)
    api = Api(world.anna)
    cursor = api.get("conversations/changes/").json()["cursor"]
    written, release = Event(), Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                say(late, "held back")
                written.set()
                release.wait(20)
        finally:
            connections.close_all()

    thread = Thread(target=hold)
    thread.start()
    try:
        assert written.wait(20)
        say(quick, "at once")
        during = api.get("conversations/changes/", cursor=cursor).json()
        previews = {row["id"]: row["preview"] for row in during["conversations"]}
        assert previews[str(quick.public_id)] == "at once"
        assert previews.get(str(late.public_id)) != "held back"
    finally:
        release.set()
        thread.join()
    after = api.get("conversations/changes/", cursor=during["cursor"]).json()

    previews = {row["id"]: row["preview"] for row in after["conversations"]}
    assert previews[str(late.public_id)] == "held back"
    assert after["full"] is False


def test_a_follower_misses_nothing_of_many_writers(world: World) -> None:
    """It merges rows by id as clients do, and in the end has what the database has."""
    conversations = [make_conversation(world.north) for _ in range(6)]
    api = Api(world.anna)
    first = api.get("conversations/changes/").json()
    known = {row["id"]: row["revision"] for row in first["conversations"]}
    done = Event()

    def write(conversation: Conversation) -> None:
        for number in range(15):
            with transaction.atomic():
                say(conversation, str(number))

    def write_all() -> None:
        try:
            run_together([partial(write, conversation) for conversation in conversations])
        finally:
            done.set()

    writer = Thread(target=write_all)
    writer.start()
    cursor, rounds = first["cursor"], 0
    while True:
        finished = done.is_set()
        data = api.get("conversations/changes/", cursor=cursor).json()
        for row in data["conversations"]:
            assert row["revision"] >= known[row["id"]]
            known[row["id"]] = row["revision"]
        cursor, rounds = data["cursor"], rounds + 1
        if finished:
            break
    writer.join()

    assert known == {
        str(public_id): revision
        for public_id, revision in Conversation.objects.values_list("public_id", "revision")
    }
    assert set(known.values()) == {16}
    assert rounds > 1
