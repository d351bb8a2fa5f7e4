"""Who is let in: both tokens, one answer to all that do not hold, nothing secret in a URL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db.models import F
from django.test import Client, override_settings
from django.utils import timezone

from django_messenger.models import Contact, Conversation, Inbox, Visitor
from django_messenger.services.inboxes import save_inbox
from django_messenger.services.sessions import end_session, session_key
from django_messenger.services.visitors import end_contact_sessions, revoke_visitor
from tests.factories import make_branch, make_inbox
from tests.widget.client import (
    BASE,
    JSON,
    PAGE,
    Answer,
    Transport,
    Widget,
    committing,
    through_asgi,
    through_django,
)

#: Calls that need both tokens, each with what makes it a good one.
CALLS: dict[str, dict[str, Any]] = {
    "send/": {"body": "Hello"},
    "poll/": {"after": 0},
    "read/": {"read_seq": 0},
    "typing/": {},
    "stream/": {"after": 0},
}
ENDED = {"detail": "The chat session has ended. Start it again.", "code": "invalid_session"}
REQUIRED = {
    "detail": "Both widget_token and widget_session_token are required.",
    "code": "tokens_required",
}
IN_URL = {"detail": "Tokens do not belong into the URL.", "code": "token_in_url"}


#: Only polls and streams are answered before Django is asked.
WAYS: list[tuple[Transport, str]] = [
    *((through_django, call) for call in CALLS),
    (through_asgi, "poll/"),
    (through_asgi, "stream/"),
]


@pytest.fixture
def chat(chat: Widget) -> Widget:
    """A widget with a session and an empty poll behind it."""
    chat.poll().expect(200)
    return chat


@pytest.fixture
def other(chat: Widget) -> Widget:
    """A widget of an inbox in another branch, with a session."""
    inbox = make_inbox(make_branch(), widget_token="other-token", allowed_origins=[PAGE])
    return Widget(inbox).start()


def ask(widget: Widget, call: str) -> Answer:
    return widget.post(call, CALLS[call])


@pytest.mark.parametrize("call", CALLS)
def test_the_good_ones_are_let_in(chat: Widget, call: str) -> None:
    assert ask(chat, call).status in (200, 201, 204)


# --- Tokens that are missing ----------------------------------------------------------------------


def test_both_tokens_are_required(chat: Widget) -> None:
    both = chat.tokens
    for transport, call in WAYS:
        chat.transport = transport
        for name in both:
            for left in ({n: t for n, t in both.items() if n != name}, {**both, name: ""}):
                answer = chat.call("POST", call, {**CALLS[call], **left})
                assert answer.expect(400) == REQUIRED
        assert chat.call("POST", call, {}).expect(400) == REQUIRED
        assert chat.call("POST", call).expect(400) == REQUIRED


@pytest.mark.parametrize("transport", [through_django, through_asgi])
def test_headers_count_on_get_only_and_bodies_on_post_only(
    chat: Widget, transport: Transport
) -> None:
    chat.transport = transport
    headers = {"X-Widget-Token": "shop-token", "X-Widget-Session-Token": chat.session}
    assert chat.call("GET", "poll/", headers=headers).status == 200
    assert chat.call("POST", "poll/", {}, headers=headers).expect(400) == REQUIRED
    assert chat.call("GET", "poll/", chat.tokens).expect(400) == REQUIRED
    for name in headers:
        left = {n: t for n, t in headers.items() if n != name}
        assert chat.call("GET", "poll/", headers=left).expect(400) == REQUIRED


@pytest.mark.parametrize("name", ["widget_token", "widget_session_token"])
def test_a_token_is_a_text(chat: Widget, name: str) -> None:
    for value in (5, True, [], {}, None, 1.5):
        for transport, call in WAYS:
            chat.transport = transport
            told = chat.post(call, {**CALLS[call], name: value}).expect(400)
            assert (told["code"], list(told["errors"])) == ("invalid", [name])


@pytest.mark.parametrize(
    "name", ["widget_token", "widget_session_token", "visitor_token", "identity"]
)
def test_no_token_stands_in_a_url(chat: Widget, name: str) -> None:
    for transport, call in [*WAYS, (through_django, "bootstrap/")]:
        chat.transport = transport
        data = {**chat.tokens, **CALLS.get(call, {})}
        for query in (f"{name}=x", f"a=1&{name}=", name):
            assert chat.call("POST", f"{call}?{query}", data).expect(400) == IN_URL
        if call == "poll/":
            assert chat.get(f"poll/?after=0&{name}=x").expect(400) == IN_URL


# --- Sessions that do not hold --------------------------------------------------------------------


def forge(token: str) -> Callable[[Widget], None]:
    def change(widget: Widget) -> None:
        widget.session = token

    return change


def update(model: Any, **fields: Any) -> Callable[[Widget], None]:
    """A change behind the services' back; the marks go with it, as they do in an eviction."""

    def change(widget: Widget) -> None:
        model._default_manager.update(**fields)
        forget_marks()

    return change


