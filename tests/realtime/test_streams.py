"""Streams of hints: who hears what, how many there may be, what they cost, how they end."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client

from django_messenger import store
from django_messenger.models import Conversation, Inbox, Operator
from django_messenger.services.availability import states_of
from django_messenger.services.messages import reply_message
from tests.browser.servers import Messenger
from tests.factories import answer, make_conversation, make_inbox, make_operator, say
from tests.race.visitor import Visitor
from tests.realtime.client import Stream
from tests.realtime.conftest import PLAIN, WRAPPED, Start

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

BOTH = pytest.mark.parametrize("application", [WRAPPED, PLAIN], ids=["wrapped", "plain"])
SETTLE = 0.5


@pytest.fixture
def inbox() -> Inbox:
    return make_inbox()


@pytest.fixture
def tokens(inbox: Inbox) -> dict[str, str]:
    visitor = Visitor(inbox.widget_token)
    visitor.boot()
    visitor.send("Hello")
    return {"widget_token": inbox.widget_token, **visitor.tokens}


@pytest.fixture
def conversation(tokens: dict[str, str]) -> Conversation:
    return Conversation.objects.get()


def session_of(user: Any) -> str:
    client = Client()
    client.force_login(user)
    return str(client.cookies["sessionid"].value)


def opened(stream: Stream) -> Stream:
    """Wait until the hub listens to the bus."""
    assert stream.answer.status == 200
    assert stream.headers["Content-Type"].startswith("text/event-stream")
    time.sleep(SETTLE)
    return stream


@BOTH
def test_a_visitor_hears_that_there_is_something_and_nothing_else(
    start: Start, application: str, tokens: dict[str, str], conversation: Conversation
) -> None:
    stream = opened(Stream.of_visitor(start(application).port, tokens, after=1))
    assert "no-store" in stream.headers["Cache-Control"]
    operator = make_operator(conversation.branch)
    reply_message(user=operator, conversation=conversation, body="for us", note=True)
    sent = reply_message(user=operator, conversation=conversation, body="for you")
    assert stream.events(seconds=3) == [{"revision": sent.message.revision}]


@BOTH
def test_an_operator_hears_of_the_own_branches_only(
    start: Start, application: str, conversation: Conversation
) -> None:
    elsewhere = make_conversation(make_inbox())
    anna = make_operator(conversation.branch)
    stream = opened(Stream.of_operator(start(application).port, session_of(anna)))
    say(elsewhere, "not for Anna")
    said = say(conversation, "for Anna")
    assert stream.events(seconds=2, wanted=2) == [
        {
            "type": "message",
            "conversation": str(conversation.public_id),
            "revision": said.revision,
        }
    ]


@BOTH
def test_streams_hold_neither_threads_nor_connections(
    start: Start, application: str, tokens: dict[str, str], conversation: Conversation
) -> None:
    server = start(application, STREAMS_PER_SESSION=100, STREAMS_PER_IP=100)
    anna = make_operator(conversation.branch)
    opened(Stream.of_visitor(server.port, tokens))
    operators(server, anna, 1)
    before = cost_of(server)
    streams = [Stream.of_visitor(server.port, tokens) for _ in range(20)]
    streams += operators(server, anna, 20)
    assert all(stream.mode is None for stream in streams)
    time.sleep(SETTLE)
    threads, connections = cost_of(server)
    # Executors keep a few idle threads whatever is open.
    assert threads - before[0] < 20
    assert connections <= before[1]


def operators(server: Messenger, user: Any, count: int) -> list[Stream]:
    session = session_of(user)
    return [Stream.of_operator(server.port, session) for _ in range(count)]


def cost_of(server: Messenger) -> tuple[int, int]:
    """Return the threads of a server and the database connections besides our own."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    threads = int(status.split("Threads:")[1].split()[0])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return threads, cursor.fetchone()[0]


@BOTH
def test_a_stream_too_many_is_told_to_poll(
    start: Start, application: str, tokens: dict[str, str]
) -> None:
    port = start(application, STREAMS_PER_SESSION=2).port
    held = [opened(Stream.of_visitor(port, tokens)) for _ in range(2)]
    refused = Stream.of_visitor(port, tokens)
    assert refused.mode["mode"] == "poll"
    assert refused.mode["next_in"] >= 1
    held[0].close()
    assert wait_for_place(port, tokens)


def wait_for_place(port: int, tokens: dict[str, str]) -> bool:
    until = time.monotonic() + 5
    while time.monotonic() < until:
        stream = Stream.of_visitor(port, tokens)
        if stream.mode is None:
            return True
        time.sleep(0.1)
    return False


def test_the_process_as_a_whole_has_a_cap(start: Start, tokens: dict[str, str]) -> None:
    port = start(STREAMS_PER_PROCESS=1).port
    opened(Stream.of_visitor(port, tokens))
    assert Stream.of_visitor(port, tokens).mode["mode"] == "poll"


@BOTH
def test_streams_end_and_show_signs_of_life_until_then(
    start: Start, application: str, tokens: dict[str, str]
) -> None:
    server = start(application, STREAM_LIFE=3, STREAM_HEARTBEAT=1)
    stream = opened(Stream.of_visitor(server.port, tokens))
    started, lines = time.monotonic(), []
    while line := stream.line():
        lines.append(line)
    assert b": hb\n" in lines
    assert time.monotonic() - started < 8


