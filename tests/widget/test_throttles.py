"""Limits at the door: what is counted, who is refused, and who never is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from django_messenger.models import Conversation, Message
from django_messenger.test import override_messenger
from tests.widget.client import Answer, Transport, Widget, through_asgi, through_django

REFUSED = {"detail": "Too many requests. Please wait a little.", "code": "throttled"}
both_ways = pytest.mark.parametrize("transport", [through_django, through_asgi])


def rates(**scopes: str) -> Any:
    return override_messenger(THROTTLE_RATES=scopes)


def assert_refused(answer: Answer, period: int = 86_400) -> None:
    assert answer.expect(429) == REFUSED
    assert answer.headers["retry-after"].isdigit()
    assert 1 <= int(answer.headers["retry-after"]) <= period
    assert answer.headers["cache-control"] == "no-store"


@both_ways
def test_polls_of_a_session(chat: Widget, transport: Transport) -> None:
    chat.transport = transport
    with rates(poll="4/d/session"):
        assert [chat.poll().status for _ in range(6)] == [200] * 4 + [429] * 2
        assert_refused(chat.poll())
        assert_refused(chat.get("poll/"))
        other = Widget(chat.inbox).start()
        assert replace(other, transport=transport).poll().status == 200


@both_ways
def test_polls_of_an_address(chat: Widget, transport: Transport) -> None:
    other = replace(Widget(chat.inbox).start(), transport=transport)
    chat.transport = transport
    with rates(poll="4/d/ip"):
        assert [widget.poll().status for widget in (chat, other) * 3] == [200] * 4 + [429] * 2


@both_ways
def test_a_call_is_counted_once_on_either_way(chat: Widget, transport: Transport) -> None:
    """Through ASGI a call is counted before Django sees it, and not again there."""
    chat.transport = transport
    with rates(poll="6/d/session"):
        for number in range(3):
            chat.poll(number).expect(200)  # with news and without
            chat.get(f"poll/?after={number}").expect(200)
        assert_refused(chat.poll())


def test_sends(chat: Widget) -> None:
    with rates(send="3/d/session"):
        assert [chat.send("Hello").status for _ in range(5)] == [201] * 3 + [429] * 2
    assert Message.objects.count() == 3


def test_repeats_count(chat: Widget) -> None:
    with rates(send="3/d/session"):
        statuses = [chat.send("Hello", client_id="a").status for _ in range(4)]
    assert statuses == [201, 200, 200, 429]


def test_what_is_refused_for_other_reasons_counts_too(chat: Widget) -> None:
    with rates(send="3/d/session"):
        assert [chat.send("").status for _ in range(4)] == [400, 400, 400, 429]


def test_bootstraps_of_an_address(chat: Widget) -> None:
    with rates(bootstrap="3/d/ip"):
        assert [Widget(chat.inbox).bootstrap().status for _ in range(4)] == [201] * 3 + [429]
        assert_refused(chat.bootstrap())
        assert Widget(chat.inbox, address="198.51.100.9").bootstrap().status == 201


def test_guessing_tokens_is_counted(widget: Widget) -> None:
    with rates(bootstrap="3/d/ip", default="3/d/ip", send="3/d/ip"):
        for call in ("bootstrap/", "config/?widget_token=none-such"):
            method = "GET" if "config" in call else "POST"
            found = [
                widget.call(method, call, None if method == "GET" else {"widget_token": "none-it"})
                for _ in range(4)
            ]
            assert [answer.status for answer in found] == [404] * 3 + [429]
        guess = replace(widget, session="x" * 43)
        statuses = [guess.send(str(number)).status for number in range(4)]
        assert statuses == [401] * 3 + [429]


def test_calls_without_a_limit_of_their_own_share_one(chat: Widget) -> None:
    with rates(default="4/d/session"):
        statuses = [chat.read(0).status for _ in range(2)]
        statuses += [chat.post("typing/").status for _ in range(3)]
        assert statuses == [200, 200, 204, 204, 429]
        assert chat.poll().status == 200


def test_a_full_inbox_silences_nobody_who_is_talking(chat: Widget, inbox: Any) -> None:
    chat.send("Hello").expect(201)
    newcomer = Widget(inbox, address="198.51.100.9").start()
    with rates(send="30/d/session, 2/d/inbox", bootstrap="2/d/inbox"):
        flood = Widget(inbox, address="198.51.100.66")
        for _ in range(3):
            flood.call("POST", "bootstrap/", {"widget_token": inbox.widget_token})
            flood.call(
                "POST",
                "send/",
                {"widget_token": inbox.widget_token, "widget_session_token": "x" * 43},
            )
        assert_refused(Widget(inbox, address="198.51.100.10").bootstrap())
        assert_refused(newcomer.send("Me too"))
        for number in range(3):
            chat.send(f"Still here {number}").expect(201)
    assert Message.objects.count() == 4


def test_a_message_in_quarantine_is_no_talking(chat: Widget) -> None:
    chat.send("Buy now", website="x").expect(201)
    with rates(send="1/d/inbox"):
        chat.send("Buy", website="x")
        assert_refused(chat.send("Buy", website="x"))


def test_those_who_talk_keep_their_own_limit(chat: Widget) -> None:
    chat.send("Hello").expect(201)
    with rates(send="3/d/session, 1/d/inbox"):
        assert [chat.send("More").status for _ in range(5)] == [201] * 3 + [429] * 2


def test_a_refused_call_does_nothing(chat: Widget, django_assert_num_queries: Any) -> None:
    with rates(send="1/d/session", bootstrap="1/d/ip"):
        chat.bootstrap()
        chat.send("Hello").expect(201)
        with django_assert_num_queries(0):
            assert_refused(chat.send("More"))
            assert_refused(chat.bootstrap())
    assert (Conversation.objects.count(), Message.objects.count()) == (1, 1)