def forget_marks() -> None:
    conversation = Conversation.objects.get()
    cache.delete(f"dm:mark:{conversation.pk}")


def switch_off(widget: Widget) -> None:
    inbox = Inbox.objects.get()
    inbox.is_active = False
    with committing():
        save_inbox(inbox)


def switch_off_and_on(widget: Widget) -> None:
    inbox = Inbox.objects.get()
    for active in (False, True):
        inbox.is_active = active
        with committing():
            save_inbox(inbox)


def revoke(widget: Widget) -> None:
    with committing():
        revoke_visitor(visitor=Visitor.objects.get())


def end_contact(widget: Widget) -> None:
    with committing():
        end_contact_sessions(contact=Contact.objects.get())


def delete_visitor(widget: Widget) -> None:
    Visitor.objects.all().delete()
    forget_marks()


def age(widget: Widget) -> None:
    held = cache.get(session_key(widget.session))
    held["issued_at"] -= 7 * 86_400
    cache.set(session_key(widget.session), held)


FAILURES: dict[str, Callable[[Widget], None]] = {
    "made up": forge("x" * 43),
    "too short": forge("x"),
    "too long": forge("x" * 129),
    "huge": forge("x" * 30_000),
    "of another alphabet": forge("ж" * 43),
    "with spaces": forge(" " * 43),
    "markup": forge("<script>" * 5),
    "ended": lambda widget: end_session(widget.session),
    "evicted": lambda widget: cache.delete(session_key(widget.session)),
    "expired": age,
    "garbage in the cache": lambda widget: cache.set(session_key(widget.session), "garbage"),
    "inbox switched off": switch_off,
    "inbox switched off and on": switch_off_and_on,
    "visitor revoked": revoke,
    "contact ended": end_contact,
    "contact erased": update(Contact, erased_at=timezone.now()),
    "visitor expired": update(Visitor, expires_at=timezone.now()),
    "visitor deleted": delete_visitor,
    "epoch of the inbox": update(Inbox, epoch=F("epoch") + 1),
    "unknown widget token": lambda widget: setattr(widget.inbox, "widget_token", "none-such"),
    "impossible widget token": lambda widget: setattr(widget.inbox, "widget_token", "!"),
}
#: What an open stream is not told of, and a poll only when something has changed.
ONLY_IN_THE_DATABASE = {
    "visitor revoked",
    "contact ended",
    "contact erased",
    "visitor expired",
    "visitor deleted",
    "epoch of the inbox",
}


@pytest.mark.parametrize("name", FAILURES)
def test_one_answer_to_all_that_do_not_hold(chat: Widget, name: str) -> None:
    FAILURES[name](chat)
    for transport, call in WAYS:
        if call == "stream/" and name in ONLY_IN_THE_DATABASE:
            continue  # a stream looks at the cached session alone
        answer = ask(replace(chat, transport=transport), call)
        assert answer.expect(401) == ENDED, (transport, call)
        assert answer.headers["www-authenticate"] == "WidgetSession"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("call", CALLS)
