"""``manage.py messenger_route``: take back from who has left, and give waiting visitors away."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from django_messenger.models import Inbox
from django_messenger.services.routing import release_absent, route_waiting


class Command(BaseCommand):
    help = (
        "Releases visitors who wait for operators that have left, and assigns waiting conversations"
        " where inboxes do so automatically. Run it every minute by cron."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        released = release_absent()
        inboxes = Inbox.objects.filter(is_active=True).exclude(assignment=Inbox.Assignment.OFF)
        for inbox in inboxes:
            route_waiting(inbox)
        self.stdout.write(f"{released} released.")
