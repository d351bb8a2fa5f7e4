"""Anything in any field of the visitors' API: an answer of the contract, never a server error."""

from __future__ import annotations

import json
import unicodedata
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from django_messenger import store
from django_messenger.models import Conversation, Message
from django_messenger.services.sessions import session_key
from tests.fuzz.values import (
    NASTY_VALUES,
    check_answer,
    query_texts,
    shared_database,
    texts,
    undone,
    values,
)
from tests.widget.client import FORM, JSON, Answer, Widget

#: Fields by call, each with a value that is right; the tokens come from the widget.
FIELDS: dict[str, dict[str, Any]] = {
    "bootstrap/": {
        "widget_token": ...,
        "visitor_token": "",
        "identity": "",
        "name": "Ann",
        "email": "ann@example.com",
        "phone": "+1",
        "external_id": "7",
        "page_url": "https://shop.example/",
        "referrer": "https://shop.example/",
        "locale": "en",
        "attributes": {},
        "consent": "on",
    },
    "send/": {
        "widget_token": ...,
        "widget_session_token": ...,
        "body": "Hello",
        "client_id": "1",
        "website": "",
    },
    "poll/": {"widget_token": ..., "widget_session_token": ..., "after": 0},
    "read/": {"widget_token": ..., "widget_session_token": ..., "read_seq": 1},
    "history/": {"widget_token": ..., "widget_session_token": ..., "before": 9},
    "identify/": {
        "widget_token": ...,
        "widget_session_token": ...,
        "identity": "",
        "name": "Ann",
        "email": "ann@example.com",
        "phone": "+1",
        "external_id": "7",
        "locale": "en",
        "attributes": {"plan": 3},
        "consent": "on",
    },
    "typing/": {"widget_token": ..., "widget_session_token": ..., "state": "on"},
    "stream/": {"widget_token": ..., "widget_session_token": ..., "after": 0},
}
PLACES = [(call, name) for call, fields in FIELDS.items() for name in fields]
EXPECTED = (200, 201, 204, 400, 401, 404, 409, 413)


def right(chat: Widget, call: str) -> dict[str, Any]:
    """The fields of a call as they should be."""
    return {
        name: chat.tokens[name] if value is ... else value for name, value in FIELDS[call].items()
    }


def give(chat: Widget, call: str, body: bytes, content_type: str = JSON) -> Answer:
    """Post a body in an example of its own."""
    with undone():
        answer = chat.call("POST", call, body=body, content_type=content_type)
    check_answer(answer.status, answer.content)
    assert answer.headers["access-control-allow-origin" if answer.status < 400 else "vary"]
    assert answer.headers["cache-control"] == "no-store"
    return answer


def as_form(fields: dict[str, Any]) -> bytes:
    """A form as a browser posts it; a list comes several times, an object as JSON."""
    flat = {
        name: json.dumps(value) if isinstance(value, dict) else value
        for name, value in fields.items()
    }
    return urlencode(flat, doseq=True, errors="surrogatepass").encode()


def test_what_is_right_is_taken(chat: Widget) -> None:
    for call in FIELDS:
        for body, kind in [
            (json.dumps(right(chat, call)).encode(), JSON),
            (as_form(right(chat, call)), FORM),
        ]:
            assert give(chat, call, body, kind).status in (200, 201, 204)


def try_place(chat: Widget, place: tuple[str, str], value: Any, *, form: bool) -> None:
    """Put a value into a field, in JSON or in a form, all else as it should be."""
    call, name = place
    fields = {**right(chat, call), name: value}
    body = as_form(fields) if form else json.dumps(fields).encode()
    assert give(chat, call, body, FORM if form else JSON).status in EXPECTED


@shared_database
@given(st.sampled_from(PLACES), values, st.booleans())
def test_any_field(chat: Widget, place: tuple[str, str], value: Any, form: bool) -> None:
    try_place(chat, place, value, form=form)


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES, ids="".join)
def test_each_field(chat: Widget, place: tuple[str, str]) -> None:
    @shared_database
    @given(values, st.booleans())
    def check(value: Any, form: bool) -> None:
        try_place(chat, place, value, form=form)

    check()
    for value in NASTY_VALUES:
        try_place(chat, place, value, form=False)
        try_place(chat, place, value, form=True)


@shared_database
@given(values, values, st.booleans())
def test_any_rating(chat: Widget, score: Any, comment: Any, form: bool) -> None:
    Conversation.objects.update(status="resolved")
    fields = {**chat.tokens, "score": score, "comment": comment}
    body = as_form(fields) if form else json.dumps(fields).encode()
    assert give(chat, "rate/", body, FORM if form else JSON).status in (200, 400, 413)


@shared_database
@given(values, st.booleans())
def test_any_end(chat: Widget, visitor_token: Any, form: bool) -> None:
    key = session_key(chat.session)
    kept = store.get(key)
    fields = {**chat.tokens, "visitor_token": visitor_token}
    body = as_form(fields) if form else json.dumps(fields).encode()
    assert give(chat, "end-session/", body, FORM if form else JSON).status in (204, 400, 413)
    store.put(key, kept, seconds=600)  # the cache takes part in no transaction


