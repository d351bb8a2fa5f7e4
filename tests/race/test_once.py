"""What must happen once happens once, however many ask for it at the same moment."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from django_messenger.models import Contact, Conversation, Inbox, Message, Visitor
from django_messenger.services.conversations import change_conversation
from tests.browser.servers import UNLIMITED
from tests.factories import make_inbox, make_operator
from tests.race import visitor as program
from tests.threads import run_together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

CALLS = 20


@pytest.fixture(autouse=True)
def unlimited(settings: Any) -> None:
    settings.MESSENGER = UNLIMITED


@pytest.fixture
def inbox() -> Inbox:
    return make_inbox()


def test_one_visitor_token_makes_one_contact_and_one_conversation(inbox: Inbox) -> None:
    token = program.Visitor(inbox.widget_token).boot()["visitor_token"]
    Conversation.objects.all().delete()

    def boot() -> str:
        return str(program.Visitor(inbox.widget_token).boot(visitor_token=token)["conversation"])

    conversations = run_together([boot] * CALLS)
    assert len(set(conversations)) == 1
    assert Conversation.objects.count() == Contact.objects.count() == Visitor.objects.count() == 1


def test_one_signed_person_on_many_devices_is_one_contact(inbox: Inbox) -> None:
    from django_messenger.services.identity import sign_identity

    Inbox.objects.filter(pk=inbox.pk).update(identity_mode="optional", identity_secret="s" * 32)
    inbox.refresh_from_db()
    identity = sign_identity(inbox, external_id="17", name="Ann")

    def boot() -> str:
        return str(program.Visitor(inbox.widget_token).boot(identity=identity)["conversation"])

    assert len(set(run_together([boot] * CALLS))) == 1
    assert Contact.objects.count() == Conversation.objects.count() == 1
    assert Visitor.objects.count() == CALLS


def test_one_client_id_is_one_message(inbox: Inbox) -> None:
    visitor = program.Visitor(inbox.widget_token)
    visitor.boot()
    sends = [partial(visitor.twin().send, "Hello", "same") for _ in range(CALLS)]
    answers = run_together(sends)
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: CALLS - 1}
    assert len({answer.json()["message"]["id"] for answer in answers}) == 1
    assert Message.objects.count() == 1
    # A send that was refused as a repetition has not used up a revision.
    assert Conversation.objects.get().revision == 1


def test_one_client_id_with_two_texts_is_a_conflict(inbox: Inbox) -> None:
    visitor = program.Visitor(inbox.widget_token)
    visitor.boot()
    sends = [partial(visitor.twin().send, f"text {n % 2}", "same") for n in range(CALLS)]
    answers = run_together(sends)
    counts = Counter(answer.status_code for answer in answers)
    assert counts == {201: 1, 200: CALLS // 2 - 1, 409: CALLS // 2}
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"idempotency_conflict"}
    assert Message.objects.count() == 1


@pytest.mark.parametrize("status", ["resolved", "closed"])
def test_sends_after_the_end_open_one_new_conversation(inbox: Inbox, status: str) -> None:
    visitor = program.Visitor(inbox.widget_token)
    visitor.boot()
    visitor.send("before", "0")
    old = Conversation.objects.get()
    change_conversation(user=make_operator(inbox.branch), conversation=old, status=status)
    long_ago = timezone.now() - timedelta(hours=inbox.reopen_hours + 1)
    Conversation.objects.filter(pk=old.pk, status="resolved").update(resolved_at=long_ago)

    sends = [partial(visitor.twin().send, f"after {n}", f"a{n}") for n in range(CALLS)]
    answers = run_together(sends)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["conversation"]["id"] for answer in answers}) == 1
    new = Conversation.objects.exclude(pk=old.pk).get()
    assert new.messages.count() == CALLS
    assert old.messages.count() == 1


def test_sends_to_a_resolved_conversation_reopen_it_once(inbox: Inbox) -> None:
    visitor = program.Visitor(inbox.widget_token)
    visitor.boot()
    visitor.send("before", "0")
    conversation = Conversation.objects.get()
    operator = make_operator(inbox.branch)
    change_conversation(user=operator, conversation=conversation, status="resolved")
    sends = [partial(visitor.twin().send, f"after {n}", f"a{n}") for n in range(CALLS)]
    assert {answer.status_code for answer in run_together(sends)} == {201}
    conversation.refresh_from_db()
    assert (conversation.status, conversation.resolved_at) == ("open", None)
    assert conversation.messages.count() == CALLS + 1


def test_resolving_while_the_visitor_writes_loses_nothing(inbox: Inbox) -> None:
    visitor = program.Visitor(inbox.widget_token)
    visitor.boot()
    visitor.send("before", "0")
    conversation = Conversation.objects.get()
    operator = make_operator(inbox.branch)

    def resolve() -> None:
        change_conversation(user=operator, conversation=conversation, status="resolved")

    sends = [partial(visitor.twin().send, f"m{n}", f"m{n}") for n in range(10)]
    answers = run_together([*sends[:5], resolve, *sends[5:]])
    assert all(answer is None or answer.status_code == 201 for answer in answers)
    conversation.refresh_from_db()
    assert conversation.messages.count() == 11
    # A message after the resolving has reopened it; one before has been seen by who resolved.
    last = conversation.messages.latest("seq")
    assert conversation.status == "open" or last.created_at <= conversation.resolved_at
