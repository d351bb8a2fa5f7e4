"""Bringing snoozed conversations back when their time has come."""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from django_messenger import store
from django_messenger.events import ConversationChanged, publish
from django_messenger.exceptions import Unavailable
from django_messenger.fields import CurrentXid
from django_messenger.models import Conversation
from django_messenger.services.freshness import tell_on_commit

#: Operators' calls look for due conversations at most this often, in seconds.
_EVERY: Final = 20
_BATCH: Final = 200


def wake_conversations() -> int:
    """Open the snoozed conversations whose time has come; return how many they were.

    Safe to run at once in several processes: each conversation is woken by one of them.
    """
    woken = 0
    while batch := _wake_batch():
        woken += batch
    return woken


def wake_when_due() -> None:
    """Do so as a side effect of operators looking at their lists, rarely enough to cost nothing.

    Hosts without a scheduler need no more; others may run ``manage.py messenger_wake``.
    """
    try:
        due = store.add("dm:wake", 1, seconds=_EVERY)
    except Unavailable:
        return
    if due:
        wake_conversations()


def _wake_batch() -> int:
    with transaction.atomic():
        due = list(
            Conversation.objects.select_for_update(skip_locked=True, no_key=True)
            .filter(status=Conversation.Status.SNOOZED, snoozed_until__lte=timezone.now())
            .order_by("snoozed_until")[:_BATCH]
        )
        Conversation.objects.filter(pk__in=[conversation.pk for conversation in due]).update(
            status=Conversation.Status.OPEN,
            snoozed_until=None,
            revision=F("revision") + 1,
            change_xid=CurrentXid(),
        )
        for conversation in due:
            conversation.status = Conversation.Status.OPEN
            conversation.snoozed_until = None
            conversation.revision += 1
            tell_on_commit(conversation, "conversation")
            publish(ConversationChanged(conversation, ("status", "snoozed_until")))
    return len(due)
