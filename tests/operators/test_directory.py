"""The caller, contacts, labels, prepared answers, the stream."""

from __future__ import annotations

import pytest

from django_messenger.models import CannedResponse, Contact, Label
from tests.factories import make_branch, make_contact, make_conversation, make_operator
from tests.operators.client import Api, ids
from tests.operators.conftest import World


def test_me(world: World) -> None:
    make_conversation(world.north)
    north = {"id": str(world.north.branch.pk), "name": "North"}

    me = Api(world.anna).get("me/").json()

    assert me == {
        "user": {"id": str(world.anna.pk), "name": "Anna"},
        "operator": {
            "display_name": "Anna",
            "is_active": True,
            "availability": "auto",
            "capacity": 10,
        },
        "branches": [north],
        "permissions": ["view", "reply", "change"],
        "counters": {"mine": 0, "unassigned": 1, "all": 1, "waiting": 1, "mentions": 0},
    }
    supervisor = Api(world.vera).get("me/").json()
    assert supervisor["permissions"] == ["view", "reply", "change", "assign", "manage", "report"]


def test_a_superuser_needs_no_operator_row(world: World) -> None:
    branches = [world.north.branch, world.south.branch]

    me = Api(world.admin).get("me/").json()

    assert me["operator"] is None
    assert me["user"]["name"] == world.admin.get_username()
    assert {branch["id"] for branch in me["branches"]} == {str(branch.pk) for branch in branches}
    assert me["permissions"] == ["view", "reply", "change", "assign", "manage", "report"]


def test_contacts_are_those_who_wrote(world: World) -> None:
    contact = make_contact(
        world.north.branch,
        name="Maria",
        email="maria@example.com",
        phone="+7 900",
        trust="verified",
        external_id="42",
        attributes={"plan": "gold"},
    )
    make_conversation(world.north, contact)
    make_contact(world.north.branch, name="Maria who never wrote")
    api = Api(world.anna)

    (row,) = api.get("contacts/").json()["results"]
    detail = api.get(f"contacts/{contact.public_id}/").json()

    assert row.pop("created_at").endswith("Z")
    assert row == {
        "id": str(contact.public_id),
        "branch": {"id": str(world.north.branch.pk), "name": "North"},
        "name": "Maria",
        "email": "maria@example.com",
        "phone": "+7 900",
        "trust": "verified",
    }
    assert detail.items() >= row.items()
    assert (detail["external_id"], detail["attributes"]) == ("42", {"plan": "gold"})
    for text in ("mari", "MARIA@", "+7 9"):
        assert ids(api.get("contacts/", q=text)) == [str(contact.public_id)]
    assert ids(api.get("contacts/", q="nobody")) == []
    assert api.get("contacts/", q="x" * 201).status_code == 400


def test_contacts_come_newest_first_in_pages(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django_messenger.operators.base.PAGE", 2)
    for number in range(5):
        make_conversation(world.north, make_contact(world.north.branch, name=f"N{number}"))
    api = Api(world.anna)

    pages = [api.get("contacts/", q="N").json()]
    while url := pages[-1]["next"]:
        pages.append(api.get(url).json())
    back = api.get(pages[-1]["previous"]).json()

    names = [[row["name"] for row in page["results"]] for page in pages]
    assert names == [["N4", "N3"], ["N2", "N1"], ["N0"]]
    assert back == pages[1]


def test_a_merged_contact_is_shown_no_more(world: World) -> None:
    old, new = make_contact(world.north.branch), make_contact(world.north.branch)
    for contact in (old, new):
        make_conversation(world.north, contact)
    Contact.objects.filter(pk=old.pk).update(merged_into=new)

    assert ids(Api(world.anna).get("contacts/")) == [str(new.public_id)]


def test_labels_and_canned_responses_of_the_branch_and_of_all(world: World) -> None:
    texts = {"en": "Hello!", "ru": "Здравствуйте!"}
    for branch, word in ((world.north.branch, "b"), (None, "a"), (world.south.branch, "c")):
        Label.objects.create(branch=branch, name=word, color="#112233")
        CannedResponse.objects.create(branch=branch, shortcut=word, texts=texts)
    north = {"id": str(world.north.branch.pk), "name": "North"}
    api = Api(world.anna)

    labels = api.get("labels/").json()["results"]
    responses = api.get("canned-responses/").json()["results"]

    assert [(row["name"], row["branch"]) for row in labels] == [("a", None), ("b", north)]
    assert set(labels[0]) == {"id", "name", "color", "branch"}
    assert [(row["shortcut"], row["branch"]) for row in responses] == [("a", None), ("b", north)]
    assert responses[0]["texts"] == texts


def test_labels_come_in_pages(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django_messenger.operators.base.PAGE", 2)
    user = make_operator(world.north.branch, more := make_branch())
    for branch in (world.north.branch, more, None):
        Label.objects.create(branch=branch, name="same")
    api = Api(user)

    first = api.get("labels/").json()
    second = api.get(first["next"]).json()

    found = [row["id"] for row in first["results"] + second["results"]]
    assert found == [str(label.pk) for label in Label.objects.order_by("pk")]
    assert api.get(second["previous"]).json() == first


def test_the_stream_says_to_poll(world: World) -> None:
    answer = Api(world.anna).get("stream/").json()

    assert answer["mode"] == "poll"
    assert answer["next_in"] > 0
