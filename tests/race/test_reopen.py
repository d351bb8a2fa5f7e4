"""A visitor writes while an operator reopens another conversation of the same person."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from django.utils import timezone

from django_messenger.models import Conversation
from django_messenger.services.conversations import change_conversation
from django_messenger.services.messages import Appended, send_message
from tests.factories import make_contact, make_conversation, make_inbox, make_operator

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def test_the_message_goes_to_the_one_that_was_reopened() -> None:
    inbox = make_inbox()
    contact, operator = make_contact(inbox.branch), make_operator(inbox.branch)
    old = make_conversation(inbox, contact)
    change_conversation(user=operator, conversation=old, status="resolved")
    new = make_conversation(inbox, contact)
    change_conversation(user=operator, conversation=new, status="resolved")
    recent = timezone.now() - timedelta(minutes=1)
    Conversation.objects.filter(contact=contact).update(resolved_at=recent)

    reopened, sent = threading.Event(), []

    def write() -> None:
        reopened.wait(timeout=10)
        own = Conversation.objects.select_related("inbox", "contact").get(pk=new.pk)
        outcome: Appended | Exception
        try:
            outcome = send_message(conversation=own, body="still there?")
        except Exception as error:
            outcome = error
        sent.append(outcome)
        connections.close_all()

    writer = threading.Thread(target=write)
    writer.start()
    with transaction.atomic():
        change_conversation(user=operator, conversation=old, status="open")
        reopened.set()
        writer.join(timeout=1)  # it waits for us: two live conversations cannot be
    writer.join(timeout=20)

    (outcome,) = sent
    assert isinstance(outcome, Appended), repr(outcome)
    assert outcome.conversation.pk == old.pk
    live: Any = Conversation.objects.filter(contact=contact, status="open")
    assert [conversation.pk for conversation in live] == [old.pk]
