"""Snoozed conversations come back by themselves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from django_messenger.models import Conversation
from django_messenger.services.conversations import change_conversation
from django_messenger.services.snooze import wake_conversations, wake_when_due
from tests.factories import make_branch, make_conversation, make_inbox, make_operator

pytestmark = pytest.mark.django_db(transaction=True)


def make_snoozed(*, due: bool) -> Conversation:
    inbox = make_inbox(make_branch())
    conversation = make_conversation(inbox)
    change_conversation(
        user=make_operator(inbox.branch),
        conversation=conversation,
        status="snoozed",
        snoozed_until=timezone.now() + timedelta(hours=1),
    )
    if due:
        past = timezone.now() - timedelta(seconds=1)
        Conversation.objects.filter(pk=conversation.pk).update(snoozed_until=past)
    return Conversation.objects.get(pk=conversation.pk)


def test_a_due_conversation_is_opened_under_its_next_revision() -> None:
    due, later = make_snoozed(due=True), make_snoozed(due=False)
    assert wake_conversations() == 1
    woken = Conversation.objects.get(pk=due.pk)
    assert (woken.status, woken.snoozed_until) == ("open", None)
    assert woken.revision == due.revision + 1
    assert woken.change_xid > due.change_xid
    assert Conversation.objects.get(pk=later.pk).status == "snoozed"


def test_operators_looking_at_lists_are_enough_but_not_each_time() -> None:
    first = make_snoozed(due=True)
    wake_when_due()
    assert Conversation.objects.get(pk=first.pk).status == "open"
    second = make_snoozed(due=True)
    wake_when_due()
    assert Conversation.objects.get(pk=second.pk).status == "snoozed"


def test_the_command_tells_how_many(capsys: pytest.CaptureFixture[str]) -> None:
    make_snoozed(due=True)
    call_command("messenger_wake")
    assert "1 woken." in capsys.readouterr().out
