"""Which pages may use an inbox, and what browsers are told about it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.test import override_settings

from django_messenger.models import Contact, Conversation, Inbox
from django_messenger.services.inboxes import save_inbox
from django_messenger.services.sessions import end_session
from django_messenger.test import override_messenger
from tests.factories import make_branch, make_inbox
from tests.widget.client import (
    PAGE,
    Answer,
    Transport,
    Widget,
    committing,
    through_asgi,
    through_django,
)

REFUSED = {"detail": "This site may not use the chat.", "code": "origin_not_allowed"}
CORS = "access-control-allow-origin"
both_ways = pytest.mark.parametrize("transport", [through_django, through_asgi])


def allow(*origins: str) -> None:
    """Set the list of the only inbox."""
    inbox = Inbox.objects.get()
    inbox.allowed_origins = list(origins)
    with committing():
        save_inbox(inbox)


#: The list of an inbox, and what passes it and what does not.
CASES: dict[str, tuple[list[str], list[str], list[str]]] = {
    "an exact host": (
        ["https://example.com"],
        ["https://example.com", "https://EXAMPLE.com", "HTTPS://example.com:443"],
        [
            "http://example.com",
            "https://www.example.com",
            "https://evilexample.com",
            "https://example.com.evil.io",
            "https://example.comevil.io",
            "https://example.com:8443",
            "https://example.com.",
            "https://example.com/",
            "https://example.com@evil.io",
            "https://evil.io@example.com",
            "https://example.com#.evil.io",
            "https://example.com?.evil.io",
            "https://example.com\\.evil.io",
            "https://example.com%00.evil.io",
            "https://example.com evil.io",
            " https://example.com",
            "https://example.com ",
            "https://example.com,https://evil.io",
            "https://ex\u0430mple.com",
            "https://example.com:",
            "https://example.com:0443",
            "https://example.com:443:443",
            "https://example.com:99999999",
            "https://example.com:*",
            "https://*",
            "https://*.com",
            "//example.com",
            "example.com",
            "ftp://example.com",
            "javascript://example.com",
            "file://",
            "null",
            "",
            "*",
            "https://",
            "https://" + "x" * 5000,
        ],
    ),
    "a wildcard host": (
        ["https://*.example.com"],
        ["https://www.example.com", "https://a.b.example.com", "https://xn--a.example.com"],
        [
            "https://example.com",
            "https://.example.com",
            "https://evilexample.com",
            "https://www.example.com.evil.io",
            "https://a..example.com",
            "http://www.example.com",
            "https://www.example.com:8443",
            "https://www.example.com.",
        ],
    ),
    "any port": (
        ["http://localhost:*"],
        ["http://localhost", "http://localhost:80", "http://localhost:5173", "http://LOCALHOST:1"],
        [
            "https://localhost",
            "http://localhost.evil.io:80",
            "http://127.0.0.1",
            "http://localhost:",
        ],
    ),
    "a port": (
        ["https://example.com:8443"],
        ["https://example.com:8443"],
        ["https://example.com", "https://example.com:443", "https://example.com:84430"],
    ),
    "the default port": (
        ["http://example.com:80"],
        ["http://example.com", "http://example.com:80"],
        ["https://example.com:80", "http://example.com:443"],
    ),
    "an address": (
        ["http://127.0.0.1:8000", "http://[::1]:8000"],
        ["http://127.0.0.1:8000", "http://[::1]:8000"],
        ["http://127.0.0.2:8000", "http://2130706433:8000", "http://[::1]", "http://[::2]:8000"],
    ),
    "punycode": (
        ["https://xn--e1afmkfd.xn--p1ai"],
        ["https://xn--e1afmkfd.xn--p1ai", "https://XN--E1AFMKFD.xn--p1ai"],
        ["https://пример.рф"],
    ),
    "an empty list": ([], [], ["https://example.com", "http://localhost", "null"]),
}


@pytest.mark.parametrize("name", CASES)
def test_the_list_of_an_inbox(widget: Widget, name: str) -> None:
    origins, passing, refused = CASES[name]
    allow(*origins)
    for origin in passing:
        answer = replace(widget, origin=origin).config()
        assert answer.status == 200, origin
        assert answer.headers[CORS] == origin
    for origin in refused:
        # Headers are latin-1; a browser would send punycode for anything else.
        answer = replace(widget, origin=origin.encode().decode("latin-1")).config()
        assert answer.expect(403) == REFUSED, origin
        assert CORS not in answer.headers


@both_ways
def test_the_messengers_own_pages_always_pass(chat: Widget, transport: Transport) -> None:
    chat.transport = transport
    allow()
    for origin in ("http://testserver", "http://TESTSERVER", "http://testserver:80"):
        assert replace(chat, origin=origin).poll().status == 200
    for origin in ("https://testserver", "http://testserver:8000", "http://testserver.evil.io"):
        assert replace(chat, origin=origin).poll().expect(403) == REFUSED


@override_settings(ALLOWED_HOSTS=["shop.example"])
def test_a_forged_host_is_nobodys_own(widget: Widget) -> None:
    allow()
    for host in ("evil.io", "testserver"):
        answer = replace(widget, origin=f"http://{host}", headers={"Host": host}).config()
        assert answer.status in (400, 403)


@both_ways
def test_what_comes_from_no_page_passes(chat: Widget, transport: Transport) -> None:
    chat.transport = transport
    allow()
    for answer in (replace(chat, origin=None).poll(), replace(chat, origin=None).config()):
        assert answer.status == 200
        assert CORS not in answer.headers


@both_ways
def test_every_call_asks_its_own_inbox(chat: Widget, transport: Transport) -> None:
    """What the list of another inbox allows is of no use here."""
    elsewhere = "https://elsewhere.example"
    make_inbox(make_branch(), allowed_origins=[elsewhere])
    foreign = replace(chat, origin=elsewhere, transport=transport)
    for answer in (
        foreign.send("Hello"),
        foreign.poll(),
        foreign.get("poll/"),
        foreign.read(0),
        foreign.post("typing/"),
        foreign.post("stream/"),
        foreign.bootstrap(),
        foreign.config(),
    ):
        assert answer.expect(403) == REFUSED
        assert CORS not in answer.headers
    assert Conversation.objects.count() == 1
    assert Conversation.objects.get().revision == 0


def test_a_page_that_is_taken_off_the_list(chat: Widget) -> None:
    chat.poll().expect(200)
    allow("https://other.example")
    assert chat.poll().expect(403) == REFUSED


def test_debug_makes_no_exception(widget: Widget) -> None:
    allow()
    with override_settings(DEBUG=True):
        for origin in ("http://localhost:3000", "http://127.0.0.1"):
            assert replace(widget, origin=origin).config().expect(403) == REFUSED


# --- Headers --------------------------------------------------------------------------------------


def assert_open_to(answer: Answer, origin: str) -> None:
    assert answer.headers[CORS] == origin
    assert "access-control-allow-credentials" not in answer.headers
    assert "Retry-After" in answer.headers["access-control-expose-headers"]
    assert "Origin" in answer.headers["vary"]
    assert answer.headers["referrer-policy"] == "no-referrer"


@both_ways
def test_pages_may_read_what_went_well(chat: Widget, transport: Transport) -> None:
    chat.transport = transport
    for answer in (
        chat.bootstrap(),
        chat.send("Hello"),
        chat.poll(),
        chat.poll(1),
        chat.get("poll/?after=1"),
        chat.read(1),
        chat.post("typing/"),
    ):
        assert answer.status in (200, 201, 204)
        assert_open_to(answer, PAGE)
        assert answer.headers["cache-control"] == "no-store"


def test_pages_may_read_what_went_wrong(chat: Widget) -> None:
    """Every error, also those that come before the inbox is known."""
    limited = override_messenger(THROTTLE_RATES={"default": "1/d/session"})
    chat.send("Hello", client_id="a").expect(201)
    with limited:
        chat.read(0)
        answers = [chat.read(0)]
    answers += [
        chat.send(""),
        chat.send("Ho", client_id="a"),
        chat.poll("x"),
        chat.call("POST", "send/", {}),
        chat.call("POST", "send/", body=b"{"),
        chat.call("POST", "send/", body=b"x" * 100_000),
        chat.call("POST", "send/", body=b"x", content_type="text/plain"),
        chat.post("send/?widget_token=x"),
        chat.call("PUT", "send/", chat.tokens),
        replace(chat, inbox=Inbox(widget_token="none-such")).config(),
        replace(chat, inbox=Inbox(widget_token="none-such")).poll(),
    ]
    end_session(chat.session)
    answers.append(chat.poll())
    Conversation.objects.update(unanswered=200)
    chat.bootstrap()
    answers.append(chat.send("More"))
    assert [answer.status for answer in answers] == [
        429, 400, 409, 400, 400, 400, 413, 415, 400, 405, 404, 401, 401, 429,
    ]  # fmt: skip
    for answer in answers:
        assert_open_to(answer, PAGE)
        assert answer.headers["cache-control"] == "no-store"


def test_pages_may_read_that_the_cache_is_down(chat: Widget) -> None:
    pytest.importorskip("django_redis")
    down = {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    with override_settings(CACHES={"default": down}):
        for answer in (chat.poll(), chat.bootstrap()):
            assert answer.status == 503
            assert_open_to(answer, PAGE)
        assert CORS not in replace(chat, origin="https://evil.io").poll().headers


def test_other_pages_may_read_no_error(chat: Widget) -> None:
    evil = replace(chat, origin="https://evil.io")
    for answer in (
        evil.call("POST", "send/", {}),
        evil.call("POST", "send/", body=b"{"),
        evil.call("POST", "send/", body=b"x" * 100_000),
        evil.post("send/?widget_token=x"),
        replace(evil, inbox=Inbox(widget_token="none-such")).config(),
        replace(evil, inbox=Inbox(widget_token="none-such")).poll(),
        evil.poll(),
    ):
        assert answer.status >= 400
        assert CORS not in answer.headers
        assert "Origin" in answer.headers["vary"]


# --- Preflights -----------------------------------------------------------------------------------


def preflight(widget: Widget, call: str = "poll/", **headers: str) -> Answer:
    asked = {
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "x-widget-token, x-widget-session-token",
    }
    return widget.call("OPTIONS", call, headers={**asked, **headers})


@both_ways
def test_a_preflight(widget: Widget, transport: Transport) -> None:
    widget.transport = transport
    for call in ("poll/", "send/", "bootstrap/", "read/", "config/"):
        answer = preflight(widget, call)
        assert (answer.status, answer.content) == (204, b"")
        assert answer.headers[CORS] == PAGE
        assert "access-control-allow-credentials" not in answer.headers
        allowed = answer.headers["access-control-allow-headers"].lower()
        for name in ("content-type", "x-widget-token", "x-widget-session-token"):
            assert name in allowed
        assert int(answer.headers["access-control-max-age"]) > 0
    assert "GET" in preflight(widget).headers["access-control-allow-methods"]
    assert "POST" in preflight(widget, "send/").headers["access-control-allow-methods"]


def test_a_preflight_from_elsewhere(widget: Widget) -> None:
    for origin in ("https://evil.io", "null", "", "https://evilshop.example", "x" * 9000):
        answer = preflight(replace(widget, origin=origin))
        assert answer.status == 204
        assert CORS not in answer.headers


def test_a_preflight_costs_nothing(
    widget: Widget, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(1):
        preflight(widget)
    with django_assert_num_queries(0), override_messenger(THROTTLE_RATES={"default": "1/d/ip"}):
        for _ in range(3):
            assert preflight(widget).status == 204
    assert not Contact.objects.exists()
