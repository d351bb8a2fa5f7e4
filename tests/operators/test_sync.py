"""``changes/``: following everything by one cursor."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import override_settings

from django_messenger.models import Conversation, Label
from django_messenger.selectors.changes import changes_since
from django_messenger.services.conversations import assign_conversation, change_conversation
from django_messenger.services.operators import save_operator
from tests.factories import answer, make_conversation, make_operator, say
from tests.operators.client import Api, ids
from tests.operators.conftest import World

CHANGES = "conversations/changes/"


def after(api: Api, cursor: str) -> dict[str, Any]:
    response = api.get(CHANGES, cursor=cursor)
    assert response.status_code == 200
    return dict(response.json())


def found(data: dict[str, Any]) -> set[str]:
    return {row["id"] for row in data["conversations"]}


def test_the_first_call_gives_all_that_lives(world: World) -> None:
    live = make_conversation(world.north)
    done = make_conversation(world.north)
    change_conversation(user=world.anna, conversation=done, status="closed")
    make_conversation(world.south)
    api = Api(world.anna)

    data = api.get(CHANGES).json()

    assert data["full"] is True
    assert found(data) == {str(live.public_id)}
    assert data["gone"] == []
    assert data["counters"] == {"mine": 0, "unassigned": 1, "all": 1, "waiting": 1, "mentions": 0}
    assert data["conversations"] == api.get("conversations/", status="open").json()["results"]


class ReadElsewhere:
    """A host's router that sends reads to a replica, here one that cannot be reached at all."""

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        return "replica" if model in (Conversation, Label) else None


def test_a_replica_is_not_asked(world: World) -> None:
    conversation = make_conversation(world.north)
    conversation.labels.add(Label.objects.create(name="Urgent"))
    with override_settings(DATABASE_ROUTERS=[f"{__name__}.ReadElsewhere"]):
        start = changes_since(world.anna, "")
        again = changes_since(world.anna, start.cursor)
    assert [row.pk for row in start.conversations] == [conversation.pk]
    for changes in (start, again):
        assert [label.name for row in changes.conversations for label in row.labels.all()] == [
            "Urgent"
        ]


@pytest.mark.django_db(transaction=True)
def test_each_change_comes_once_it_is_there(world: World) -> None:
    """Any transaction of the server that is still open makes older rows come again: no harm."""
    touched, quiet = make_conversation(world.north), make_conversation(world.north)
    api = Api(world.anna)
    cursor = api.get(CHANGES).json()["cursor"]
    assert found(after(api, cursor)) <= {str(touched.public_id), str(quiet.public_id)}
    cursor = after(api, cursor)["cursor"]

    changes: list[Any] = [
        lambda: say(touched),
        lambda: answer(touched, world.anna),
        lambda: answer(touched, world.anna, note=True),
        lambda: change_conversation(user=world.anna, conversation=touched, priority="high"),
        lambda: assign_conversation(user=world.anna, conversation=touched, assignee=world.anna),
        lambda: Api(world.anna).post(f"conversations/{touched.public_id}/read/", {"read_seq": 3}),
        lambda: change_conversation(user=world.anna, conversation=touched, status="closed"),
    ]
    for change in changes:
        change()
        data = after(api, cursor)
        assert data["full"] is False
        touched.refresh_from_db()
        rows = {row["id"]: row["revision"] for row in data["conversations"]}
        assert rows[str(touched.public_id)] == touched.revision
        cursor = data["cursor"]
    assert found(after(api, cursor)) <= {str(touched.public_id), str(quiet.public_id)}


@pytest.mark.django_db(transaction=True)
def test_a_new_conversation_comes_with_its_first_message(world: World) -> None:
    conversation = make_conversation(world.north, body="")
    api = Api(world.anna)
    cursor = api.get(CHANGES).json()["cursor"]
    assert found(after(api, cursor)) == set()

    say(conversation)

    assert found(after(api, cursor)) == {str(conversation.public_id)}


@pytest.mark.django_db(transaction=True)
def test_what_goes_out_of_sight_is_gone(world: World, settings: Any) -> None:
    settings.MESSENGER = {"ACCESS_POLICY": "tests.operators.policies.OwnAndFree"}
    conversation = make_conversation(world.north)
    api = Api(world.anna)
    cursor = api.get(CHANGES).json()["cursor"]

    assign_conversation(user=world.vera, conversation=conversation, assignee=world.vera)
    data = after(api, cursor)

    assert (data["conversations"], data["gone"]) == ([], [str(conversation.public_id)])


@pytest.mark.django_db(transaction=True)
def test_changes_of_another_branch_show_nowhere(world: World) -> None:
    foreign = make_conversation(world.south)
    api = Api(world.anna)
    cursor = api.get(CHANGES).json()["cursor"]

    say(foreign)
    data = after(api, cursor)

    assert (data["conversations"], data["gone"], data["full"]) == ([], [], False)
    assert set(data["counters"].values()) == {0}


def test_a_cursor_is_worth_nothing_to_others(world: World) -> None:
    make_conversation(world.north)
    cursor = Api(world.anna).get(CHANGES).json()["cursor"]

    data = after(Api(world.boris), cursor)

    assert (data["full"], data["conversations"]) == (True, [])


def test_another_set_of_branches_starts_anew(world: World) -> None:
    conversation = make_conversation(world.south)
    user = make_operator(world.north.branch)
    api = Api(user)
    cursor = api.get(CHANGES).json()["cursor"]

    both = [world.north.branch, world.south.branch]
    save_operator(user=user, display_name="Anna", branches=both)
    more = after(api, cursor)
    save_operator(user=user, display_name="Anna", branches=[])
    nothing = after(api, more["cursor"])

    assert (more["full"], found(more)) == (True, {str(conversation.public_id)})
    assert (nothing["full"], nothing["conversations"]) == (True, [])
    assert ids(api.get("conversations/")) == []


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "W10",
        "WzEsIDJd",
        "bnVsbA",
        "Wy0xLCAiIl0",
        "WzEsICIiXQ",
        "Wzk5OTk5OTk5OTk5OTk5OTk5OTk5LCAiIl0",
        "\x00",
        "ё",
        "=" * 300,
        "W" * 3000,
    ],
)
def test_a_cursor_that_is_none_starts_anew(world: World, cursor: str) -> None:
    assert after(Api(world.anna), cursor)["full"] is True


@pytest.mark.django_db(transaction=True)
def test_too_many_changes_start_anew(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django_messenger.selectors.changes.LIMIT", 2)
    api = Api(world.anna)
    cursor = api.get(CHANGES).json()["cursor"]
    for _ in range(3):
        make_conversation(world.north)

    data = after(api, cursor)

    assert data["full"] is True
    assert len(data["conversations"]) == 2
    assert Conversation.objects.count() == 3
