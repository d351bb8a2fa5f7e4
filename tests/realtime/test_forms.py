"""A whole talk over HTTP in every form of server, with Valkey and without: one client for all."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection

from django_messenger.models import Inbox
from tests.drills.people import Operator, Visitor, Wire
from tests.drills.world import UNLIMITED, Server
from tests.factories import make_inbox, make_operator
from tests.realtime.client import Stream
from tests.realtime.conftest import PLAIN, WRAPPED

ROOT = Path(__file__).resolve().parents[2]
UVICORN = "-m uvicorn --no-proxy-headers --timeout-graceful-shutdown 1 --fd {fd}"
FORMS = {
    "wrapped": f"{UVICORN} {WRAPPED}",
    "plain": f"{UVICORN} {PLAIN}",
    "wsgi": "-m tests.realtime.wsgi {fd}",
}
HAS_VALKEY = bool(settings.REDIS_URL)
#: Without Valkey the cache is the server's own memory, and hints go over PostgreSQL.
STORES = {"valkey": settings.REDIS_URL, "postgres": ""} if HAS_VALKEY else {"postgres": ""}

# The environment without Redis runs this among its fast tests: it has no other streams.
pytestmark = [pytest.mark.django_db(transaction=True), *([pytest.mark.slow] if HAS_VALKEY else [])]


@pytest.fixture(autouse=True)
def hang_up() -> Iterator[None]:
    yield
    while Wire.every:
        Wire.every.pop().close()


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=STORES)
def server(
    request: pytest.FixtureRequest, form: str, transactional_db: None, tmp_path: Path
) -> Iterator[Server]:
    """A server on the database of the test."""
    database = urlsplit(settings.DATABASE_URL)
    env = {
        "DATABASE_URL": urlunsplit(database._replace(path=f"/{connection.settings_dict['NAME']}")),
        "REDIS_URL": STORES[request.param],
        "DJANGO_SETTINGS_MODULE": "tests.settings.realtime",
    }
    found = Server(tmp_path / "log", env, UNLIMITED, FORMS[form], ROOT)
    found.start()
    yield found
    found.stop()


@pytest.fixture
def inbox() -> Inbox:
    return make_inbox()


def stream(
    open_stream: Callable[..., Stream], form: str, *arguments: Any, **options: Any
) -> Stream | None:
    """Open a stream; None where the server tells at once that there is none."""
    started = time.monotonic()
    found = open_stream(*arguments, **options)
    if form != "wsgi":
        assert found.mode is None
        time.sleep(0.7)  # the hub opens its line to the bus
        return found
    assert time.monotonic() - started < 2
    assert found.mode["mode"] == "poll"
    assert found.mode["next_in"] >= 1
    return None


def test_question_and_answer(server: Server, form: str, inbox: Inbox) -> None:
    make_operator(inbox.branch, login="anna@example.com")
    operator = Operator(server.port, "anna@example.com")
    visitor = Visitor(server.port, inbox.widget_token, "Ann")
    conversation = visitor.boot()["conversation"]["id"]
    session = operator.cookie.partition("sessionid=")[2].partition(";")[0]
    heard = stream(Stream.of_operator, form, server.port, session)
    hints = stream(Stream.of_visitor, form, server.port, visitor.tokens, after=1)

    quiet = visitor.poll(0)
    assert (quiet["messages"], quiet["next_in"]) == ([], 5)
    visitor.send("Is anybody there?")
    if heard is not None:
        assert heard.events(seconds=3)[0]["conversation"] == conversation
    rows = operator.changes()["conversations"]
    assert [row["id"] for row in rows] == [conversation]
    asked = visitor.poll(0)
    assert [m["body"] for m in asked["messages"]] == ["Is anybody there?"]
    assert asked["next_in"] == 2
    again = visitor.poll(asked["cursor"])
    assert (again["messages"], again["next_in"]) == ([], 2)

    operator.answer(conversation, "Good day")
    if hints is not None:
        # First that of the own message, for tabs beside this one.
        found = hints.events(seconds=3, wanted=2)
        assert found == [{"revision": asked["cursor"]}, {"revision": asked["cursor"] + 1}]
    told = visitor.poll(asked["cursor"])
    assert [m["body"] for m in told["messages"]] == ["Good day"]
    assert not visitor.poll(told["cursor"])["messages"]


def test_a_stream_ends_and_takes_nothing_with_it(server: Server, form: str, inbox: Inbox) -> None:
    visitor = Visitor(server.port, inbox.widget_token, "Ann")
    visitor.boot()
    before = server.threads()
    for _ in range(20):
        Stream.of_visitor(server.port, visitor.tokens)
    assert server.threads() < before + 15
    while Stream.open:
        Stream.open.pop().close()
    assert visitor.poll(0)["messages"] == []
