"""Cache or database down: 503 as JSON, that pages may read, and nothing invented."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import close_old_connections, connection
from django.test import override_settings

from django_messenger.models import Contact, Conversation, Message
from tests.widget.client import Answer, Transport, Widget, through_asgi, through_django

UNAVAILABLE = {
    "detail": "The chat is not available for a moment. Please try again.",
    "code": "temporarily_unavailable",
}
both_ways = pytest.mark.parametrize("transport", [through_django, through_asgi])


@pytest.fixture
def no_cache() -> Iterator[None]:
    """A Redis that nobody answers for."""
    pytest.importorskip("django_redis")
    down = {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": "redis://127.0.0.1:1/0",
        "OPTIONS": {"SOCKET_CONNECT_TIMEOUT": 1, "SOCKET_TIMEOUT": 1},
    }
    with override_settings(CACHES={"default": down}):
        yield


def assert_unavailable(answer: Answer) -> None:
    assert answer.expect(503) == UNAVAILABLE
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.headers["cache-control"] == "no-store"


@both_ways
def test_every_call_says_so_while_the_cache_is_down(
    chat: Widget, transport: Transport, no_cache: None
) -> None:
    chat.transport = transport
    started = time.monotonic()
    for answer in (
        chat.send("Hello"),
        chat.poll(),
        chat.get("poll/"),
        chat.read(0),
        chat.post("typing/"),
        chat.post("stream/"),
        chat.bootstrap(),
        chat.config(),
    ):
        assert_unavailable(answer)
    assert time.monotonic() - started < 8
    assert (Message.objects.count(), Conversation.objects.count()) == (0, 1)


def test_a_new_visitor_leaves_nothing_behind(widget: Widget, no_cache: None) -> None:
    assert_unavailable(widget.bootstrap(name="Ann"))
    assert not Contact.objects.exists()


def test_what_is_wrong_with_a_request_is_said_all_the_same(chat: Widget, no_cache: None) -> None:
    assert chat.call("POST", "send/", {}).expect(400)["code"] == "tokens_required"
    assert chat.call("POST", "send/?widget_token=x", {}).expect(400)["code"] == "token_in_url"
    assert chat.call("POST", "send/", body=b"{").expect(400)["code"] == "invalid"


def test_a_cache_that_hides_its_errors_invents_no_session(widget: Widget) -> None:
    pytest.importorskip("django_redis")
    hiding = {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": "redis://127.0.0.1:1/0",
        "OPTIONS": {"IGNORE_EXCEPTIONS": True, "SOCKET_CONNECT_TIMEOUT": 1},
    }
    with override_settings(CACHES={"default": hiding}):
        assert_unavailable(widget.bootstrap())
    dummy = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
    with override_settings(CACHES={"default": dummy}):
        assert_unavailable(widget.bootstrap())
    assert not Contact.objects.exists()


def end_connections() -> None:
    """End the connections of this test, as a restart of the database does."""
    database: Any = settings.DATABASES["default"]
    with psycopg.connect(
        host=database["HOST"],
        port=database["PORT"],
        user=database["USER"],
        password=database["PASSWORD"],
        dbname=connection.settings_dict["NAME"],
        autocommit=True,
    ) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.mark.django_db(transaction=True)
@both_ways
def test_a_database_that_goes_away(chat: Widget, transport: Transport) -> None:
    chat.transport = transport
    calls = (
        lambda: chat.send("Hello", client_id="a"),
        lambda: chat.read(1),
        lambda: chat.bootstrap(),
    )
    for call in calls:
        end_connections()
        assert_unavailable(call())
        close_old_connections()  # as Django does between requests
        assert call().status in (200, 201)
    cursor = chat.poll().expect(200)["cursor"]
    end_connections()
    assert chat.poll(cursor).expect(200)["messages"] == []  # the cache knows that nothing is new
    answer = chat.poll()
    close_old_connections()
    if transport is through_asgi:  # it is read over a connection of its own
        assert len(answer.expect(200)["messages"]) == 1
    else:
        assert_unavailable(answer)
    assert Message.objects.count() == 1
