"""What comes in: content types, sizes, cut-off and crooked bodies; form and JSON alike."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from django.test import RequestFactory
from django.test.client import ClientHandler

from django_messenger.models import Conversation, Message
from tests.widget.client import (
    BASE,
    FORM,
    JSON,
    Answer,
    Transport,
    Widget,
    through_asgi,
    through_django,
)

UNREADABLE = {"detail": "The request cannot be read.", "code": "invalid"}
TOO_LARGE = {"detail": "The request is too large.", "code": "too_large"}
NO_SUCH_TYPE = {
    "detail": "This content type is not supported.",
    "code": "unsupported_media_type",
}
KB = 1024
both_ways = pytest.mark.parametrize("transport", [through_django, through_asgi])


def text(chat: Widget, **fields: Any) -> str:
    """A good body of send/ as JSON."""
    return json.dumps({**chat.tokens, "body": "Hello", **fields})


def give(chat: Widget, body: str | bytes, content_type: str = JSON, call: str = "send/") -> Answer:
    raw = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    return chat.call("POST", call, body=raw, content_type=content_type)


# --- Content types --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content_type",
    [
        JSON,
        "application/json; charset=utf-8",
        'Application/JSON; Charset="UTF-8"',
        "application/json ; charset=utf8",
        "application/json; profile=x",
    ],
)
@both_ways
def test_json_by_any_spelling(chat: Widget, transport: Transport, content_type: str) -> None:
    chat.transport = transport
    assert give(chat, text(chat), content_type).status == 201
    told = give(chat, text(chat, after=0), content_type, "poll/").expect(200)
    assert len(told["messages"]) == 1


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/xml",
        "application/jsonp",
        "application/json+x",
        "text/json",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "application/octet-stream",
        "application/json; charset=utf-16",
        "application/json; charset=latin-1",
        "application/x-www-form-urlencoded; charset=koi8-r",
        "application",
        ";",
        "*/*",
        "application/json, text/plain",
    ],
)
@both_ways
def test_other_content_types(chat: Widget, transport: Transport, content_type: str) -> None:
    chat.transport = transport
    for call in ("send/", "poll/", "bootstrap/"):
        assert give(chat, text(chat), content_type, call).expect(415) == NO_SUCH_TYPE
    assert not Message.objects.exists()


def test_a_body_of_no_type(chat: Widget) -> None:
    answer = chat.transport("POST", f"{BASE}send/", text(chat).encode(), {}, chat.address)
    assert answer.expect(415) == NO_SUCH_TYPE


# --- Size -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [False, True])
def test_sixty_four_kilobytes_are_read(chat: Widget, form: bool) -> None:
    chat.form = form
    fields = {**chat.tokens, "body": "Hello", "rest": ""}
    room = 64 * KB - len(chat._encode(fields))
    body = chat._encode({**fields, "rest": "x" * room})
    content_type = FORM if form else JSON
    assert len(body) == 64 * KB
    assert give(chat, body, content_type).status == 201
    assert give(chat, body + b" ", content_type).expect(413) == TOO_LARGE
    assert Message.objects.count() == 1


@both_ways
def test_a_large_body_is_refused_whatever_it_holds(chat: Widget, transport: Transport) -> None:
    chat.transport = transport
    for call in ("send/", "poll/", "bootstrap/"):
        for content_type in (JSON, FORM, "text/plain"):
            answer = give(chat, b"x" * 300 * KB, content_type, call)
            assert answer.expect(413) == TOO_LARGE


def bare_call(chat: Widget, body: bytes, length: str) -> tuple[int, dict[str, Any]]:
    """A request as a server would hand it over, with whatever length it claims."""
    environ = RequestFactory(REMOTE_ADDR=chat.address)._base_environ(
        REQUEST_METHOD="POST",
        PATH_INFO=f"{BASE}send/",
        CONTENT_TYPE=JSON,
        CONTENT_LENGTH=length,
        **{"wsgi.input": BytesIO(body)},
    )
    response = ClientHandler()(environ)
    return response.status_code, json.loads(response.content)


def test_a_claimed_length_is_enough_to_refuse(chat: Widget) -> None:
    status, told = bare_call(chat, b"{}", str(10**18))
    assert (status, told) == (413, TOO_LARGE)


@pytest.mark.parametrize("missing", [1, 10, 100])
def test_a_body_that_was_cut_off(chat: Widget, missing: int) -> None:
    body = text(chat).encode()
    status, told = bare_call(chat, body, str(len(body) + missing))
    assert (status, told) == (400, UNREADABLE)
    status, told = bare_call(chat, body[:-missing], str(len(body)))
    assert (status, told) == (400, UNREADABLE)
    assert not Message.objects.exists()


@pytest.mark.parametrize("length", ["", "x", "-1", "²", "1e3", "9" * 30])
def test_a_length_that_is_no_number(chat: Widget, length: str) -> None:
    status, told = bare_call(chat, text(chat).encode(), length)
    assert status in (400, 413), told
    assert told["code"] in ("invalid", "tokens_required", "too_large")


# --- Crooked JSON ---------------------------------------------------------------------------------

CROOKED = {
    "nothing but space": " ",
    "no JSON": "body=Hello",
    "cut off": '{"body": "Hel',
    "two values": "{} {}",
    "a comment": '{"a": 1} // x',
    "a trailing comma": '{"a": 1,}',
    "single quotes": "{'a': 1}",
    "a list": '[{"body": "Hello"}]',
    "a text": '"Hello"',
    "a number": "5",
    "null": "null",
    "true": "true",
    "NaN": '{"a": NaN}',
    "Infinity": '{"a": Infinity}',
    "minus infinity": '{"a": -Infinity}',
    "an endless float": '{"a": 1e999}',
    "a huge integer": '{"a": ' + "9" * 5000 + "}",
    "a large integer": '{"a": ' + "9" * 21 + "}",
    "a key twice": '{"a": 1, "a": 1}',
    "a key twice, once escaped": '{"a": 1, "\\u0061": 1}',
    "a key twice, deeper": '{"a": {"b": 1, "b": 2}}',
    "NUL in a key": '{"\\u0000": 1}',
    "half a letter in a key": '{"\\ud800": 1}',
    "21 levels": '{"a": ' + "[" * 20 + "]" * 20 + "}",
    "many levels": '{"a": ' + "[" * 5000 + "]" * 5000 + "}",
    "many open levels": '{"a": ' * 5000,
    "101 keys": json.dumps({f"k{number}": 1 for number in range(101)}),
    "101 keys in all": json.dumps({"a": {f"k{number}": 1 for number in range(100)}}),
    "a byte order mark": "\ufeff{}",
    "a raw line break in a text": '{"a": "x\ny"}',
}


@pytest.mark.parametrize("crooked", CROOKED.values(), ids=CROOKED.keys())
@both_ways
def test_crooked_json(chat: Widget, transport: Transport, crooked: str) -> None:
    chat.transport = transport
    for call in ("send/", "poll/", "bootstrap/"):
        assert give(chat, crooked, JSON, call).expect(400) == UNREADABLE


#: Well-formed, but no database keeps it.
UNFIT = {
    "NUL": '{"a": "\\u0000"}',
    "NUL deeper": '{"a": [{"b": "x\\u0000"}]}',
    "half a letter": '{"a": "\\ud800"}',
    "the other half": '{"a": "\\udc00"}',
    "halves in the wrong order": '{"a": "\\udc00\\ud800"}',
}


@pytest.mark.parametrize("unfit", UNFIT.values(), ids=UNFIT.keys())
@both_ways
def test_text_that_cannot_be_stored(chat: Widget, transport: Transport, unfit: str) -> None:
    chat.transport = transport
    for call in ("send/", "poll/", "bootstrap/"):
        told = give(chat, unfit, JSON, call).expect(400)
        assert (told["code"], list(told["errors"])) == ("invalid", ["a"])


@pytest.mark.parametrize(
    "crooked",
    [b"\xff", b'{"a": "\xff"}', b'{"a": "\xed\xa0\x80"}', b"\x00", b'{"a": "\x00"}', b"\xef\xbb"],
    ids=repr,
)
def test_bytes_that_are_no_utf_8(chat: Widget, crooked: bytes) -> None:
    assert give(chat, crooked).expect(400) == UNREADABLE


def test_what_is_just_within_the_limits(chat: Widget) -> None:
    deep: Any = "x"
    for _ in range(19):
        deep = [deep]
    rest = {f"k{number}": 1 for number in range(95)}
    good = [
        text(chat, deep=deep),
        text(chat, brackets="[" * 5000 + "{" * 5000 + '\\"[' * 50),
        text(chat, **rest),
        text(chat, big=10**19),
        text(chat, pair="\U0001f98a"),
        f"\n\t {text(chat)} \r\n",
    ]
    for body in good:
        assert give(chat, body).status == 201, body[:80]


# --- Crooked forms --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "crooked",
    [
        b"body=a&body=b",
        b"body=a&body=a",
        b"body=%FF",
        b"body=%ED%A0%80",
        b"\xff=1",
        b"%00=1",
        b"&".join(b"k%d=1" % number for number in range(101)),
    ],
    ids=repr,
)
@both_ways
def test_crooked_forms(chat: Widget, transport: Transport, crooked: bytes) -> None:
    chat.transport = transport
    for call in ("send/", "poll/", "bootstrap/"):
        assert give(chat, crooked, FORM, call).expect(400) == UNREADABLE


def test_a_form_with_text_that_cannot_be_stored(chat: Widget) -> None:
    assert list(give(chat, "body=%00", FORM).expect(400)["errors"]) == ["body"]


def test_a_form_and_json_say_the_same(chat: Widget) -> None:
    told = []
    for form in (False, True):
        chat.form = form
        answers = [
            chat.send("Hello", client_id=f"same-{form}"),
            chat.send(""),
            chat.send("x" * 2001),
            chat.poll("0"),
            chat.poll("x"),
            chat.read("1"),
            chat.read(""),
            chat.bootstrap(name="Ann", email="no address"),
        ]
        told.append([(a.status, sorted(a.json), a.json.get("code")) for a in answers])
    assert told[0] == told[1]


def test_a_plus_is_a_space_and_an_empty_field_is_there(chat: Widget) -> None:
    tokens = "&".join(f"{name}={value}" for name, value in chat.tokens.items())
    told = give(chat, f"{tokens}&body=a+b%2Bc&client_id=", FORM).expect(201)
    assert (told["message"]["body"], told["message"]["client_id"]) == ("a b+c", "")


# --- Queries, headers, methods --------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    ["a=%00", "a=%FF", "%FF=1", "=&=", "&".join(["a"] * 2000), "a=" + "x" * 5000, "%", ";;;"],
    ids=lambda query: query[:8],
)
@both_ways
def test_queries_that_mean_nothing(chat: Widget, transport: Transport, query: str) -> None:
    chat.transport = transport
    for answer in (
        chat.post(f"poll/?{query}", {"after": 0}),
        chat.get(f"poll/?{query}"),
        chat.post(f"send/?{query}", {"body": "Hello"}),
        chat.call("GET", f"config/?widget_token=shop-token&{query}"),
    ):
        assert answer.status in (200, 201, 400)
        assert answer.status != 400 or answer.code == "invalid"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Widget-Session-Token", "\xff" * 43),
        ("X-Widget-Session-Token", "x" * 60_000),
        ("X-Widget-Token", "\x7f"),
        ("Accept", "text/html, */*;q=0"),
        ("Accept", "\xff"),
        ("Accept-Language", "x" * 5000),
        ("Accept-Language", "ru" * 50 + ",,;q=,-"),
        ("X-Forwarded-For", "\xff,,,"),
        ("Cookie", 'a=\xff; b; =; c="'),
        ("Authorization", "Basic \xff"),
        ("If-None-Match", "\xff"),
        ("X-HTTP-Method-Override", "DELETE"),
        ("Referer", "\xff"),
        ("User-Agent", "x" * 20_000),
    ],
    ids=lambda value: value[:12],
)
@both_ways
def test_headers_that_mean_nothing(
    chat: Widget, transport: Transport, name: str, value: str
) -> None:
    chat.transport = transport
    for answer in (chat.get("poll/", headers={name: value}), chat.config(headers={name: value})):
        assert answer.status in (200, 401)
        assert answer.json


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "BREW"])
@both_ways
def test_other_methods(chat: Widget, transport: Transport, method: str) -> None:
    chat.transport = transport
    for call in ("send/", "poll/", "bootstrap/", "stream/"):
        answer = chat.call(method, call, {**chat.tokens, "body": "Hello"})
        assert answer.expect(405)["code"] == "method_not_allowed"
    assert Conversation.objects.count() == 1
    assert not Message.objects.exists()


def test_a_get_does_nothing(chat: Widget) -> None:
    for call in ("send/", "read/", "typing/", "stream/"):
        assert chat.get(call).expect(405)["code"] == "method_not_allowed"


def test_a_middleware_that_has_read_the_body_does_no_harm(chat: Widget, settings: Any) -> None:
    settings.MIDDLEWARE = ["tests.widget.test_input.reads_the_body", *settings.MIDDLEWARE]
    chat.send("Hello").expect(201)
    chat.form = True
    chat.send("Hello").expect(201)
    big = give(chat, b"x" * 100 * KB, FORM)
    assert big.expect(413) == TOO_LARGE


def reads_the_body(get_response: Any) -> Any:
    def middleware(request: Any) -> Any:
        _ = request.POST
        _ = request.body
        return get_response(request)

    return middleware
