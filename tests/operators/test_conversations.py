"""The list and the detail of conversations."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from django_messenger.models import Conversation, Label
from django_messenger.services.conversations import (
    assign_conversation,
    change_conversation,
    read_conversation,
)
from tests.factories import answer, make_contact, make_conversation, make_operator, say
from tests.operators.client import Api, ids
from tests.operators.conftest import World


def test_a_row_holds_exactly_what_a_list_shows(world: World) -> None:
    contact = make_contact(world.north.branch, name="Maria", email="m@example.com", phone="+7")
    conversation = make_conversation(world.north, contact, body="Is anybody\nthere?")
    label = Label.objects.create(name="urgent", color="#ff0000")
    change_conversation(user=world.anna, conversation=conversation, labels=[label])
    assign_conversation(user=world.anna, conversation=conversation, assignee=world.anna)
    conversation.refresh_from_db()

    (row,) = Api(world.anna).get("conversations/").json()["results"]

    moments = ("last_message_at", "waiting_since", "created_at")
    assert all(row.pop(name).endswith("Z") for name in moments)
    assert row == {
        "id": str(conversation.public_id),
        "status": "open",
        "priority": "normal",
        "inbox": {"id": str(world.north.public_id), "name": "North"},
        "branch": {"id": str(world.north.branch.pk), "name": "North"},
        "contact": {
            "id": str(contact.public_id),
            "name": "Maria",
            "email": "m@example.com",
            "phone": "+7",
            "trust": "anonymous",
        },
        "assignee": {"id": str(world.anna.pk), "name": "Anna"},
        "labels": [{"id": str(label.pk), "name": "urgent", "color": "#ff0000"}],
        "preview": "Is anybody there?",
        "first_response_at": None,
        "snoozed_until": None,
        "rating": None,
        "revision": conversation.revision,
        "unread": True,
        "mentioned": False,
        "draft": False,
        "read_seq": 0,
        "visitor_read_seq": 0,
        "operator_read_seq": 0,
    }


def test_the_detail_is_the_row_and_more(world: World) -> None:
    contact = make_contact(world.north.branch, attributes={"plan": "gold"})
    conversation = make_conversation(
        world.north, contact, source_url="https://example.com/p", locale="ru", attributes={"a": 1}
    )
    api = Api(world.anna)

    (row,) = api.get("conversations/").json()["results"]
    detail = api.get(f"conversations/{conversation.public_id}/").json()

    assert detail["contact"].pop("attributes") == {"plan": "gold"}
    assert {name: detail.pop(name) for name in set(detail) - set(row)} == {
        "source_url": "https://example.com/p",
        "referrer": "",
        "locale": "ru",
        "attributes": {"a": 1},
        "resolved_at": None,
        "rating_comment": "",
        "rated_at": None,
        "people": {"viewing": [], "typing": [], "visitor_typing": False},
    }
    assert detail == row


def test_reading_makes_a_conversation_read_for_this_user_alone(world: World) -> None:
    conversation = make_conversation(world.north)
    read_conversation(user=world.vera, conversation=conversation, read_seq=1)

    def unread(user: Any) -> bool:
        (row,) = Api(user).get("conversations/").json()["results"]
        return bool(row["unread"])

    assert unread(world.anna)
    assert not unread(world.vera)
    say(conversation, "One more")
    assert unread(world.vera)


def test_a_conversation_without_a_message_is_nowhere(world: World) -> None:
    conversation = make_conversation(world.north, body="")
    api = Api(world.anna)

    assert ids(api.get("conversations/")) == []
    assert api.get(f"conversations/{conversation.public_id}/").status_code == 404
    assert api.get("conversations/changes/").json()["conversations"] == []
    assert api.get("contacts/").json()["results"] == []
    assert set(api.get("me/").json()["counters"].values()) == {0}


def test_a_quarantined_message_starts_no_conversation(world: World) -> None:
    conversation = make_conversation(world.north, body="")
    say(conversation, "Buy now", quarantined=True)

    assert ids(Api(world.anna).get("conversations/")) == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["resolved", "mine", "urgent", "waiting"]),
        ({"view": "all"}, ["resolved", "mine", "urgent", "waiting"]),
        ({"view": "mine"}, ["mine"]),
        ({"view": "unassigned"}, ["urgent", "waiting"]),
        ({"view": "waiting"}, ["urgent", "waiting"]),
        ({"view": "waiting", "ordering": "waiting_since"}, ["waiting", "urgent"]),
        ({"ordering": "waiting_since"}, ["waiting", "urgent", "mine", "resolved"]),
        ({"status": "resolved"}, ["resolved"]),
        ({"status": "open", "view": "mine"}, ["mine"]),
        ({"status": "closed"}, []),
        ({"assignee": "none"}, ["resolved", "urgent", "waiting"]),
        ({"assignee": "<anna>"}, ["mine"]),
        ({"assignee": "<boris>"}, []),
        ({"label": "<label>"}, ["urgent"]),
        ({"label": "987654321"}, []),
        ({"inbox": "<north>"}, ["resolved", "mine", "urgent", "waiting"]),
        ({"inbox": "<south>"}, []),
        ({"inbox": "11111111-1111-4111-8111-111111111111"}, []),
        ({"q": "RESOLVED"}, ["resolved"]),
        ({"q": "  resolved "}, ["resolved"]),
        ({"q": "%"}, []),
        ({"q": "no such words"}, []),
        ({"status": "", "q": "", "cursor": ""}, ["resolved", "mine", "urgent", "waiting"]),
    ],
)
def test_filters_and_order(world: World, query: dict[str, str], expected: list[str]) -> None:
    made = {name: make_conversation(world.north, body=name) for name in ("waiting", "urgent")}
    made |= {name: make_conversation(world.north, body=name) for name in ("mine", "resolved")}
    make_conversation(world.south, body="resolved in the south")
    label = Label.objects.create(branch=world.north.branch, name="urgent")
    change_conversation(user=world.anna, conversation=made["urgent"], labels=[label])
    assign_conversation(user=world.anna, conversation=made["mine"], assignee=world.anna)
    for name in ("mine", "resolved"):
        answer(made[name], world.anna, name)
    change_conversation(user=world.anna, conversation=made["resolved"], status="resolved")
    words = {
        "<anna>": str(world.anna.pk),
        "<boris>": str(world.boris.pk),
        "<label>": str(label.pk),
        "<north>": str(world.north.public_id),
        "<south>": str(world.south.public_id),
    }
    names = {str(conversation.public_id): name for name, conversation in made.items()}

    query = {name: words.get(value, value) for name, value in query.items()}
    found = ids(Api(world.anna).get("conversations/", **query))

    assert [names[public_id] for public_id in found] == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("view", "everything"),
        ("status", "deleted"),
        ("inbox", "1"),
        ("label", "urgent"),
        ("label", "²"),
        ("label", "-1" * 40),
        ("label", "9" * 25),
        ("assignee", "nobody"),
        ("assignee", "9" * 5000),
        ("ordering", "contact__email"),
        ("ordering", "last_message_at"),
        ("q", "x" * 201),
        ("q", "a\x00b"),
        ("cursor", "a\x00b"),
        ("cursor", "x" * 501),
        ("cursor", "bm9uc2Vuc2U"),
        ("cursor", "WyIyMDI2LTAxLTAxIiwgMV0:abc:def"),
    ],
)
def test_a_value_that_no_filter_knows_is_refused(world: World, name: str, value: str) -> None:
    response = Api(world.anna).get("conversations/", **{name: value})

    assert response.status_code == 400
    assert response.json()["code"] == "invalid"
    assert set(response.json()["errors"]) == {name}


def test_relations_cannot_be_asked_by_name(world: World) -> None:
    make_conversation(world.north, make_contact(world.north.branch, email="m@example.com"))
    api = Api(world.anna)

    for name in ("contact__email", "contact__email__startswith", "branch", "pk", "_connector"):
        assert len(ids(api.get("conversations/", **{name: "x"}))) == 1


def _spread(conversations: list[Conversation]) -> None:
    """Give them known times: two of each, and every fourth waits for nobody."""
    start = timezone.now() - timedelta(days=1)
    for number, conversation in enumerate(conversations):
        moment = start + timedelta(minutes=number // 2)
        Conversation.objects.filter(pk=conversation.pk).update(
            last_message_at=moment, waiting_since=moment if number % 4 else None
        )


@pytest.mark.parametrize("ordering", ["-last_message_at", "waiting_since"])
def test_pages_lead_through_everything_once_and_back(
    world: World, ordering: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django_messenger.operators.base.PAGE", 3)
    _spread([make_conversation(world.north) for _ in range(11)])
    api = Api(world.anna)

    pages = [api.get("conversations/", ordering=ordering).json()]
    while url := pages[-1]["next"]:
        pages.append(api.get(url).json())
    seen = [row["id"] for page in pages for row in page["results"]]
    back = [pages[-1]]
    while url := back[-1]["previous"]:
        back.append(api.get(url).json())

    assert [len(page["results"]) for page in pages] == [3, 3, 3, 2]
    assert len(set(seen)) == 11
    assert pages[0]["previous"] is None
    rows = [row for page in pages for row in page["results"]]
    if ordering == "waiting_since":
        waiting = [row["waiting_since"] for row in rows]
        known = [moment for moment in waiting if moment]
        assert waiting == sorted(known) + [None] * (11 - len(known))
    else:
        times = [row["last_message_at"] for row in rows]
        assert times == sorted(times, reverse=True)
    assert [page["results"] for page in reversed(back)] == [page["results"] for page in pages]


def test_a_page_holds_fifty(world: World) -> None:
    for _ in range(51):
        make_conversation(world.north)
    api = Api(world.anna)

    first = api.get("conversations/").json()

    assert len(first["results"]) == 50
    assert len(ids(api.get(first["next"]))) == 1


def test_new_rows_shift_no_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django_messenger.operators.base.PAGE", 2)
    made = [str(make_conversation(world.north).public_id) for _ in range(4)]
    api = Api(world.anna)

    first = api.get("conversations/").json()
    make_conversation(world.north)
    second = ids(api.get(first["next"]))

    assert [row["id"] for row in first["results"]] + second == made[::-1]


def test_a_cursor_fits_only_the_list_that_gave_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django_messenger.operators.base.PAGE", 1)
    for _ in range(2):
        make_conversation(world.north)
    api = Api(world.anna)
    url = api.get("conversations/").json()["next"]
    cursor = api.http.get(url).wsgi_request.GET["cursor"]

    for path, query in [("conversations/", {"ordering": "waiting_since"}), ("contacts/", {})]:
        response = api.get(path, cursor=cursor, **query)
        assert (response.status_code, response.json()["code"]) == (400, "invalid")


def test_no_primary_key_of_ours_leaves_the_server(world: World) -> None:
    conversation = make_conversation(world.north)
    Conversation.objects.filter(pk=conversation.pk).update(visitor_read_seq=0)
    detail = Api(world.anna).get(f"conversations/{conversation.public_id}/").json()

    for public in (detail["id"], detail["inbox"]["id"], detail["contact"]["id"]):
        assert len(public) == 36


def test_a_name_without_an_operator_row(world: World) -> None:
    """A superuser answers without being an operator; colleagues see the login."""
    conversation = make_conversation(world.north)
    assign_conversation(user=world.admin, conversation=conversation, assignee=world.admin)

    detail = Api(world.anna).get(f"conversations/{conversation.public_id}/").json()

    assert detail["assignee"] == {"id": str(world.admin.pk), "name": world.admin.get_username()}


def test_a_supervisor_of_two_branches_sees_both(world: World) -> None:
    both = make_operator(world.north.branch, world.south.branch)
    made = [str(make_conversation(inbox).public_id) for inbox in (world.north, world.south)]

    assert ids(Api(both).get("conversations/")) == made[::-1]
    assert ids(Api(world.admin).get("conversations/")) == made[::-1]
