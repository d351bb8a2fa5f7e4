"""Widget sessions: opaque, unreadable in a dump, kept or refused, and ended at once."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from django.core.cache import cache
from django.db.models import F
from django.test import override_settings
from django.utils import timezone

from django_messenger import store
from django_messenger.exceptions import InvalidSession, Unavailable
from django_messenger.models import Contact, Inbox, Visitor
from django_messenger.services.inboxes import save_inbox
from django_messenger.services.sessions import (
    WidgetSession,
    end_session,
    hash_token,
    move_session,
    session_key,
    write_session,
)
from django_messenger.services.visitors import (
    check_session,
    end_contact_sessions,
    revoke_visitor,
)
from django_messenger.test import override_messenger
from django_messenger.utils import create_widget_session, get_widget_session
from tests.factories import make_conversation, make_inbox, make_visitor

pytestmark = pytest.mark.django_db

DAY = 86_400


@pytest.fixture
def party() -> dict[str, Any]:
    """Whom a session is about: the arguments of ``create_widget_session``."""
    conversation = make_conversation()
    return {
        "inbox": conversation.inbox,
        "conversation": conversation,
        "contact": conversation.contact,
        "visitor": make_visitor(conversation.inbox, conversation.contact),
    }


def seconds_left(key: str) -> float:
    """How long the cache will keep a key, whatever the backend."""
    if hasattr(cache, "ttl"):
        left: float = cache.ttl(key)
        return left
    expires: float = cache._expire_info[cache.make_key(key)]
    return expires - time.time()


def session_of(token: str, inbox: Inbox) -> WidgetSession:
    session = get_widget_session(token, inbox=inbox)
    assert session is not None
    return session


def aged(token: str, inbox: Inbox, *, issued: float = 0, renewed: float = 0) -> WidgetSession:
    """Make a session look older by so many seconds."""
    session = session_of(token, inbox)
    old = replace(
        session, issued_at=session.issued_at - issued, renewed_at=session.renewed_at - renewed
    )
    write_session(token, old)
    return old


def test_a_session_tells_whom_it_is_about(party: dict[str, Any]) -> None:
    session = session_of(create_widget_session(**party), party["inbox"])
    assert session.inbox_id == party["inbox"].pk
    assert session.conversation_id == party["conversation"].pk
    assert session.contact_id == party["contact"].pk
    assert session.visitor_id == party["visitor"].pk


def test_tokens_are_256_random_bits(party: dict[str, Any]) -> None:
    tokens = {create_widget_session(**party) for _ in range(20)}
    assert len(tokens) == 20
    assert all(len(token) == 43 for token in tokens)
    assert all(session_of(token, party["inbox"]) for token in tokens)


def test_the_cache_knows_a_token_by_its_hash_only(party: dict[str, Any]) -> None:
    token = create_widget_session(**party)
    assert session_key(token) == f"dm:session:{hash_token(token)}"
    assert token not in hash_token(token)
    held = cache.get(session_key(token))
    assert held["conversation_id"] == party["conversation"].pk
    assert token not in repr(held)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x" * 43,
        "x" * 129,
        "é" * 43,
        "a\x00" * 20,
        " " * 43,
        "٣" * 43,
        "x" * 42 + "\n",
        "x" * 10_000_000,
        None,
        42,
        ["x" * 43],
    ],
    ids=lambda value: f"{type(value).__name__}-{len(str(value))}-{hash_token(str(value))[:4]}",
)
def test_whatever_comes_for_a_token_is_no_session(party: dict[str, Any], token: Any) -> None:
    assert get_widget_session(token, inbox=party["inbox"]) is None


def test_a_session_is_of_one_inbox(party: dict[str, Any]) -> None:
    token = create_widget_session(**party)
    assert get_widget_session(token, inbox=make_inbox(party["inbox"].branch)) is None
    assert get_widget_session(token, inbox=party["inbox"]) is not None


@pytest.mark.parametrize(
    "held", [None, "text", 1, [], {}, {"v": 1}, {"epochs": None}, {"inbox_id": 1, "epochs": ()}]
)
def test_what_is_not_ours_in_the_cache_is_no_session(party: dict[str, Any], held: Any) -> None:
    token = create_widget_session(**party)
    cache.set(session_key(token), held)
    assert get_widget_session(token, inbox=party["inbox"]) is None


# --- Life -----------------------------------------------------------------------------------------


def test_an_idle_session_ends_after_its_time(party: dict[str, Any]) -> None:
    with override_messenger(SESSION_TTL=600):
        key = session_key(create_widget_session(**party))
        assert 590 < seconds_left(key) <= 600
        # The end itself is the cache's own affair: it is told the time.
        store.forget(key)
        assert store.get(key) is None


def test_use_prolongs_it_but_not_at_every_call(party: dict[str, Any]) -> None:
    token = create_widget_session(**party)
    key = session_key(token)
    written = cache.get(key)
    cache.touch(key, 100)
    session_of(token, party["inbox"])
    assert seconds_left(key) <= 100
    assert cache.get(key) == written

    aged(token, party["inbox"], renewed=301)
    cache.touch(key, 100)
    renewed = session_of(token, party["inbox"])
    assert seconds_left(key) > 12 * 3600 - 10
    assert time.time() - renewed.renewed_at < 10
    assert cache.get(key)["issued_at"] == written["issued_at"]


def test_short_sessions_are_prolonged_in_time(party: dict[str, Any]) -> None:
    with override_messenger(SESSION_TTL=60):
        token = create_widget_session(**party)
        aged(token, party["inbox"], renewed=31)
        cache.touch(session_key(token), 5)
        session_of(token, party["inbox"])
        assert seconds_left(session_key(token)) > 50


def test_no_session_outlives_its_absolute_age(party: dict[str, Any]) -> None:
    token = create_widget_session(**party)
    aged(token, party["inbox"], issued=7 * DAY - 100, renewed=1000)
    session_of(token, party["inbox"])
    assert seconds_left(session_key(token)) <= 100
    aged(token, party["inbox"], issued=101)
    assert get_widget_session(token, inbox=party["inbox"]) is None
    assert cache.get(session_key(token)) is not None  # refused by its date, not by the cache


def test_an_ended_session_is_gone_and_others_stay(party: dict[str, Any]) -> None:
    ended, other = create_widget_session(**party), create_widget_session(**party)
    end_session(ended)
    assert get_widget_session(ended, inbox=party["inbox"]) is None
    assert get_widget_session(other, inbox=party["inbox"]) is not None


def test_moving_a_session_keeps_all_else(party: dict[str, Any]) -> None:
    token = create_widget_session(**party)
    before = aged(token, party["inbox"], issued=3 * DAY)
    party["conversation"].status = "closed"
    party["conversation"].save()
    later = make_conversation(party["inbox"], party["contact"])
    move_session(token, before, later)
    assert session_of(token, party["inbox"]) == replace(before, conversation_id=later.pk)


# --- What PostgreSQL says -------------------------------------------------------------------------


def test_a_good_session_gives_its_conversation(party: dict[str, Any]) -> None:
    session = session_of(create_widget_session(**party), party["inbox"])
    assert check_session(session) == party["conversation"]


ENDS: dict[str, Any] = {
    "inbox switched off": lambda p: Inbox.objects.update(is_active=False),
    "epoch of the inbox": lambda p: Inbox.objects.update(epoch=F("epoch") + 1),
    "epoch of the contact": lambda p: Contact.objects.update(epoch=F("epoch") + 1),
    "contact erased": lambda p: Contact.objects.update(erased_at=timezone.now()),
    "epoch of the visitor": lambda p: Visitor.objects.update(epoch=F("epoch") + 1),
    "visitor revoked": lambda p: Visitor.objects.update(revoked_at=timezone.now()),
    "visitor expired": lambda p: Visitor.objects.update(expires_at=timezone.now()),
    "visitor deleted": lambda p: Visitor.objects.all().delete(),
    "conversation deleted": lambda p: p["conversation"].delete(),
    "by revoke_visitor": lambda p: revoke_visitor(visitor=p["visitor"]),
    "by end_contact_sessions": lambda p: end_contact_sessions(contact=p["contact"]),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
def test_what_ends_a_session(party: dict[str, Any], end: Any) -> None:
    session = session_of(create_widget_session(**party), party["inbox"])
    end(party)
    with pytest.raises(InvalidSession):
        check_session(session)


@pytest.mark.parametrize("member", ["inbox_id", "conversation_id", "contact_id", "visitor_id"])
def test_a_context_that_does_not_hang_together(party: dict[str, Any], member: str) -> None:
    session = session_of(create_widget_session(**party), party["inbox"])
    stranger = make_conversation()
    other = {
        "inbox_id": stranger.inbox_id,
        "conversation_id": stranger.pk,
        "contact_id": stranger.contact_id,
        "visitor_id": make_visitor(stranger.inbox, stranger.contact).pk,
    }
    with pytest.raises(InvalidSession):
        check_session(replace(session, **{member: other[member]}))


def test_new_sessions_begin_in_the_new_epoch(party: dict[str, Any]) -> None:
    end_contact_sessions(contact=party["contact"])
    party["contact"].refresh_from_db()
    session = session_of(create_widget_session(**party), party["inbox"])
    assert check_session(session) == party["conversation"]


def test_one_browser_is_revoked_and_the_others_stay(party: dict[str, Any]) -> None:
    phone = {**party, "visitor": make_visitor(party["inbox"], party["contact"])}
    first, second = create_widget_session(**party), create_widget_session(**phone)
    revoke_visitor(visitor=party["visitor"])
    with pytest.raises(InvalidSession):
        check_session(session_of(first, party["inbox"]))
    assert check_session(session_of(second, party["inbox"]))


def test_switching_an_inbox_off_and_on_ends_its_sessions(party: dict[str, Any]) -> None:
    inbox = party["inbox"]
    session = session_of(create_widget_session(**party), inbox)
    for active in (False, True):
        inbox.is_active = active
        save_inbox(inbox)
    with pytest.raises(InvalidSession):
        check_session(session)


def test_a_stale_form_does_not_bring_ended_sessions_back(party: dict[str, Any]) -> None:
    inbox = party["inbox"]
    token = create_widget_session(**party)
    session = session_of(token, inbox)
    stale = Inbox.objects.get(pk=inbox.pk)  # somebody has had the form open since before
    for active in (False, True):
        inbox.is_active = active
        save_inbox(inbox)
    stale.name = "Renamed"
    save_inbox(stale)
    with pytest.raises(InvalidSession):
        check_session(session)


# --- A cache that keeps nothing -------------------------------------------------------------------


def caches(**options: Any) -> Any:
    return override_settings(CACHES={"default": options})


def test_a_cache_that_keeps_nothing_gives_no_token(party: dict[str, Any]) -> None:
    with (
        caches(BACKEND="django.core.cache.backends.dummy.DummyCache"),
        pytest.raises(Unavailable),
    ):
        create_widget_session(**party)


@pytest.mark.parametrize("ignoring", [False, True])
def test_a_cache_that_is_down_gives_no_token(party: dict[str, Any], ignoring: bool) -> None:
    pytest.importorskip("django_redis")
    options = {"IGNORE_EXCEPTIONS": ignoring, "SOCKET_CONNECT_TIMEOUT": 1, "SOCKET_TIMEOUT": 1}
    down = caches(
        BACKEND="django_redis.cache.RedisCache",
        LOCATION="redis://127.0.0.1:1/0",
        OPTIONS=options,
    )
    with down, pytest.raises(Unavailable):
        create_widget_session(**party)
    if not ignoring:
        with down, pytest.raises(Unavailable):
            get_widget_session("x" * 43, inbox=party["inbox"])
