"""Inboxes: found by token, kept in the cache, changed by those who may."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import timezone

from django_messenger.exceptions import InvalidInput, PermissionDenied
from django_messenger.models import Inbox
from django_messenger.selectors.inboxes import (
    all_allowed_origins,
    find_inbox,
    find_public_inbox,
    public_inbox_key,
    read_public_inbox,
)
from django_messenger.services.inboxes import (
    create_inbox,
    rotate_widget_token,
    save_inbox,
    update_inbox,
)
from django_messenger.store import get
from tests.factories import make_branch, make_inbox, make_operator, make_supervisor, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def inbox(django_capture_on_commit_callbacks: Any) -> Inbox:
    with django_capture_on_commit_callbacks(execute=True):
        return make_inbox(widget_token="shop-token", name="Shop")


def cached(token: str) -> Any:
    return read_public_inbox(get(public_inbox_key(token)))


@pytest.mark.parametrize(
    "token", ["", "shop", "SHOP-TOKEN", "shop-token\n", "shop-token\x00", "x" * 65, "тoken-shop"]
)
def test_unknown_and_impossible_tokens_find_nothing(inbox: Inbox, token: str) -> None:
    assert find_inbox(token) is find_public_inbox(token) is None


def test_an_inactive_inbox_is_not_found(inbox: Inbox) -> None:
    assert find_inbox("shop-token") == inbox
    Inbox.objects.update(is_active=False)
    assert find_inbox("shop-token") is None


def test_a_change_reaches_the_cached_copy_when_it_commits(
    inbox: Inbox, django_capture_on_commit_callbacks: Any
) -> None:
    find_public_inbox("shop-token")
    with django_capture_on_commit_callbacks(execute=True):
        inbox.name = "Renamed"
        save_inbox(inbox)
        assert cached("shop-token").name == "Shop"
    assert cached("shop-token").name == "Renamed"


def test_a_slow_reader_cannot_put_the_old_state_back(
    inbox: Inbox, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        inbox.is_active = False
        save_inbox(inbox)
    assert cached("shop-token") is None
    # A reader that read the row before the change, and comes to the cache after it.
    Inbox.objects.update(is_active=True)
    find_public_inbox("shop-token")
    assert cached("shop-token") is None


def test_the_cached_copy_holds_no_secret(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        make_inbox(widget_token="shop-token", identity_secret="s" * 32)
    assert "s" * 32 not in repr(get(public_inbox_key("shop-token")))


def test_rotation_lets_the_old_token_live_for_a_week(
    inbox: Inbox, django_capture_on_commit_callbacks: Any
) -> None:
    vera = make_supervisor(inbox.branch)
    with django_capture_on_commit_callbacks(execute=True):
        rotate_widget_token(user=vera, inbox=inbox)
    fresh = Inbox.objects.get().widget_token
    assert fresh != "shop-token"
    assert find_inbox("shop-token") == find_inbox(fresh) == inbox
    assert cached("shop-token").id == cached(fresh).id == inbox.pk
    until = Inbox.objects.get().previous_widget_token_until
    assert until is not None
    assert timedelta(days=6, hours=23) < until - timezone.now() <= timedelta(days=7)
    Inbox.objects.update(previous_widget_token_until=timezone.now())
    assert find_inbox("shop-token") is None
    assert find_inbox(fresh) == inbox


def test_rotating_twice_ends_the_oldest(inbox: Inbox) -> None:
    vera = make_supervisor(inbox.branch)
    rotate_widget_token(user=vera, inbox=inbox)
    second = inbox.widget_token
    rotate_widget_token(user=vera, inbox=inbox)
    assert find_inbox("shop-token") is None
    assert find_inbox(second) == find_inbox(inbox.widget_token) == inbox


def test_only_supervisors_of_the_branch_make_inboxes(inbox: Inbox) -> None:
    branch = inbox.branch
    nobody = [make_operator(branch), make_supervisor(make_branch()), make_user()]
    for user in nobody:
        with pytest.raises(PermissionDenied):
            create_inbox(user=user, branch=branch, name="New")
    for user in (make_supervisor(branch), make_user(superuser=True)):
        assert create_inbox(user=user, branch=branch, name="New").branch == branch


def test_only_who_may_manage_changes_inboxes(inbox: Inbox) -> None:
    for user in (make_operator(inbox.branch), make_user()):
        for change in (
            lambda user=user: update_inbox(user=user, inbox=inbox, name="Mine"),
            lambda user=user: rotate_widget_token(user=user, inbox=inbox),
        ):
            with pytest.raises(PermissionDenied):
                change()
    assert Inbox.objects.get().name == "Shop"


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"allowed_origins": ["shop.example"]},
        {"allowed_origins": ["https://shop.example/"]},
        {"allowed_origins": ["https://Shop.example"]},
        {"allowed_origins": ["https://user@shop.example"]},
        {"allowed_origins": ["javascript://shop.example"]},
        {"allowed_origins": ["*"]},
        {"allowed_origins": ["https://*"]},
        {"allowed_origins": ["https://*shop.example"]},
        {"allowed_origins": ["https://shop.*"]},
        {"allowed_origins": ["null"]},
        {"allowed_origins": "https://shop.example"},
        {"allowed_origins": [1]},
        {"allowed_origins": ["https://a.example"] * 101},
        {"appearance": {"color": "red"}},
        {"appearance": {"color": "#12345"}},
        {"appearance": {"css": "x"}},
        {"appearance": {"position": "top"}},
        {"appearance": {"title": {"en": " "}}},
        {"appearance": []},
        {"appearance": {"theme": "blue"}},
        {"appearance": {"texts": []}},
        {"appearance": {"texts": {"": {"en": "x"}}}},
        {"appearance": {"texts": {"<b>": {"en": "x"}}}},
        {"appearance": {"texts": {"send": "Send"}}},
        {"appearance": {"texts": {"send": {}}}},
        {"appearance": {"texts": {"send": {"english": "Send"}}}},
        {"appearance": {"texts": {"send": {"en": 5}}}},
        {"appearance": {"texts": {"send": {"en": "a\x00"}}}},
        {"appearance": {"texts": {"send": {"en": "\ud800"}}}},
        {"appearance": {"texts": {f"key{n}": {"en": "x" * 5000} for n in range(7)}}},
        {"ask_name": "always"},
        {"ask_email": ""},
        {"ask_phone": None},
        {"ask_consent": "yes, please"},
        {"consent_url": "javascript:alert(1)"},
        {"consent_url": "/privacy"},
        {"consent_url": "https://"},
        {"consent_url": "https://user:word@shop.example/"},
        {"consent_url": "https://shop.example/a b"},
        {"consent_url": "https://shop.example/\u202e"},
        {"consent_url": "https://[shop.example/"},
        {"consent_url": "https://shop.example/" + "x" * 500},
        {"play_sound": None},
        {"time_zone": "Europe/Nowhere"},
        {"time_zone": "../../etc/passwd"},
        {"widget_token": "short"},
        {"widget_token": "with space"},
        {"identity_secret": "too short"},
        {"identity_mode": "maybe"},
        {"reopen_hours": -1},
    ],
    ids=str,
)
def test_bad_settings_are_refused_by_field(inbox: Inbox, fields: dict[str, Any]) -> None:
    vera = make_supervisor(inbox.branch)
    with pytest.raises(InvalidInput) as caught:
        update_inbox(user=vera, inbox=inbox, **fields)
    assert list(caught.value.errors) == list(fields)
    assert Inbox.objects.get().name == "Shop"


@pytest.mark.parametrize(
    "origin",
    [
        "https://shop.example",
        "http://localhost:*",
        "http://127.0.0.1:8000",
        "https://*.shop.example",
        "https://*.shop.example:*",
        "https://xn--e1afmkfd.xn--p1ai",
        "http://[::1]:8000",
        "https://my_host",
    ],
)
def test_good_origins_are_taken(inbox: Inbox, origin: str) -> None:
    inbox.allowed_origins = [origin]
    save_inbox(inbox)
    assert Inbox.objects.get().allowed_origins == [origin]
    assert all_allowed_origins() == [origin]


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ({"send": {"en": ""}}, "Write one text per language for send"),
        ({"no spaces": {"en": "x"}}, "no spaces is not a key of a text"),
        ("Send", "Write the texts by their keys"),
    ],
)
def test_what_is_wrong_with_a_text_is_said_in_words(inbox: Inbox, texts: Any, words: str) -> None:
    inbox.appearance = {"texts": texts}
    with pytest.raises(InvalidInput) as caught:
        save_inbox(inbox)
    assert words in str(caught.value.errors["appearance"][0].message)


def test_the_database_knows_the_choices_too(inbox: Inbox) -> None:
    with pytest.raises(IntegrityError, match="dm_inbox_ask"):
        Inbox.objects.update(ask_name="always")


def test_the_branch_of_an_inbox_cannot_be_changed_here_either(inbox: Inbox) -> None:
    vera = make_user(superuser=True)
    before = inbox.branch
    with pytest.raises(InvalidInput) as caught:
        update_inbox(user=vera, inbox=inbox, branch=make_branch())
    assert list(caught.value.errors) == ["branch"]
    assert Inbox.objects.get().branch == before
