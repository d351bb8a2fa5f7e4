"""``manage.py messenger_wake``: bring back snoozed conversations whose time has come."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from django_messenger.services.snooze import wake_conversations


class Command(BaseCommand):
    help = "Opens the snoozed conversations whose time has come. Run it every minute by cron."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{wake_conversations()} woken.")
