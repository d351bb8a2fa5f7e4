"""Fill the example project with a shop's worth of conversations."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection, transaction
from django.utils import timezone

from crm.demo.people import ensure_cast
from crm.demo.story import read_setup, read_stories
from crm.demo.talk import tell

LOCK = 0x64656D6F


class Command(BaseCommand):
    """``messenger_demo``: may run any number of times; what exists is left alone."""

    help = "Makes the demo's branches, users, inboxes and conversations, where they are missing."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make what is missing, all of it or nothing."""
        now = timezone.now()
        with transaction.atomic():
            with connection.cursor() as cursor:
                # Two demos may start at once on one database.
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            cast = ensure_cast(read_setup())
            made = sum(tell(story, cast, now) for story in read_stories())
        if options["verbosity"] > 0:
            self.stdout.write(f"Demo data is ready, {made} conversations made.")
