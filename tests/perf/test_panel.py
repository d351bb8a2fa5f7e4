"""The panel stays quick however much there is: 10,000 conversations, 5,000 messages in one."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from django_messenger.models import Contact, Conversation, Inbox, Message
from tests.factories import make_branch, make_conversation, make_inbox, make_operator
from tests.perf.counting import measure

pytestmark = pytest.mark.django_db


def fill(inbox: Inbox, count: int) -> None:
    """Let so many more visitors wait."""
    now = timezone.now()
    contacts = Contact.objects.bulk_create(
        [Contact(branch=inbox.branch, name=f"Visitor {number}") for number in range(count)]
    )
    Conversation.objects.bulk_create(
        Conversation(
            inbox=inbox,
            branch=inbox.branch,
            contact=contact,
            preview="Hello",
            revision=1,
            last_visitor_seq=1,
            unanswered=1,
            last_message_at=now - timedelta(seconds=number),
            waiting_since=now - timedelta(seconds=number),
        )
        for number, contact in enumerate(contacts)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def fastest(job: Callable[[], Any], tries: int = 7) -> float:
    """Return the seconds of the quickest of several tries, after one to warm up."""
    job()
    times = []
    for _ in range(tries):
        began = time.perf_counter()
        job()
        times.append(time.perf_counter() - began)
    return min(times)


@pytest.fixture
def inbox() -> Inbox:
    return make_inbox(make_branch("North"))


@pytest.fixture
def client(inbox: Inbox) -> Client:
    client = Client()
    client.force_login(make_operator(inbox.branch, name="Anna"))
    return client


@pytest.mark.parametrize("query", ["?view=all", "?view=waiting", "?view=unassigned"])
def test_ten_thousand_conversations_cost_less_than_twice_a_hundred(
    client: Client, inbox: Inbox, query: str
) -> None:
    def open_list() -> None:
        assert client.get(f"/messenger/{query}").status_code == 200

    fill(inbox, 100)
    few = fastest(open_list)
    with measure() as cost_of_few:
        open_list()
    fill(inbox, 9_900)
    many = fastest(open_list)
    with measure() as cost_of_many:
        open_list()
    assert len(cost_of_many.sql) == len(cost_of_few.sql)
    assert many <= 2 * few, f"{few * 1000:.0f} ms, then {many * 1000:.0f} ms"


def test_a_thread_of_five_thousand_messages_opens_within_a_second(
    client: Client, inbox: Inbox
) -> None:
    conversation, now = make_conversation(inbox), timezone.now()
    Message.objects.bulk_create(
        Message(
            conversation=conversation,
            kind=Message.Kind.VISITOR,
            author_contact=conversation.contact,
            body=f"Line {seq}",
            seq=seq,
            revision=seq,
            created_at=now,
        )
        for seq in range(2, 5_001)
    )
    Conversation.objects.filter(pk=conversation.pk).update(revision=5_000, last_visitor_seq=5_000)

    def open_thread() -> None:
        answer = client.get(f"/messenger/{conversation.public_id}/")
        assert "Line 5000" in answer.content.decode()

    assert fastest(open_thread) < 1
