"""Bringing snoozed conversations back when their time has come."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_messenger import store
from django_messenger.events import ConversationChanged, publish
from django_messenger.exceptions import InvalidInput, Unavailable
from django_messenger.fields import CurrentXid
from django_messenger.models import Conversation
from django_messenger.services.freshness import tell_on_commit

#: Operators' calls look for due conversations at most this often, in seconds.
_EVERY: Final = 20
_BATCH: Final = 200

#: Ends of a snooze that have a name: in an hour, tomorrow or on Monday at nine.
PRESETS: Final = ("hour", "tomorrow", "monday")


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


def preset_end(preset: str) -> datetime:
    """Return when a snooze of ``PRESETS`` ends, in the operator's present time zone.

    Raises:
        InvalidInput: there is no such preset.
    """
    now = timezone.now()
    if preset == "hour":
        return now + timedelta(hours=1)
    if preset not in PRESETS:
        raise InvalidInput.of("snooze", _("There is no such time."), "unknown")
    today = timezone.localtime(now) if timezone.is_aware(now) else now
    days = 1 if preset == "tomorrow" else 7 - today.weekday()
    return (today + timedelta(days=days)).replace(hour=9, minute=0, second=0, microsecond=0)
