"""A cache that freezes, fills up or forgets: what visitors and operators meet then."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client, override_settings

from django_messenger.models import Conversation, Message
from django_messenger.test import override_messenger
from tests.security.conftest import Branch, Clients
from tests.widget.client import JSON, Answer, Widget, through_asgi, through_django
from tools import services

redis = pytest.importorskip("redis")
pytestmark = pytest.mark.slow

#: What a host is told to set; without it a frozen server holds every worker.
TIMEOUTS = {"SOCKET_CONNECT_TIMEOUT": 0.5, "SOCKET_TIMEOUT": 0.5}


@pytest.fixture(scope="module")
def own_server() -> Iterator[str]:
    """A Valkey that only these tests use; its URL."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("REDIS_URL", raising=False)
        running = services.start()
    with running:
        yield running.env["REDIS_URL"]


@pytest.fixture
def server(own_server: str, settings: Any) -> Iterator[Any]:
    """A line to the server that is the cache of this test."""
    cache = {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": own_server}
    client = redis.Redis.from_url(own_server)
    with override_settings(CACHES={"default": {**cache, "OPTIONS": TIMEOUTS}}):
        yield client
        client.config_set("maxmemory", 0)
        client.flushall()
        caches.close_all()
    client.close()


@contextmanager
def frozen(server: Any) -> Iterator[None]:
    """Stop the server's process, and let it go on afterwards."""
    pid = server.info("server")["process_id"]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def unavailable(answer: Answer) -> bool:
    assert answer.status == 503, answer.content
    assert int(answer.headers["retry-after"]) >= 1
    return answer.code == "temporarily_unavailable"


@pytest.mark.django_db
def test_a_frozen_cache_holds_nobody_for_long(server: Any, north: Branch) -> None:
    chat = north.chat
    with frozen(server):
        for transport in (through_django, through_asgi):
            chat.transport = transport
            for call in (chat.poll, chat.bootstrap, lambda: chat.send("Hello")):
                started = time.monotonic()
                assert unavailable(call())
                assert time.monotonic() - started < 3
    assert chat.poll().status == 200
    assert Message.objects.count() == 1


@pytest.mark.django_db
def test_operators_go_on_without_the_cache(server: Any, north: Branch, clients: Clients) -> None:
    client, base = clients["own"], "/api/messenger/conversations/"
    one = f"{base}{north.conversation.public_id}/"
    with frozen(server):
        assert client.get(base).status_code == 200
        assert client.get(f"{one}messages/").status_code == 200
        assert client.post(f"{one}messages/", {"body": "Hi"}, JSON).status_code == 201
        assert client.post(f"{one}typing/", {}, JSON).status_code == 200
        assert client.get(f"/messenger/{north.conversation.public_id}/").status_code == 200
    assert Message.objects.filter(kind="operator", body="Hi").count() == 1


@pytest.mark.django_db
def test_a_full_cache_gives_no_dead_token(server: Any, north: Branch) -> None:
    server.config_set("maxmemory-policy", "noeviction")
    server.config_set("maxmemory", 1)
    for _ in range(3):
        answer = Widget(north.inbox).bootstrap()
        assert unavailable(answer)
        assert b"widget_session_token" not in answer.content
    assert Conversation.objects.count() == 1
    server.config_set("maxmemory", 0)
    assert Widget(north.inbox).start().poll().status == 200


@pytest.mark.django_db
@override_messenger(THROTTLE_RATES={"bootstrap": ""})
def test_a_cache_that_forgets_costs_one_bootstrap(server: Any, north: Branch) -> None:
    chat = north.chat
    for number in range(20):
        sent = chat.send(str(number), client_id=str(number)).expect(201)
        server.flushall()
        assert (
            chat.send(str(number), client_id=str(number)).expect(401)["code"] == "invalid_session"
        )
        told = chat.bootstrap().expect(200)
        assert told["conversation"]["id"] == str(north.conversation.public_id)
        again = chat.send(str(number), client_id=str(number)).expect(200)
        assert again["message"] == sent["message"]
        assert chat.poll(told["cursor"]).expect(200)["messages"] == []
    bodies = [message["body"] for message in chat.poll(0).expect(200)["messages"]]
    assert bodies[1:] == [str(number) for number in range(20)]


@pytest.mark.django_db
def test_off_is_off_without_the_cache_too(server: Any, north: Branch) -> None:
    with frozen(server), override_settings(MESSENGER_ENABLED=False):
        started = time.monotonic()
        for path in ("/api/widget/poll/", "/api/messenger/me/", "/messenger/"):
            assert Client().get(path).status_code == 404
        assert time.monotonic() - started < 1