@shared_database
@given(texts.filter(lambda text: text != ""))
@example("e\u0301\r\n\u202e")
def test_a_text_comes_back_as_it_was_sent_or_is_refused(chat: Widget, text: str) -> None:
    with undone():
        sent = chat.send(text)
        if sent.status == 400:
            assert set(check_answer(sent.status, sent.content)["errors"]) == {"body"}
            assert Message.objects.count() == 1
            return
        said = sent.expect(201)["message"]["body"]
        (polled,) = chat.poll(1).expect(200)["messages"]
    wanted = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in wanted if unicodedata.category(c) != "Cc" or c in "\n\t")
    assert polled["body"] == said == kept


@shared_database
@given(
    st.sampled_from(["config/", "poll/", "bootstrap/", "send/"]),
    st.sampled_from(
        ["widget_token", "widget_session_token", "visitor_token", "identity", "after", "x"]
    )
    | query_texts,
    query_texts,
)
def test_any_query(chat: Widget, call: str, name: str, value: str) -> None:
    method = "POST" if call in ("bootstrap/", "send/") else "GET"
    with undone():
        if call == "poll/":
            answer = chat.get(f"{call}?{quote(name)}={quote(value)}")
        elif method == "GET":
            answer = chat.call(method, f"{call}?{quote(name)}={quote(value)}")
        else:
            answer = chat.post(f"{call}?{quote(name)}={quote(value)}", {"body": "Hello"})
    check_answer(answer.status, answer.content)
    if name in ("widget_session_token", "visitor_token", "identity"):
        assert (answer.status, answer.code) == (400, "token_in_url")
    elif call == "config/":
        assert (answer.status, answer.code) == (404, "unknown_widget")


header_texts = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=200)


@shared_database
@given(
    st.sampled_from(
        [
            "Origin",
            "X-Widget-Token",
            "X-Widget-Session-Token",
            "Accept",
            "Accept-Language",
            "X-Forwarded-For",
            "If-None-Match",
            "Content-Length",
            "Referer",
        ]
    ),
    header_texts | st.sampled_from(["null", "http://[", "https://shop.example:99999", "9" * 5000]),
    st.sampled_from(["GET", "OPTIONS", "HEAD", "PUT", "DELETE"]),
    st.sampled_from([*FIELDS, "config/", "loader.js"]),
)
def test_any_header(chat: Widget, name: str, value: str, method: str, call: str) -> None:
    with undone():
        answer = chat.get(call, headers={name: value}) if method == "GET" else None
        if answer is None:
            answer = chat.call(method, call, headers={name: value})
    assert answer.status < 500


def mutate(body: bytes, changes: list[tuple[int, bytes]]) -> bytes:
    """Overwrite pieces of a body."""
    for place, piece in changes:
        place %= len(body) + 1
        body = body[:place] + piece + body[place + len(piece) :]
    return body


pieces = st.binary(min_size=1, max_size=4) | st.sampled_from(
    [
        b'"',
        b"{",
        b"}",
        b"[",
        b"]",
        b"\\",
        b"\\ud800",
        b"\\u0000",
        b",",
        b":",
        b"=",
        b"&",
        b"%",
        b"\xff",
    ]
)
content_types = st.one_of(
    st.sampled_from(
        [
            JSON,
            FORM,
            "",
            "text/plain",
            "multipart/form-data; boundary=x",
            "application/json;charset=",
        ]
    ),
    st.sampled_from([JSON, FORM]).flatmap(
        lambda kind: header_texts.map(lambda text: f"{kind}; {text}")
    ),
    st.sampled_from(["utf-16", "utf-7", "idna", "\u00e9", "'", "rot13", "zlib"]).map(
        lambda name: f"{JSON}; charset={name}"
    ),
    header_texts,
)


@shared_database
@given(
    st.sampled_from(list(FIELDS)),
    st.lists(st.tuples(st.integers(0, 400), pieces), min_size=1, max_size=3),
    st.booleans(),
)
def test_a_spoilt_body(
    chat: Widget, call: str, changes: list[tuple[int, bytes]], form: bool
) -> None:
    fields = right(chat, call)
    body = as_form(fields) if form else json.dumps(fields).encode()
    answer = give(chat, call, mutate(body, changes), FORM if form else JSON)
    assert answer.status in EXPECTED


@shared_database
@given(st.sampled_from(list(FIELDS)), content_types)
def test_any_content_type(chat: Widget, call: str, content_type: str) -> None:
    body = json.dumps(right(chat, call)).encode()
    assert give(chat, call, body, content_type).status in (*EXPECTED, 415)


@pytest.mark.slow
@shared_database
@given(st.binary(max_size=300), content_types)
def test_noise(chat: Widget, body: bytes, content_type: str) -> None:
    for call in FIELDS:
        assert give(chat, call, body, content_type).status in (400, 404, 413, 415)
