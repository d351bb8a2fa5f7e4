"""Inboxes: seen by operators, set by supervisors."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from django_messenger.exceptions import InvalidInput
from django_messenger.models import Inbox
from django_messenger.selectors.inboxes import find_inbox
from django_messenger.services.inboxes import update_inbox
from tests.operators.client import Api, ids
from tests.operators.conftest import World

SECRET = "s" * 40


def test_operators_see_the_name_and_supervisors_the_settings(world: World) -> None:
    path = f"inboxes/{world.north.public_id}/"

    seen = Api(world.anna).get(path).json()
    settings = Api(world.vera).get(path).json()

    assert seen == {
        "id": str(world.north.public_id),
        "name": "North",
        "branch": {"id": str(world.north.branch.pk), "name": "North"},
        "is_active": True,
        "locale": "",
        "time_zone": "UTC",
    }
    assert settings["widget_token"] == world.north.widget_token
    assert settings["reopen_hours"] == 72
    assert settings.items() >= seen.items()
    for user in (world.anna, world.vera):
        (row,) = Api(user).get("inboxes/").json()["results"]
        assert row == Api(user).get(path).json()


def test_a_supervisor_makes_an_inbox(world: World) -> None:
    data = {
        "branch": str(world.north.branch.pk),
        "name": " Shop ",
        "allowed_origins": ["https://shop.example.com"],
        "appearance": {
            "color": "#112233",
            "greeting": {"en": "Hello!"},
            "theme": "dark",
            "texts": {"send": {"de": "Senden"}},
        },
        "ask_email": "required",
        "ask_consent": True,
        "consent_url": "https://shop.example.com/privacy",
        "show_typing": False,
        "locale": "ru",
        "time_zone": "Europe/Moscow",
        "identity_mode": "optional",
        "identity_secret": SECRET,
        "reopen_hours": 0,
        "is_active": False,
    }

    made = Api(world.vera).post("inboxes/", data)

    assert made.status_code == 201
    inbox = Inbox.objects.get(public_id=made.json()["id"])
    assert (inbox.branch, inbox.name, inbox.identity_secret) == (world.north.branch, "Shop", SECRET)
    assert made.json()["has_identity_secret"] is True
    assert made.json()["has_identity_secret_previous"] is False
    assert SECRET not in made.content.decode()
    hidden = {"branch", "name", "identity_secret"}
    assert made.json().items() >= {k: v for k, v in data.items() if k not in hidden}.items()
    assert made.json()["ask_name"] == "no"
    assert made.json() == Api(world.vera).get(f"inboxes/{inbox.public_id}/").json()


def test_operators_make_and_change_none(world: World) -> None:
    path = f"inboxes/{world.north.public_id}/"
    api = Api(world.anna)

    for response in (
        api.post("inboxes/", {"branch": str(world.north.branch.pk), "name": "Mine"}),
        api.patch(path, {"name": "Mine"}),
        api.post(f"{path}rotate-token/"),
    ):
        assert (response.status_code, response.json()["code"]) == (403, "permission_denied")
    assert Inbox.objects.get().name == "North"


def test_no_inbox_in_a_foreign_branch(world: World) -> None:
    unknown = str(uuid4()) if len(str(world.south.branch.pk)) > 30 else "987654321"

    answers = [
        Api(world.vera).post("inboxes/", {"branch": branch, "name": "Mine"})
        for branch in (str(world.south.branch.pk), unknown)
    ]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert answers[0].content == answers[1].content
    assert set(answers[0].json()["errors"]) == {"branch"}


def test_settings_change_one_by_one(world: World) -> None:
    path = f"inboxes/{world.north.public_id}/"
    before = Api(world.vera).get(path).json()

    changed = Api(world.vera).patch(path, {"name": "Website", "is_active": False})

    assert changed.status_code == 200
    assert changed.json() == before | {"name": "Website", "is_active": False}
    world.north.refresh_from_db()
    assert world.north.epoch == 1


def test_the_branch_is_for_ever(world: World) -> None:
    path = f"inboxes/{world.north.public_id}/"

    own = Api(world.admin).patch(path, {"branch": str(world.north.branch.pk), "name": "Same"})
    other = Api(world.admin).patch(path, {"branch": str(world.south.branch.pk), "name": "Moved"})
    foreign = Api(world.vera).patch(path, {"branch": str(world.south.branch.pk), "name": "Moved"})

    assert (own.status_code, other.status_code, foreign.status_code) == (200, 400, 400)
    assert set(other.json()["errors"]) == set(foreign.json()["errors"]) == {"branch"}
    stored = Inbox.objects.get(pk=world.north.pk)
    assert (stored.branch, stored.name) == (world.north.branch, "Same")


def test_a_new_token_leaves_the_old_one_a_while(world: World) -> None:
    old = world.north.widget_token

    rotated = Api(world.vera).post(f"inboxes/{world.north.public_id}/rotate-token/")

    assert rotated.status_code == 200
    new = rotated.json()["widget_token"]
    assert new != old
    assert rotated.json()["previous_widget_token_until"].endswith("Z")
    assert find_inbox(old) == find_inbox(new) == world.north


@pytest.mark.parametrize(
    "data",
    [
        {"name": ""},
        {"name": "  "},
        {"name": None},
        {"name": 5},
        {"name": "x" * 101},
        {"is_active": "yes"},
        {"is_active": None},
        {"allowed_origins": "https://example.com"},
        {"allowed_origins": ["example.com"]},
        {"allowed_origins": [5]},
        {"allowed_origins": ["https://example.com"] * 101},
        {"locale": "x" * 21},
        {"time_zone": "Moon/Sea"},
        {"time_zone": ""},
        {"appearance": []},
        {"appearance": {"script": "x"}},
        {"appearance": {"color": "red"}},
        {"appearance": {"texts": {"send": "x"}}},
        {"ask_name": "always"},
        {"ask_phone": True},
        {"ask_consent": "yes"},
        {"ask_rating": 1},
        {"play_sound": None},
        {"consent_url": "javascript:alert(1)"},
        {"consent_url": "https://shop.example/" + "x" * 500},
        {"identity_mode": "always"},
        {"identity_secret": "short"},
        {"identity_secret": 5},
        {"reopen_hours": -1},
        {"reopen_hours": 40_000},
        {"reopen_hours": "1.5"},
        {"branch": None},
        {"branch": 5},
        {"branch": "x" * 65},
    ],
)
def test_values_are_checked(world: World, data: dict[str, Any]) -> None:
    response = Api(world.vera).patch(f"inboxes/{world.north.public_id}/", data)

    assert response.status_code == 400, response.content
    assert set(response.json()["errors"]) == set(data)


def test_texts_in_many_languages_fit_into_one_change(world: World) -> None:
    texts = {f"key{n}": dict.fromkeys(("en", "ru", "de"), "x") for n in range(100)}
    changed = Api(world.vera).patch(
        f"inboxes/{world.north.public_id}/", {"appearance": {"texts": texts}}
    )
    assert changed.status_code == 200
    assert changed.json()["appearance"] == {"texts": texts}


@pytest.mark.parametrize("text", ["\ud800", "a\x00b"])
def test_what_cannot_be_stored_is_refused_on_every_way_in(world: World, text: str) -> None:
    data = {"appearance": {"title": {"en": text}}}
    response = Api(world.vera).patch(f"inboxes/{world.north.public_id}/", data)
    assert (response.status_code, response.json()["code"]) == (400, "invalid")

    with pytest.raises(InvalidInput) as caught:
        update_inbox(user=world.vera, inbox=world.north, **data)
    assert set(caught.value.errors) == {"appearance"}


def test_what_a_client_may_not_set_is_ignored(world: World) -> None:
    before = Inbox.objects.filter(pk=world.north.pk).values().get()
    forged = {
        "branch_id": str(world.south.branch.pk),
        "widget_token": "chosen-by-me-123",
        "previous_widget_token": world.south.widget_token,
        "previous_widget_token_until": "2099-01-01T00:00:00Z",
        "public_id": str(uuid4()),
        "id": world.south.pk,
        "pk": world.south.pk,
        "epoch": 9,
        "created_at": "2000-01-01T00:00:00Z",
        "user": str(world.admin.pk),
        "inbox": str(world.south.public_id),
    }

    response = Api(world.vera).patch(f"inboxes/{world.north.public_id}/", forged)

    assert response.status_code == 200
    assert Inbox.objects.filter(pk=world.north.pk).values().get() == before


def test_the_list_is_by_name(world: World) -> None:
    for name in ("Zebra", "Alpha"):
        Api(world.vera).post("inboxes/", {"branch": str(world.north.branch.pk), "name": name})

    rows = Api(world.anna).get("inboxes/").json()["results"]

    assert [row["name"] for row in rows] == ["Alpha", "North", "Zebra"]
    assert ids(Api(world.boris).get("inboxes/")) == [str(world.south.public_id)]
