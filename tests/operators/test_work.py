"""Taking by replying, handing over, many at once, unread marks, saved views."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from django_messenger.models import AssignmentLog, Conversation, Label, Message, SavedView
from django_messenger.services.conversations import change_conversation
from django_messenger.test import override_messenger
from tests.factories import answer, make_contact, make_conversation, make_inbox, make_operator, say
from tests.operators.client import Api, ids, url
from tests.operators.conftest import World


def log_of(conversation: Conversation) -> list[tuple[Any, ...]]:
    rows = AssignmentLog.objects.filter(conversation=conversation)
    return [(row.cause, row.previous, row.assignee, row.by, row.reason) for row in rows]


def stored(conversation: Conversation) -> Conversation:
    return Conversation.objects.get(pk=conversation.pk)


# --- Assignment -----------------------------------------------------------------------------------


def test_a_reply_takes_what_is_nobodys(world: World) -> None:
    conversation = make_conversation(world.north)
    sent = Api(world.anna).post(url(conversation, "messages/"), {"body": "Hi"}).json()
    assert sent["conversation"]["assignee"]["id"] == str(world.anna.pk)
    assert sent["conversation"]["revision"] == sent["message"]["revision"] == 2
    Api(world.vera).post(url(conversation, "messages/"), {"body": "Me too"})
    assert stored(conversation).assignee == world.anna
    assert log_of(conversation) == [("replied", None, world.anna, world.anna, "")]


def test_neither_a_note_nor_a_host_that_does_not_want_it_takes(world: World) -> None:
    conversation = make_conversation(world.north)
    api = Api(world.anna)
    api.post(url(conversation, "messages/"), {"body": "Hm", "kind": "note"})
    with override_messenger(ASSIGN_ON_REPLY=False):
        api.post(url(conversation, "messages/"), {"body": "Hi"})
    assert stored(conversation).assignee is None
    assert log_of(conversation) == []


def test_the_log_says_who_and_why(world: World) -> None:
    conversation = make_conversation(world.north)
    path = url(conversation, "assign/")
    anna, vera = str(world.anna.pk), str(world.vera.pk)
    Api(world.anna).post(path, {"assignee": anna})
    wish = {"assignee": vera, "expected": anna, "reason": "A complaint\nabout me"}
    assert Api(world.vera).post(path, wish).status_code == 200
    Api(world.vera).post(path, {"assignee": None, "expected": vera})
    assert log_of(conversation) == [
        ("taken", None, world.anna, world.anna, ""),
        ("taken", world.anna, world.vera, world.vera, "A complaint about me"),
        ("returned", world.vera, None, world.vera, ""),
    ]
    shown = Api(world.anna).get(url(conversation, "assignments/")).json()
    assert [row["cause"] for row in shown["assignments"]] == ["taken", "taken", "returned"]
    assert shown["assignments"][1]["previous"] == {"id": anna, "name": "Anna"}
    assert shown["linked"] == []


# --- Handing over ---------------------------------------------------------------------------------


def hand_over(user: Any, conversation: Conversation, inbox: Any, **extra: Any) -> Any:
    wish = {"inbox": str(inbox.public_id), "reason": "Wants the South", **extra}
    return Api(user).post(url(conversation, "hand-over/"), wish)


def test_a_customer_goes_to_another_branch(world: World) -> None:
    contact = make_contact(world.north.branch, name="Olga", email="o@example.com")
    conversation = make_conversation(world.north, contact, body="First")
    answer(conversation, world.anna, "Yes?")
    for body in ("Second", "Third"):
        say(conversation, body)
    both = make_operator(world.north.branch, world.south.branch, name="Both")

    done = hand_over(both, conversation, world.south, message="Colleagues will help you.")

    assert done.status_code == 201, done.content
    old, new = stored(conversation), Conversation.objects.get(inbox=world.south)
    assert (old.status, old.branch) == ("resolved", world.north.branch)
    assert done.json()["linked"] == {
        "id": str(new.public_id),
        "status": "open",
        "inbox": {"id": str(world.south.public_id), "name": "South"},
        "direction": "later",
    }
    assert old.preview == "Colleagues will help you."
    assert (new.contact.branch, new.contact.name, new.contact.trust) == (
        world.south.branch,
        "Olga",
        "claimed",
    )
    said = [(m.kind, m.body) for m in Message.objects.filter(conversation=new)]
    assert said == [("visitor", "Second"), ("visitor", "Third"), ("note", "Wants the South")]
    assert new.waiting_since is not None
    assert log_of(old)[-1][::4] == ("handed_over", "Wants the South")
    assert str(new.public_id) in ids(Api(world.boris).get("conversations/"))


def test_who_sees_one_branch_sees_one_end_of_the_link(world: World) -> None:
    conversation = make_conversation(world.north)
    both = make_operator(world.north.branch, world.south.branch)
    hand_over(both, conversation, world.south)
    new = Conversation.objects.get(inbox=world.south)
    for user, row, seen in (
        (world.anna, conversation, []),
        (world.boris, new, []),
        (both, new, [str(conversation.public_id)]),
    ):
        linked = Api(user).get(url(row, "assignments/")).json()["linked"]
        assert [link["id"] for link in linked] == seen


def test_the_same_customer_is_one_contact_there(world: World) -> None:
    contact = make_contact(world.north.branch, name="Olga")
    first = make_conversation(world.north, contact)
    both = make_operator(world.north.branch, world.south.branch)
    hand_over(both, first, world.south)
    change_conversation(user=both, conversation=first, status="closed")
    again = make_conversation(world.north, contact, body="Once more")
    hand_over(both, again, world.south)
    new = Conversation.objects.get(inbox=world.south)
    bodies = Message.objects.filter(conversation=new, kind="visitor").values_list("body", flat=True)
    assert list(bodies) == ["Hello", "Once more"]


def test_where_nobody_may_hand_over(world: World) -> None:
    conversation = make_conversation(world.north)
    foreign = hand_over(world.anna, conversation, world.south)
    unknown = Api(world.anna).post(
        url(conversation, "hand-over/"), {"inbox": str(uuid4()), "reason": "x"}
    )
    assert (foreign.status_code, foreign.content) == (400, unknown.content)
    assert hand_over(world.boris, conversation, world.south).status_code == 404
    assert hand_over(world.anna, conversation, world.north).status_code == 400
    other = make_inbox(world.north.branch)
    for reason in ("", "  ", "x" * 2001):
        assert hand_over(world.anna, conversation, other, reason=reason).status_code == 400
    assert hand_over(world.anna, conversation, other).status_code == 201
    assert hand_over(world.anna, conversation, other).json()["code"] == "invalid_transition"
    assert Conversation.objects.get(inbox=other).contact == conversation.contact
    listed = ids(Api(world.anna).get("hand-over-inboxes/"))
    assert sorted(listed) == sorted([str(world.north.public_id), str(other.public_id)])


# --- Many at once ---------------------------------------------------------------------------------


def bulk(user: Any, conversations: list[Any], **change: Any) -> Any:
    wanted = [str(getattr(c, "public_id", c)) for c in conversations]
    return Api(user).post("conversations/bulk/", {"ids": wanted, **change})


def test_each_has_its_own_outcome(world: World) -> None:
    good, closed = (make_conversation(world.north) for _ in range(2))
    change_conversation(user=world.anna, conversation=closed, status="closed")
    foreign, unknown = make_conversation(world.south), uuid4()
    result = bulk(world.anna, [good, closed, foreign, unknown, good], status="resolved").json()
    assert result["counts"] == {"done": 1, "not_allowed": 0, "refused": 1, "not_found": 2}
    assert result["done"] == [str(good.public_id)]
    assert result["refused"] == [str(closed.public_id)]
    assert result["not_found"] == [str(foreign.public_id), str(unknown)]
    assert [stored(c).status for c in (good, closed, foreign)] == ["resolved", "closed", "open"]


def test_who_may_not_is_told_for_each(world: World) -> None:
    conversation = make_conversation(world.north)
    result = bulk(world.anna, [conversation], assignee=str(world.vera.pk)).json()
    assert result["counts"]["not_allowed"] == 1
    assert bulk(world.vera, [conversation], assignee=str(world.anna.pk)).json()["counts"]["done"]
    assert stored(conversation).assignee == world.anna
    foreign = bulk(world.vera, [conversation], assignee=str(world.boris.pk)).json()
    unknown = bulk(world.vera, [conversation], assignee=str(world.stranger.pk)).json()
    assert foreign == unknown
    assert foreign["counts"]["refused"] == 1


def test_a_change_is_whole_or_not_at_all(world: World) -> None:
    conversation = make_conversation(world.north)
    result = bulk(world.anna, [conversation], assignee=str(world.anna.pk), snooze="hour")
    assert result.json()["counts"]["done"] == 1
    change_conversation(user=world.anna, conversation=conversation, status="resolved")
    again = bulk(world.anna, [conversation], assignee=None, status="pending").json()
    assert again["counts"]["refused"] == 1
    assert stored(conversation).assignee == world.anna


def test_labels_priority_and_marks(world: World) -> None:
    rows = [make_conversation(world.north) for _ in range(2)]
    old, new = (Label.objects.create(name=n, branch=world.north.branch) for n in ("a", "b"))
    foreign = Label.objects.create(name="c", branch=world.south.branch)
    for row in rows:
        row.labels.add(old)
    change = {"add_labels": [str(new.pk)], "remove_labels": [str(old.pk)], "priority": "high"}
    assert bulk(world.anna, rows, read=True, **change).json()["counts"]["done"] == 2
    for row in rows:
        assert list(row.labels.all()) == [new]
        assert stored(row).priority == "high"
    assert bulk(world.anna, rows, add_labels=[str(foreign.pk)]).status_code == 400
    listed = Api(world.anna).get("conversations/").json()["results"]
    assert [row["unread"] for row in listed] == [False, False]
    bulk(world.anna, rows[:1], read=False)
    assert Api(world.anna).get(url(rows[0])).json()["unread"] is True


@pytest.mark.parametrize("wanted", [[], ["x"], [str(uuid4()) for _ in range(101)], "all"])
def test_ids_that_are_none_or_too_many(world: World, wanted: Any) -> None:
    answered = Api(world.anna).post("conversations/bulk/", {"ids": wanted, "status": "closed"})
    assert answered.status_code == 400


def test_snooze_presets_and_label_changes_of_one(world: World) -> None:
    conversation = make_conversation(world.north)
    label = Label.objects.create(name="a")
    api = Api(world.anna)
    snoozed = api.patch(url(conversation), {"snooze": "tomorrow"}).json()
    assert (snoozed["status"], snoozed["snoozed_until"][11:]) == ("snoozed", "09:00:00Z")
    assert api.patch(url(conversation), {"snooze": "never"}).status_code == 400
    added = api.patch(url(conversation), {"add_labels": [str(label.pk)]}).json()
    assert [row["name"] for row in added["labels"]] == ["a"]
    assert api.patch(url(conversation), {"remove_labels": [str(label.pk)]}).json()["labels"] == []


# --- Unread ---------------------------------------------------------------------------------------


def test_unread_is_ones_own(world: World) -> None:
    conversation = make_conversation(world.north)
    say(conversation, "Again")
    anna, vera = Api(world.anna), Api(world.vera)
    for api in (anna, vera):
        api.post(url(conversation, "read/"), {"read_seq": 2})
    assert anna.post(url(conversation, "unread/")).json()["read_seq"] == 1
    assert anna.get(url(conversation)).json()["unread"] is True
    assert vera.get(url(conversation)).json()["unread"] is False
    assert stored(conversation).operator_read_seq == 2
    anna.post(url(conversation, "read/"), {"read_seq": 2})
    assert anna.get(url(conversation)).json()["unread"] is False


# --- Saved views ----------------------------------------------------------------------------------


def test_views_of_ones_own_and_of_the_branch(world: World) -> None:
    anna, vera, boris = Api(world.anna), Api(world.vera), Api(world.boris)
    branch = str(world.north.branch.pk)
    make_conversation(world.north)
    made = anna.post("saved-views/", {"name": "Open", "query": {"view": "unassigned"}})
    assert made.status_code == 201
    own = made.json()
    assert own == {
        "id": own["id"],
        "name": "Open",
        "branch": None,
        "query": {"view": "unassigned"},
        "count": 1,
    }
    refused = anna.post("saved-views/", {"name": "x", "query": {}, "branch": branch})
    assert refused.status_code == 403
    wish = {"name": "Team", "query": {"status": "closed"}, "branch": branch}
    shared = vera.post("saved-views/", wish).json()
    assert vera.post("saved-views/", wish).status_code == 400
    assert ids(anna.get("saved-views/")) == [own["id"], shared["id"]]
    assert ids(vera.get("saved-views/")) == [shared["id"]]
    assert ids(boris.get("saved-views/")) == []
    assert anna.patch(f"saved-views/{shared['id']}/", {"name": "Mine"}).status_code == 403
    for api in (boris, vera):
        assert api.patch(f"saved-views/{own['id']}/", {"name": "Mine"}).status_code == 404
    renamed = anna.patch(f"saved-views/{own['id']}/", {"name": "Free", "query": {"q": "x"}}).json()
    assert (renamed["name"], renamed["query"], renamed["count"]) == ("Free", {"q": "x"}, None)
    assert anna.http.delete(f"/api/messenger/saved-views/{own['id']}/").status_code == 204
    assert anna.http.delete(f"/api/messenger/saved-views/{own['id']}/").status_code == 404
    for crooked in ("x", "0", "-1", "9" * 30):
        assert anna.patch(f"saved-views/{crooked}/", {"name": "x"}).status_code == 404


def test_counts_follow_the_filters_and_the_reader(world: World) -> None:
    conversation = make_conversation(world.north)
    make_conversation(world.south)
    label = Label.objects.create(name="a")
    conversation.labels.add(label)
    queries: list[tuple[dict[str, str], int | None]] = [
        ({}, 1),
        ({"label": str(label.pk)}, 1),
        ({"label": "999999"}, 0),
        ({"inbox": str(world.south.public_id)}, 0),
        ({"inbox": str(world.north.public_id), "assignee": "none"}, 1),
        ({"assignee": str(world.anna.pk)}, 0),
        ({"status": "resolved"}, 0),
        ({"view": "mine"}, 0),
    ]
    for number, (query, _) in enumerate(queries):
        SavedView.objects.create(user=world.anna, name=f"{number}", query=query)
    SavedView.objects.create(user=world.anna, name="broken", query={"inbox": "x"})
    listed = Api(world.anna).get("saved-views/").json()["results"]
    assert [row["count"] for row in listed] == [*(count for _, count in queries), None]


@pytest.mark.parametrize(
    "wish",
    [
        {"name": "", "query": {}},
        {"name": "x" * 61, "query": {}},
        {"name": "x"},
        {"name": "x", "query": {"status": "asleep"}},
        {"name": "x", "query": {"inbox": "1"}},
        {"name": "x", "query": "view=mine"},
        {"name": "x", "query": {}, "branch": "987654321"},
    ],
)
def test_a_view_that_cannot_be_saved(world: World, wish: Any) -> None:
    assert Api(world.vera).post("saved-views/", wish).status_code == 400
