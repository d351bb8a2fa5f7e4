"""Requests that no client of ours would send, and a database that is away."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection

from tests.factories import make_conversation
from tests.operators.client import BASE, Api, url
from tests.operators.conftest import World


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"body": "a"',
        b'{"body": "a"} x',
        b"\xff\xfe",
        b'{"body": "\xff"}',
        b"[]",
        b'"text"',
        b"5",
        b"null",
        b'{"body": NaN}',
        b'{"body": Infinity}',
        b'{"body": 1e999}',
        b'{"body": "a", "body": "b"}',
        b'{"body": ' + b"9" * 5000 + b"}",
        b'{"x": ' + b"[" * 21 + b"]" * 21 + b', "body": "a"}',
        b"[" * 30_000,
        b'{"a":' * 10_000,
        b'{"body": "\\ud800"}',
        b'{"body": "\\u0000"}',
        json.dumps({"body": "a", **{str(number): 1 for number in range(1001)}}).encode(),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(world: World, body: bytes) -> None:
    conversation = make_conversation(world.north)
    path = BASE + url(conversation, "messages/")

    response = Api(world.anna).http.post(path, body, content_type="application/json")

    assert (response.status_code, response.json()["code"]) == (400, "invalid")
    conversation.refresh_from_db()
    assert conversation.revision == 1


def test_brackets_in_a_text_are_no_depth(world: World) -> None:
    conversation = make_conversation(world.north)
    body = r'[{"\\' + "[" * 40 + '"'

    sent = Api(world.anna).post(url(conversation, "messages/"), {"body": body})

    assert sent.json()["message"]["body"] == body


def test_a_body_too_large_is_refused(world: World) -> None:
    conversation = make_conversation(world.north)

    response = Api(world.anna).post(url(conversation, "messages/"), {"body": "x" * 70_000})

    assert (response.status_code, response.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("form", ["multipart/form-data; boundary=x", "text/plain", "x", ""])
def test_only_json_is_read(world: World, form: str) -> None:
    conversation = make_conversation(world.north)
    path = BASE + url(conversation, "messages/")

    for csrf in (False, True):
        http = Api(world.anna, csrf=csrf).http
        http.cookies["csrftoken"] = "a" * 32
        headers = {"X-CSRFToken": "a" * 32}
        response = http.post(path, b"body=a", content_type=form, headers=headers)
        assert response.status_code in (400, 415), response.content
        assert response.json()["code"] in ("invalid", "unsupported_media_type")
    conversation.refresh_from_db()
    assert conversation.revision == 1


def test_a_form_is_refused(world: World) -> None:
    conversation = make_conversation(world.north)

    response = Api(world.anna).http.post(
        BASE + url(conversation, "messages/"),
        "body=a",
        content_type="application/x-www-form-urlencoded",
    )

    assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    "query",
    ["?q=%ff%fe", "?q=%ed%a0%80", "?" + "a=1&" * 1100, "?cursor=%00", "?view", "?&&=&", "?q[]=1"],
)
def test_a_query_that_no_client_writes(world: World, query: str) -> None:
    for path in ("conversations/", "contacts/", "conversations/changes/", "labels/"):
        response = Api(world.anna).http.get(BASE + path + query)
        assert response.status_code in (200, 400), (path, response.content[:200])
        assert response["Content-Type"] == "application/json"


def test_accept_is_no_matter(world: World) -> None:
    for accept in ("text/html", "application/xml", "nonsense", "a/b;q=x", "*/*"):
        response = Api(world.anna).http.get(f"{BASE}me/?format=api", headers={"Accept": accept})
        assert (response.status_code, response["Content-Type"]) == (200, "application/json")


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_is_answered_with_503(
    world: World, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    api = Api(world.anna)
    path = url(make_conversation(world.north))
    settings: dict[str, Any] = connection.settings_dict
    connection.close()
    monkeypatch.setitem(settings, "PORT", unused_tcp_port)
    monkeypatch.setitem(settings, "HOST", "127.0.0.1")

    answers = [api.get("me/"), api.get(path), api.patch(path, {"priority": "high"})]

    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (503, "temporarily_unavailable")
        assert int(answer["Retry-After"]) >= 1
    connection.close()
    monkeypatch.undo()
    assert api.get(path).json()["priority"] == "normal"