def test_an_operator_who_loses_a_branch_is_cut_off(
    start: Start, conversation: Conversation
) -> None:
    port = start().port
    anna = make_operator(conversation.branch)
    stream = opened(Stream.of_operator(port, session_of(anna)))
    started = time.monotonic()
    Operator.objects.get(user=anna).branches.clear()
    assert stream.is_over(seconds=5)
    assert time.monotonic() - started < 5
    again = opened(Stream.of_operator(port, session_of(anna)))
    say(conversation, "not for Anna any more")
    assert again.events(seconds=1) == []


@pytest.mark.parametrize("right", ["user", "group"])
def test_so_is_one_who_loses_the_permission(
    start: Start, conversation: Conversation, right: str
) -> None:
    anna = make_operator(conversation.branch)
    stream = opened(Stream.of_operator(start().port, session_of(anna)))
    if right == "group":
        anna.groups.clear()
    else:
        anna.is_active = False
        anna.save()
    assert stream.is_over(seconds=5)


def test_strangers_get_no_stream(start: Start) -> None:
    port = start().port
    stranger = Stream.of_operator(port, "nobody")
    assert stranger.answer.status == 403
    assert stranger.mode["code"] == "not_authenticated"
    unknown = Stream.of_visitor(port, {"widget_token": "x" * 20, "widget_session_token": "y" * 40})
    assert unknown.answer.status == 401
    assert unknown.mode["code"] == "invalid_session"


@pytest.fixture
def over_postgres(settings: Any) -> dict[str, str]:
    bus = {"BUS": "django_messenger.bus.postgres.PostgresBus"}
    settings.MESSENGER = bus
    return bus


def test_hints_travel_over_postgresql_too(
    over_postgres: dict[str, str],
    start: Start,
    tokens: dict[str, str],
    conversation: Conversation,
) -> None:
    stream = opened(Stream.of_visitor(start(**over_postgres).port, tokens, after=1))
    sent = answer(conversation, make_operator(conversation.branch))
    assert stream.events(seconds=3) == [{"revision": sent.revision}]


def test_a_hint_that_was_lost_is_sent_with_the_heartbeat(
    settings: Any, start: Start, tokens: dict[str, str], conversation: Conversation
) -> None:
    port = start(STREAM_HEARTBEAT=2).port
    stream = opened(Stream.of_visitor(port, tokens, after=1))
    # What this process writes now reaches the cache, but nobody's ears.
    settings.MESSENGER = {"BUS": "django_messenger.bus.memory.NoBus"}
    sent = answer(conversation, make_operator(conversation.branch))
    assert stream.events(seconds=6) == [{"revision": sent.revision}]


def test_without_a_bus_everybody_polls(start: Start, tokens: dict[str, str]) -> None:
    port = start(BUS="django_messenger.bus.memory.NoBus").port
    assert Stream.of_visitor(port, tokens).mode["mode"] == "poll"


def test_under_wsgi_everybody_polls_at_once(tokens: dict[str, str]) -> None:
    started = time.monotonic()
    form = "application/x-www-form-urlencoded"
    response = Client().post("/api/widget/stream/", urlencode(tokens), content_type=form)
    assert response.json()["mode"] == "poll"
    assert time.monotonic() - started < 2


def test_the_text_is_there_when_the_hint_is(
    start: Start, tokens: dict[str, str], conversation: Conversation
) -> None:
    """The mark is replaced before the hint: whoever reacts to it is never told «nothing new»."""
    port = start().port
    visitor = Visitor(tokens["widget_token"], widget_session_token=tokens["widget_session_token"])
    stream = opened(Stream.of_visitor(port, tokens, after=1))
    operator, cursor = make_operator(conversation.branch), visitor.poll(0)["cursor"]
    for turn in range(10):
        sent = answer(conversation, operator, f"answer {turn}")
        assert stream.events(seconds=3) == [{"revision": sent.revision}]
        got = visitor.poll(cursor)
        assert [message["body"] for message in got["messages"]] == [f"answer {turn}"]
        cursor = got["cursor"]


@BOTH
def test_an_operator_is_there_as_long_as_the_stream_is_open(
    start: Start, application: str, conversation: Conversation
) -> None:
    """Nobody asks for anything: the heartbeat of the stream renews the lease."""
    anna = make_operator(conversation.branch)
    operator = Operator.objects.get(user=anna)
    assert states_of([operator]) == {operator.pk: "offline"}
    stream = opened(
        Stream.of_operator(start(application, STREAM_HEARTBEAT=1).port, session_of(anna))
    )
    until = time.monotonic() + 5
    while states_of([operator])[operator.pk] == "offline" and time.monotonic() < until:
        time.sleep(0.05)
    assert states_of([operator]) == {operator.pk: "online"}
    (before,) = dict(store.get(f"dm:tabs:{anna.pk}")).values()
    assert stream.line()
    time.sleep(2.5)
    (after,) = dict(store.get(f"dm:tabs:{anna.pk}")).values()
    assert after > before + 1
