"""Where tokens must not lie: cache, database, logs, and all that operators are shown."""

from __future__ import annotations

import json
import logging
import pickle
from contextlib import suppress
from dataclasses import replace

import pytest
from django.apps import apps
from django.core.cache import cache
from django.db import connection
from django.test import Client, override_settings
from django.urls import NoReverseMatch
from django.views.debug import ExceptionReporter

from django_messenger.models import Inbox, Visitor
from django_messenger.services.identity import sign_identity
from django_messenger.services.sessions import hash_token
from tests.security.conftest import IDENTITY_SECRET, Branch, Clients, People
from tests.security.routes import find_routes, methods_of
from tests.widget.client import BASE, FORM, JSON, Widget, through_asgi, through_django


def everything_in_the_cache() -> dict[str, bytes]:
    """Every key of this test, with its value as the server keeps it."""
    if not hasattr(cache, "client"):
        return {key: bytes(value) for key, value in cache._cache.items()}
    client = cache.client.get_client()
    found = {}
    for key in client.scan_iter(match=cache.make_key("*"), count=1000):
        kind = client.type(key).decode()
        read = {"string": client.get, "hash": client.hgetall, "set": client.smembers}
        value = read[kind](key)
        found[key.decode()] = value if isinstance(value, bytes) else pickle.dumps(value)
    return found


def everything_in_the_database() -> str:
    """All rows of all our tables as text."""
    with connection.cursor() as cursor:
        rows = []
        for model in apps.get_app_config("django_messenger").get_models(include_auto_created=True):
            cursor.execute(f'SELECT t::text FROM "{model._meta.db_table}" AS t')
            rows += [row for (row,) in cursor.fetchall()]
    return "\n".join(rows)


@pytest.fixture
def busy(north: Branch) -> Widget:
    """A widget that has made every call, on both ways."""
    chat = north.chat
    for transport in (through_django, through_asgi):
        chat.transport = transport
        chat.send("Hello", client_id=transport.__name__).expect(201)
        for _ in range(2):
            chat.poll(99).expect(200)
            chat.get("poll/?after=99").expect(200)
        chat.read(1).expect(200)
        chat.post("typing/")
    chat.transport = through_django
    chat.post("stream/").expect(200)
    return chat


def secrets_of(chat: Widget) -> list[str]:
    assert len(chat.session) == len(chat.visitor) == 43
    return [chat.session, chat.visitor]


def test_a_dump_of_the_cache_holds_no_token(busy: Widget) -> None:
    held = everything_in_the_cache()
    assert any("dm:session:" in key for key in held)
    assert any("dm:limit:" in key for key in held)
    for secret in secrets_of(busy):
        for key, value in held.items():
            # Neither whole nor in part, as old throttle keys had them.
            assert secret[:12] not in key
            assert secret[:12].encode() not in value
    assert not any(IDENTITY_SECRET.encode() in value for value in held.values())


def test_a_session_in_the_cache_can_be_found_by_its_token_alone(busy: Widget) -> None:
    """The control of the test above: what it looks through is what sessions are made of."""
    keys = [key for key in everything_in_the_cache() if "dm:session:" in key]
    assert any(hash_token(busy.session) in key for key in keys)


def test_a_dump_of_the_database_holds_no_token(busy: Widget) -> None:
    dump = everything_in_the_database()
    for secret in secrets_of(busy):
        assert secret not in dump
    assert hash_token(busy.visitor) in dump
    assert hash_token(busy.session) not in dump


