"""What the visitors' calls cost. Every budget holds for real transactions."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from django_messenger.models import Conversation, Inbox
from django_messenger.services.identity import sign_identity
from tests.cache_keys import NAMESPACE
from tests.factories import answer, make_operator, say
from tests.perf.counting import Cost, measure, needs_redis
from tests.widget.client import Answer, Widget

BOOTSTRAP = 8
SEND = 5
SEND_TRIPS = 3
HISTORY = 2
# One and two of them are hints, where PostgreSQL carries these.
RATE = 5
DESCRIBE = 9
IDENTIFY = 10
END_SESSION = 4


def cost_of(call: Callable[[], Answer], *statuses: int) -> Cost:
    """What a call costs that must end with one of the statuses."""
    with measure() as cost:
        answered = call()
    assert answered.status in statuses, answered.content
    return cost


def flush(monkeypatch: pytest.MonkeyPatch) -> None:
    """Empty the cache, for this test alone."""
    monkeypatch.setenv(NAMESPACE, f"{os.environ[NAMESPACE]}+")


def identity_of(inbox: Inbox, number: int = 42) -> str:
    """A signed identity."""
    return sign_identity(inbox, external_id=str(number), name="Ann", email="ann@example.com")


@pytest.mark.parametrize("cold", [True, False], ids=["cold", "warm"])
class TestBootstrap:
    """Cold: the cache knows nothing, not even the inbox."""

    @pytest.fixture(autouse=True)
    def _temperature(self, cold: bool, widget: Widget, monkeypatch: pytest.MonkeyPatch) -> None:
        self.prepare = lambda: flush(monkeypatch)
        if not cold:
            self.prepare = lambda: None
            widget.start()
            widget.session = widget.visitor = ""

    def check(self, call: Callable[[], Answer], status: int) -> None:
        self.prepare()
        cost = cost_of(call, status)
        assert 0 < len(cost.sql) <= BOOTSTRAP, cost.sql

    def test_a_new_visitor(self, widget: Widget) -> None:
        said = {"name": "Ann", "email": "ann@example.com", "phone": "+1", "locale": "en"}
        self.check(
            lambda: widget.bootstrap(**said, external_id="7", page_url="https://shop.example/"), 201
        )

    def test_a_token_that_nobody_knows(self, widget: Widget) -> None:
        self.check(lambda: widget.bootstrap(visitor_token="x" * 43), 201)

    def test_a_returning_visitor(self, widget: Widget) -> None:
        widget.start()
        widget.send("Hello")
        self.check(widget.bootstrap, 200)

    def test_a_returning_visitor_who_says_something_new(self, widget: Widget) -> None:
        widget.start()
        self.check(lambda: widget.bootstrap(name="Ann", email="ann@example.com"), 200)

    def test_a_returning_visitor_after_the_end(self, widget: Widget) -> None:
        widget.start()
        widget.send("Hello")
        Conversation.objects.update(status="closed")
        self.check(widget.bootstrap, 201)

    def test_a_new_identity(self, widget: Widget) -> None:
        self.check(lambda: widget.bootstrap(identity=identity_of(widget.inbox)), 201)

    def test_a_known_identity_in_another_browser(self, widget: Widget) -> None:
        Widget(widget.inbox).start(identity=identity_of(widget.inbox))
        self.check(lambda: widget.bootstrap(identity=identity_of(widget.inbox)), 200)

    def test_a_known_identity_in_its_browser(self, widget: Widget) -> None:
        widget.start(identity=identity_of(widget.inbox))
        self.check(lambda: widget.bootstrap(identity=identity_of(widget.inbox)), 200)

    def test_an_identity_in_a_browser_of_somebody_else(self, widget: Widget) -> None:
        widget.start(identity=identity_of(widget.inbox, 1))
        self.check(lambda: widget.bootstrap(identity=identity_of(widget.inbox, 2)), 201)


def test_a_long_history_costs_a_bootstrap_and_a_poll_no_more(chat: Widget) -> None:
    def cost() -> tuple[int, int]:
        return len(cost_of(chat.bootstrap, 200).sql), len(cost_of(chat.poll, 200).sql)

    conversation = Conversation.objects.get()
    anna = make_operator(chat.inbox.branch)
    say(conversation)
    few = cost()
    for _ in range(30):
        say(conversation)
        answer(conversation, anna)
    assert len(chat.poll().json["messages"]) == 50
    assert cost() == few


def test_a_send(chat: Widget) -> None:
    for number in range(3):
        cost = cost_of(lambda n=number: chat.send("Hello", client_id=str(n)), 201)  # type: ignore[misc]
        assert 0 < len(cost.sql) <= SEND, cost.sql


def test_a_repeated_send(chat: Widget) -> None:
    chat.send("Hello", client_id="1")
    assert len(cost_of(lambda: chat.send("Hello", client_id="1"), 200).sql) <= SEND
    assert len(cost_of(lambda: chat.send("Other", client_id="1"), 409).sql) <= SEND


def test_a_refused_send_costs_no_write(chat: Widget) -> None:
    cost = cost_of(lambda: chat.send("  "), 400)
    assert all(sql.lstrip().startswith("SELECT") for sql in cost.sql), cost.sql


@needs_redis
def test_round_trips_of_a_send(chat: Widget) -> None:
    for number in range(3):
        cost = cost_of(lambda n=number: chat.send("Hello", client_id=str(n)), 201)  # type: ignore[misc]
        assert 0 < len(cost.trips) <= SEND_TRIPS, cost.trips


def test_an_empty_poll_asks_no_database(chat: Widget) -> None:
    chat.send("Hello")
    cursor = chat.poll().json["cursor"]
    for call in (chat.poll, chat.poll, lambda after: chat.get(f"poll/?after={after}")):
        assert cost_of(lambda call=call: call(cursor), 200).sql == []  # type: ignore[misc]


@needs_redis
def test_an_empty_poll_takes_one_round_trip(chat: Widget) -> None:
    chat.send("Hello")
    cursor = chat.poll().json["cursor"]
    chat.poll(cursor)
    assert len(cost_of(lambda: chat.poll(cursor), 200).trips) == 1


@pytest.mark.parametrize("writer", ["visitor", "operator"])
def test_the_poll_after_a_new_message_brings_it(chat: Widget, writer: str) -> None:
    anna = make_operator(chat.inbox.branch)
    chat.send("Hello")
    cursor = chat.poll().json["cursor"]
    for _ in range(2):
        assert chat.poll(cursor).json["messages"] == []
    if writer == "visitor":
        chat.send("News")
    else:
        answer(Conversation.objects.get(), anna, "News")

    polled = chat.poll(cursor).expect(200)
    assert [message["body"] for message in polled["messages"]] == ["News"]
    assert cost_of(lambda: chat.poll(polled["cursor"]), 200).sql == []


# --- The rest of a visit --------------------------------------------------------------------------


@pytest.mark.parametrize("length", [5, 200])
def test_a_page_of_history(chat: Widget, length: int) -> None:
    conversation = Conversation.objects.get()
    for _ in range(length):
        say(conversation)
    for before in (3, length):
        cost = cost_of(lambda b=before: chat.post("history/", {"before": b}), 200)  # type: ignore[misc]
        assert len(cost.sql) == HISTORY, cost.sql


def test_a_rating(chat: Widget) -> None:
    chat.send("Hello")
    Conversation.objects.update(status="resolved")
    for score in (1, 5):
        cost = cost_of(lambda s=score: chat.post("rate/", {"score": s}), 200)  # type: ignore[misc]
        assert 0 < len(cost.sql) <= RATE, cost.sql


def test_words_about_oneself(chat: Widget) -> None:
    chat.send("Hello")
    said = {"name": "Ann", "email": "ann@example.com", "attributes": {"plan": 3}}
    cost = cost_of(lambda: chat.post("identify/", said), 200)
    assert 0 < len(cost.sql) <= DESCRIBE, cost.sql
    again = cost_of(lambda: chat.post("identify/", said), 200)
    assert 0 < len(again.sql) < len(cost.sql), again.sql


def test_an_identity_in_mid_chat(chat: Widget) -> None:
    chat.send("Hello")
    statuses = [201, 200]
    for status in statuses:
        proof = {"identity": identity_of(chat.inbox)}
        with measure() as cost:
            answered = chat.post("identify/", proof)
        chat.session = answered.expect(status)["widget_session_token"]
        assert 0 < len(cost.sql) <= IDENTIFY, cost.sql


def test_an_end(chat: Widget) -> None:
    gone = {"visitor_token": chat.visitor}
    for said in ({}, gone):
        chat.start()
        cost = cost_of(lambda said=said: chat.post("end-session/", said), 204)  # type: ignore[misc]
        assert 0 < len(cost.sql) <= END_SESSION, cost.sql
