"""Changing conversations: status, priority, labels, assignment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from django_messenger.models import Conversation, Label
from django_messenger.services.conversations import assign_conversation
from tests.factories import make_contact, make_conversation, make_inbox, make_operator
from tests.operators.client import Api, url
from tests.operators.conftest import World


def test_status_and_priority(world: World) -> None:
    conversation = make_conversation(world.north)
    api = Api(world.anna)

    resolved = api.patch(url(conversation), {"status": "resolved", "priority": "high"})

    assert resolved.status_code == 200
    data = resolved.json()
    assert (data["status"], data["priority"]) == ("resolved", "high")
    assert data["resolved_at"].endswith("Z")
    assert data == api.get(url(conversation)).json()
    reopened = api.patch(url(conversation), {"status": "open"}).json()
    assert (reopened["status"], reopened["resolved_at"]) == ("open", None)


def test_snoozing_needs_a_time_to_come(world: World) -> None:
    conversation = make_conversation(world.north)
    api = Api(world.anna)
    until = (timezone.now() + timedelta(hours=3)).replace(microsecond=0)

    for wrong in (
        {"status": "snoozed"},
        {"status": "snoozed", "snoozed_until": None},
        {"status": "snoozed", "snoozed_until": "2020-01-01T00:00:00Z"},
        {"status": "snoozed", "snoozed_until": "9999-12-31T23:59:59-05:00"},
        {"status": "snoozed", "snoozed_until": "9999-12-31T23:59:59Z"},
        {"status": "snoozed", "snoozed_until": "0001-01-01T00:00:00+14:00"},
        {"status": "snoozed", "snoozed_until": 5},
        {"status": "snoozed", "snoozed_until": "tomorrow"},
        {"status": "open", "snoozed_until": until.isoformat()},
        {"snoozed_until": until.isoformat()},
    ):
        refused = api.patch(url(conversation), wrong)
        assert refused.status_code == 400, wrong
        assert set(refused.json()["errors"]) == {"snoozed_until"}

    snoozed = api.patch(
        url(conversation), {"status": "snoozed", "snoozed_until": until.isoformat()}
    )
    assert snoozed.json()["snoozed_until"] == until.isoformat().replace("+00:00", "Z")
    assert api.patch(url(conversation), {"status": "open"}).json()["snoozed_until"] is None


def test_a_status_that_cannot_follow_is_a_conflict(world: World) -> None:
    conversation = make_conversation(world.north)
    api = Api(world.anna)
    api.patch(url(conversation), {"status": "closed"})

    refused = api.patch(url(conversation), {"status": "open"})

    assert (refused.status_code, refused.json()["code"]) == (409, "invalid_transition")


def test_a_second_live_conversation_of_a_contact_is_a_conflict(world: World) -> None:
    contact = make_contact(world.north.branch)
    first = make_conversation(world.north, contact)
    api = Api(world.anna)
    api.patch(url(first), {"status": "resolved"})
    make_conversation(world.north, contact)

    refused = api.patch(url(first), {"status": "open"})

    assert (refused.status_code, refused.json()["code"]) == (409, "invalid_transition")


def test_an_older_revision_is_stale(world: World) -> None:
    conversation = make_conversation(world.north)
    api = Api(world.anna)
    seen = api.get(url(conversation)).json()["revision"]

    first = api.patch(url(conversation), {"priority": "high", "revision": seen})
    second = api.patch(url(conversation), {"priority": "low", "revision": seen})

    assert first.status_code == 200
    assert (second.status_code, second.json()["code"]) == (409, "stale")
    assert api.get(url(conversation)).json()["priority"] == "high"


def test_labels_are_the_whole_new_set(world: World) -> None:
    conversation = make_conversation(world.north)
    everywhere = Label.objects.create(name="vip")
    own = Label.objects.create(branch=world.north.branch, name="return")
    api = Api(world.anna)

    both = api.patch(url(conversation), {"labels": [str(own.pk), str(everywhere.pk)]}).json()
    revision = both["revision"]
    same = api.patch(url(conversation), {"labels": [str(own.pk), str(everywhere.pk)]}).json()
    none = api.patch(url(conversation), {"labels": []}).json()

    assert [label["name"] for label in both["labels"]] == ["return", "vip"]
    assert same["revision"] == revision
    assert none["labels"] == []


def test_a_foreign_label_looks_like_an_unknown_one(world: World) -> None:
    conversation = make_conversation(world.north)
    foreign = Label.objects.create(branch=world.south.branch, name="return")
    # Not even somebody who sees both branches mixes them up.
    both = make_operator(world.north.branch, world.south.branch)

    for user in (world.anna, both):
        answers = [
            Api(user).patch(url(conversation), {"labels": [label]})
            for label in (str(foreign.pk), "987654321")
        ]
        assert [answer.status_code for answer in answers] == [400, 400]
        assert answers[0].content == answers[1].content
    assert not conversation.labels.exists()


@pytest.mark.parametrize(
    "data",
    [
        {"status": "deleted"},
        {"status": None},
        {"status": 1},
        {"status": ["open"]},
        {"priority": "highest"},
        {"priority": None},
        {"labels": "1"},
        {"labels": [1]},
        {"labels": [None]},
        {"labels": ["x"]},
        {"labels": ["9" * 30]},
        {"labels": [["1"]]},
        {"labels": ["1"] * 101},
        {"labels": {"a": "1"}},
        {"revision": "x"},
        {"revision": -1},
        {"revision": 1.5},
        {"revision": None},
    ],
)
def test_types_are_strict(world: World, data: dict[str, Any]) -> None:
    response = Api(world.anna).patch(url(make_conversation(world.north)), data)

    assert (response.status_code, response.json()["code"]) == (400, "invalid")
    assert set(response.json()["errors"]) == set(data)


def test_what_a_client_may_not_set_is_ignored(world: World) -> None:
    conversation = make_conversation(world.north)
    before = Conversation.objects.filter(pk=conversation.pk).values().get()
    forged = {
        "branch": str(world.south.branch.pk),
        "branch_id": str(world.south.branch.pk),
        "inbox": str(world.south.public_id),
        "inbox_id": world.south.pk,
        "contact": str(uuid4()),
        "assignee": str(world.anna.pk),
        "assignee_id": world.anna.pk,
        "change_xid": 1,
        "last_message_at": None,
        "waiting_since": None,
        "visitor_read_seq": 100,
        "operator_read_seq": 100,
        "attributes": {"a": 1},
        "user": str(world.admin.pk),
        "conversation": str(uuid4()),
        "expected_revision": 900,
    }

    response = Api(world.anna).patch(url(conversation), forged)

    assert response.status_code == 200
    assert Conversation.objects.filter(pk=conversation.pk).values().get() == before


def test_an_operator_takes_a_conversation_and_puts_it_back(world: World) -> None:
    conversation = make_conversation(world.north)
    api = Api(world.anna)
    assign = url(conversation, "assign/")

    taken = api.post(assign, {"assignee": str(world.anna.pk)})
    again = api.post(assign, {"assignee": str(world.anna.pk)})
    refused = Api(world.vera).post(assign, {"assignee": str(world.vera.pk)})
    back = api.post(assign, {"assignee": None, "expected": str(world.anna.pk)})

    assert taken.json()["assignee"] == {"id": str(world.anna.pk), "name": "Anna"}
    assert again.json()["revision"] == taken.json()["revision"]
    assert (refused.status_code, refused.json()["code"]) == (409, "already_assigned")
    assert refused.json()["assignee"] == {"id": str(world.anna.pk), "name": "Anna"}
    assert (back.status_code, back.json()["assignee"]) == (200, None)
    late = api.post(assign, {"assignee": str(world.anna.pk), "expected": str(world.vera.pk)})
    assert (late.status_code, late.json()["assignee"]) == (409, None)


def test_only_supervisors_give_a_conversation_to_others(world: World) -> None:
    conversation = make_conversation(world.north)
    assign = url(conversation, "assign/")

    refused = Api(world.anna).post(assign, {"assignee": str(world.vera.pk)})
    given = Api(world.vera).post(assign, {"assignee": str(world.anna.pk)})
    moved = Api(world.vera).post(
        assign, {"assignee": str(world.vera.pk), "expected": str(world.anna.pk)}
    )

    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    assert given.json()["assignee"]["name"] == "Anna"
    assert moved.json()["assignee"]["name"] == "Vera"


def test_an_assignee_must_be_able_to_answer_there(world: World) -> None:
    conversation = make_conversation(world.north)
    fired = make_operator(world.north.branch, is_active=False)
    unknown = str(uuid4()) if len(str(world.vera.pk)) > 30 else "987654321"
    people = [str(user.pk) for user in (world.boris, world.stranger, fired)] + [unknown, "x"]

    answers = [
        Api(world.vera).post(url(conversation, "assign/"), {"assignee": person})
        for person in people
    ]

    assert [answer.status_code for answer in answers] == [400] * 5
    assert len({answer.content for answer in answers[:4]}) == 1
    conversation.refresh_from_db()
    assert conversation.assignee is None


@pytest.mark.parametrize(
    "data", [{}, {"assignee": 1}, {"assignee": ["1"]}, {"assignee": ""}, {"expected": None}]
)
def test_the_assignee_must_be_named(world: World, data: dict[str, Any]) -> None:
    response = Api(world.anna).post(url(make_conversation(world.north), "assign/"), data)

    assert response.status_code == 400
    assert set(response.json()["errors"]) == {"assignee"}


def test_a_policy_may_take_a_conversation_out_of_sight(world: World, settings: Any) -> None:
    """The change that hides it is answered with its outcome all the same."""
    settings.MESSENGER = {"ACCESS_POLICY": "tests.operators.policies.OwnAndFree"}
    conversation = make_conversation(world.north)
    api = Api(world.vera)

    given = api.post(url(conversation, "assign/"), {"assignee": str(world.anna.pk)})

    assert given.json()["assignee"]["name"] == "Anna"
    assert api.get(url(conversation)).status_code == 404


def test_a_closed_conversation_is_given_to_nobody(world: World) -> None:
    conversation = make_conversation(make_inbox(world.north.branch))
    api = Api(world.anna)
    api.patch(url(conversation), {"status": "closed"})

    refused = api.post(url(conversation, "assign/"), {"assignee": str(world.anna.pk)})

    assert (refused.status_code, refused.json()["code"]) == (409, "invalid_transition")


def test_assigning_counts(world: World) -> None:
    conversation = make_conversation(world.north)
    assign_conversation(user=world.anna, conversation=conversation, assignee=world.anna)

    assert Api(world.anna).get("me/").json()["counters"] == {
        "mine": 1,
        "unassigned": 0,
        "all": 1,
        "waiting": 1,
        "mentions": 0,
    }
    assert Api(world.vera).get("me/").json()["counters"]["mine"] == 0