def test_logs_hold_no_token(north: Branch, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    chat, secrets = north.chat, secrets_of(north.chat)
    identity = sign_identity(north.inbox, external_id="42")
    for call in ("send/", "poll/", "read/", "typing/", "bootstrap/"):
        chat.post(call, {"body": "", "after": "x", "visitor_token": chat.visitor})
        chat.post(call, {"identity": identity}, body=b"{")
        chat.call("POST", call, chat.tokens, content_type="text/plain")
        chat.get(call)
    down = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
    with override_settings(CACHES={"default": down}):
        chat.bootstrap(visitor_token=chat.visitor, identity=identity)
        chat.poll()
    text = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert "/api/widget/send/" in text
    for secret in (*secrets, identity):
        assert secret not in text


@pytest.mark.parametrize("content_type", [JSON, FORM])
@pytest.mark.parametrize("call", ["send/", "poll/", "bootstrap/", "identify/", "history/"])
def test_error_reports_hold_no_token(
    north: Branch, caplog: pytest.LogCaptureFixture, call: str, content_type: str
) -> None:
    """What Django mails to the admins after a fault of the server's: here a table is missing."""
    identity = sign_identity(north.inbox, external_id="42")
    Inbox.objects.update(identity_mode="optional")
    chat = replace(north.chat, form=content_type == FORM)
    said = {
        "visitor_token": chat.visitor,
        "identity": identity,
        "body": "Hello",
        "after": 0,
        "before": 9,
    }
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE django_messenger_conversation RENAME TO lost")
    client = Client(raise_request_exception=False)
    body = chat._encode({**chat.tokens, **said})
    assert client.generic("POST", BASE + call, body, content_type).status_code == 500
    (record,) = (record for record in caplog.records if record.exc_info)
    reporter = ExceptionReporter(record.request, *record.exc_info, is_email=True)
    report = reporter.get_traceback_html() + reporter.get_traceback_text()
    assert "ProgrammingError" in report
    assert "django_messenger/services/" in report
    for secret in (*secrets_of(chat), identity):
        assert secret not in report


# --- What operators are shown ---------------------------------------------------------------------


def test_no_page_and_no_call_shows_a_secret(
    busy: Widget, north: Branch, people: People, clients: Clients
) -> None:
    stored = [v.token_hash for v in Visitor.objects.all()]
    secrets = [*secrets_of(busy), IDENTITY_SECRET, hash_token(busy.session), *stored]
    looked = 0
    for route in find_routes():
        if route.part == "messenger_widget" or "GET" not in methods_of(route):
            continue
        urls = set()
        for value in north.ids.values():
            with suppress(NoReverseMatch):  # a widget token is no UUID
                urls.add(route.url(**dict.fromkeys(route.holders, value)))
        for actor in ("own", "supervisor", "root"):
            for url in urls:
                response = clients[actor].get(url)
                looked += response.status_code == 200
                for secret in secrets:
                    assert secret not in response.content.decode(), url
    assert looked >= 3 * 12


def test_no_write_shows_a_secret(north: Branch, people: People, clients: Clients) -> None:
    client, base = clients["root"], "/api/messenger/"
    inbox = f"{base}inboxes/{north.inbox.public_id}/"
    fresh = "another-secret-" + "z" * 32
    answers = [
        client.patch(inbox, {"identity_secret": fresh, "identity_mode": "optional"}, JSON),
        client.patch(inbox, {"identity_secret": "short"}, JSON),
        client.post(f"{inbox}rotate-token/", {}, JSON),
        client.post(
            f"{base}inboxes/",
            {"branch": str(north.branch.pk), "name": "New", "identity_secret": fresh},
            JSON,
        ),
    ]
    assert [answer.status_code for answer in answers] == [200, 400, 200, 201]
    assert Inbox.objects.get(pk=north.inbox.pk).identity_secret == fresh
    for answer in answers:
        assert fresh not in answer.content.decode()
        assert "has_identity_secret" in answer.json() or answer.status_code == 400


def test_visitors_are_shown_no_secret_of_others(
    busy: Widget, north: Branch, people: People, clients: Clients
) -> None:
    other = Widget(north.inbox).start()
    told = json.dumps([other.bootstrap().json, other.poll().json, other.config().json])
    for secret in (*secrets_of(busy), IDENTITY_SECRET, str(people["own"].pk), "@example.com"):
        if len(secret) > 8:
            assert secret not in told


def test_the_cookie_jar_of_a_visitor_stays_empty(north: Branch) -> None:
    client = Client()
    for call in ("send/", "poll/", "bootstrap/"):
        client.post(BASE + call, {**north.chat.tokens, "body": "x"}, content_type=JSON)
    client.get(f"{BASE}config/?widget_token=north-token")
    client.get(f"{BASE}loader.js")
    assert not client.cookies
