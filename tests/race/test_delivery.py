"""Nothing lost, nothing twice, in order, while everybody writes; and the usual way, which loses."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection, connections

from django_messenger.models import Conversation, Inbox
from django_messenger.services.messages import reply_message
from tests.browser.servers import UNLIMITED
from tests.factories import make_inbox, make_operator
from tests.race.visitor import Visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

WRITERS, EACH, POLLERS = 8, 20, 3


@pytest.fixture(autouse=True)
def unlimited(settings: Any) -> None:
    settings.MESSENGER = UNLIMITED


@pytest.fixture
def inbox() -> Inbox:
    return make_inbox()


def run_all(calls: list[Callable[[], None]]) -> None:
    """Run calls in threads of their own and raise what the first of them raised."""
    failures: list[BaseException] = []

    def run(call: Callable[[], None]) -> None:
        try:
            call()
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    if failures:
        raise failures[0]


def poll_until(visitor: Visitor, count: int, stop: threading.Event) -> list[Any]:
    """Follow the conversation by cursor from the start until ``count`` messages have come."""
    cursor, found = 0, []
    while len(found) < count and not stop.is_set():
        answer = visitor.poll(cursor)
        revisions = [message["revision"] for message in answer["messages"]]
        assert revisions == sorted(set(revisions))
        assert not revisions or revisions[0] > cursor
        assert answer["cursor"] >= max(revisions, default=cursor)
        cursor = answer["cursor"]
        found += answer["messages"]
    return found


def test_pollers_from_the_start_get_everything_once_and_in_order(inbox: Inbox) -> None:
    visitor = Visitor(inbox.widget_token)
    visitor.boot()
    conversation = Conversation.objects.get()
    operator = make_operator(inbox.branch)
    total, stop = WRITERS * EACH, threading.Event()
    delivered: list[list[Any]] = []

    def visitor_writes(number: int) -> None:
        twin = visitor.twin()
        for turn in range(EACH):
            assert twin.send(f"v{number}-{turn}", f"v{number}-{turn}").status_code == 201

    def operator_writes(number: int) -> None:
        for turn in range(EACH):
            own = Conversation.objects.get(pk=conversation.pk)
            reply_message(user=operator, conversation=own, body=f"o{number}-{turn}")

    def follow() -> None:
        delivered.append(poll_until(visitor.twin(), total, stop))

    writers = [
        *(lambda number=number: visitor_writes(number) for number in range(WRITERS // 2)),
        *(lambda number=number: operator_writes(number) for number in range(WRITERS // 2)),
    ]
    timer = threading.Timer(90, stop.set)
    timer.start()
    run_all([*[follow] * POLLERS, *writers])
    timer.cancel()

    expected = {f"{side}{n}-{t}" for side in "vo" for n in range(WRITERS // 2) for t in range(EACH)}
    assert len(delivered) == POLLERS
    for messages in delivered:
        bodies = [message["body"] for message in messages]
        assert len(bodies) == total
        assert set(bodies) == expected
        numbers = [message["seq"] for message in messages]
        assert numbers == sorted(numbers)


def test_notes_use_numbers_and_tell_the_visitor_nothing(inbox: Inbox) -> None:
    visitor = Visitor(inbox.widget_token)
    visitor.boot()
    visitor.send("first")
    conversation = Conversation.objects.get()
    operator = make_operator(inbox.branch)
    reply_message(user=operator, conversation=conversation, body="secret", note=True)
    reply_message(user=operator, conversation=conversation, body="answer")
    answer = visitor.poll(0)
    assert [message["body"] for message in answer["messages"]] == ["first", "answer"]
    assert answer["cursor"] == 3


# --- The control: insert first, count afterwards, ask by id ---------------------------------------


@pytest.fixture
def naive_table() -> Iterator[dict[str, Any]]:
    parameters = connection.get_connection_params()
    known = {
        name: parameters[name]
        for name in ("host", "port", "user", "password", "dbname")
        if parameters.get(name)
    }
    with psycopg.connect(**known, autocommit=True) as db:
        db.execute("CREATE TABLE naive_conversation (id int PRIMARY KEY, last_id bigint DEFAULT 0)")
        db.execute("CREATE TABLE naive_message (id bigserial PRIMARY KEY, body text)")
        db.execute("INSERT INTO naive_conversation (id) VALUES (1)")
        try:
            yield known
        finally:
            db.execute("DROP TABLE naive_message, naive_conversation")


def lost_by_the_naive_order(known: dict[str, Any]) -> int:
    """Let 8 writers and a poller loose; return how many messages the poller never saw."""
    done = threading.Event()
    seen: list[int] = []

    def write() -> None:
        with psycopg.connect(**known) as db:
            for _ in range(40):
                row = db.execute("INSERT INTO naive_message (body) VALUES ('x') RETURNING id")
                number = row.fetchone()
                db.execute("UPDATE naive_conversation SET last_id = %s WHERE id = 1", number)
                db.commit()

    def poll() -> None:
        last = 0
        with psycopg.connect(**known, autocommit=True) as db:
            while True:
                finished = done.is_set()
                query = "SELECT id FROM naive_message WHERE id > %s ORDER BY id"
                rows = [row[0] for row in db.execute(query, [last])]
                seen.extend(rows)
                last = rows[-1] if rows else last
                if finished:
                    return

    poller = threading.Thread(target=poll)
    poller.start()
    run_all([write] * WRITERS)
    done.set()
    poller.join(timeout=60)
    with psycopg.connect(**known) as db:
        row = db.execute("SELECT count(*) FROM naive_message").fetchone()
    assert row is not None
    return int(row[0]) - len(set(seen))


def test_the_naive_order_loses_messages(naive_table: dict[str, Any]) -> None:
    """If this ever passes without a loss, the test above proves nothing."""
    lost = 0
    for _ in range(10):
        lost = lost_by_the_naive_order(naive_table)
        if lost:
            break
    assert lost > 0