def test_neither_status_nor_body_nor_headers_tell_them_apart(chat: Widget, call: str) -> None:
    seen = set()
    for token in ("x" * 43, "x", "ж" * 43):
        answer = ask(replace(chat, session=token), call)
        seen.add((answer.status, answer.content, tuple(sorted(answer.headers.items()))))
    end_session(chat.session)
    answer = ask(chat, call)
    seen.add((answer.status, answer.content, tuple(sorted(answer.headers.items()))))
    assert len(seen) == 1


@pytest.mark.parametrize("call", CALLS)
def test_the_session_of_another_inbox(chat: Widget, other: Widget, call: str) -> None:
    for mixed in (replace(chat, session=other.session), replace(other, session=chat.session)):
        assert ask(mixed, call).expect(401) == ENDED
    assert chat.get("poll/").status == other.get("poll/").status == 200


@pytest.mark.parametrize("transport", [through_django, through_asgi])
def test_deactivation_ends_empty_polls_at_once(chat: Widget, transport: Transport) -> None:
    chat.transport = transport
    assert chat.poll().status == 200
    switch_off(chat)
    assert chat.poll().expect(401) == ENDED
    assert chat.bootstrap().expect(404)["code"] == "unknown_widget"
    inbox = Inbox.objects.get()
    inbox.is_active = True
    with committing():
        save_inbox(inbox)
    assert chat.poll().expect(401) == ENDED
    assert chat.bootstrap().status == 200
    assert chat.poll().status == 200


def test_a_token_that_is_rotated_lives_on_in_open_widgets(chat: Widget) -> None:
    inbox = Inbox.objects.get()
    inbox.previous_widget_token = inbox.widget_token
    inbox.previous_widget_token_until = timezone.now() + timedelta(days=1)
    inbox.widget_token = "new-token"
    with committing():
        save_inbox(inbox)
    assert chat.poll().status == 200
    chat.inbox.widget_token = "new-token"
    assert chat.poll().status == 200


# --- Nothing but tokens ---------------------------------------------------------------------------


def test_the_hosts_login_opens_nothing(chat: Widget, admin_user: Any) -> None:
    client = Client()
    client.force_login(admin_user)
    for call, data in CALLS.items():
        response = client.post(BASE + call, data, content_type=JSON)
        assert response.status_code == 400
        assert response.json() == REQUIRED
        assert not response.cookies


def test_neither_cookies_nor_csrf_tokens_are_asked_for(chat: Widget) -> None:
    client = Client(enforce_csrf_checks=True)
    for call, data in CALLS.items():
        response = client.post(BASE + call, {**data, **chat.tokens}, content_type=JSON)
        assert response.status_code in (200, 201, 204)
        assert not response.cookies
        assert "cookie" not in response.headers.get("Vary", "").lower()


@override_settings(
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.BasicAuthentication"],
        "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.BrowsableAPIRenderer"],
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.FileUploadParser"],
        "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.AnonRateThrottle"],
        "DEFAULT_THROTTLE_RATES": {"anon": "1/day"},
        "DEFAULT_VERSIONING_CLASS": "rest_framework.versioning.AcceptHeaderVersioning",
        "EXCEPTION_HANDLER": "nowhere.at.all",
    }
)
def test_what_the_host_sets_for_its_own_api_does_not_reach_in(chat: Widget) -> None:
    for call, data in CALLS.items():
        answer = chat.post(call, data, headers={"Accept": "text/html"})
        assert answer.status in (200, 201, 204)
    assert chat.bootstrap().status == 200
    assert ask(replace(chat, session="x" * 43), "poll/").expect(401) == ENDED
