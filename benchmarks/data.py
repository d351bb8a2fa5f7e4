"""A database of its own, filled with visitors who are in the middle of a talk."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import psycopg

NAME = "messenger_bench"

_numbers = itertools.count(1)

#: No limit is in the way of a load test; ``benchmarks.throttle`` measures limits by themselves.
UNLIMITED: dict[str, Any] = {
    "THROTTLE_RATES": dict.fromkeys(
        ("bootstrap", "send", "poll", "default"),
        "100000000/m/session, 100000000/m/ip, 100000000/m/inbox",
    ),
    "STREAMS_PER_SESSION": 1_000_000,
    "STREAMS_PER_IP": 1_000_000,
    "STREAMS_PER_PROCESS": 1_000_000,
}


@contextlib.contextmanager
def database() -> Iterator[None]:
    """Make an empty database on the server of ``DATABASE_URL`` and name it there."""
    server = os.environ["DATABASE_URL"]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {NAME} TEMPLATE template0")
        os.environ["DATABASE_URL"] = urlunsplit(urlsplit(server)._replace(path=f"/{NAME}"))
        try:
            yield
        finally:
            os.environ["DATABASE_URL"] = server
            connection.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


def set_up(options: dict[str, Any] | None = None) -> None:
    """Set up Django on the host of the benchmarks, and its tables."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.host.settings"
    os.environ["MESSENGER_OPTIONS"] = json.dumps(UNLIMITED | (options or {}))
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", run_syncdb=True, interactive=False, verbosity=0)
    from benchmarks.host.models import Thread

    Thread.objects.bulk_create(Thread() for _ in range(1000))
    from django.core.cache import cache

    cache.set("floor", {"conversation": 1, "contact": 2, "visitor": 3}, None)


@dataclass(frozen=True)
class Talk:
    """A visitor's session and conversation, with a first message in it."""

    conversation: Any
    widget_token: str
    session_token: str

    def form(self, **fields: object) -> bytes:
        """The body of a call with both tokens."""
        tokens = {"widget_token": self.widget_token, "widget_session_token": self.session_token}
        return urlencode({**tokens, **fields}).encode()


def make_inbox(name: str = "Bench") -> Any:
    """Make an inbox in a branch of its own; a benchmark that is run again gets another."""
    from django_messenger.models import Branch, Inbox
    from django_messenger.services.inboxes import save_inbox

    slug = f"{name.lower()}-{next(_numbers)}"
    inbox = Inbox(branch=Branch.objects.create(name=name, slug=slug), name=name)
    save_inbox(inbox)
    return inbox


def make_superuser() -> Any:
    """Make somebody who may see everything."""
    from django.contrib.auth import get_user_model

    users: Any = get_user_model()._default_manager
    return users.create_superuser(f"bench-{next(_numbers)}", password="demo")


def make_talks(inbox: Any, count: int) -> list[Talk]:
    """Make conversations of ``count`` visitors, each with one message and a session."""
    from django.utils import timezone

    from django_messenger.models import Contact, Conversation, Message, Visitor
    from django_messenger.services.messages import append_message
    from django_messenger.services.sessions import create_widget_session

    now = timezone.now()
    contacts = Contact.objects.bulk_create(
        Contact(branch=inbox.branch, name=f"Visitor {number}") for number in range(count)
    )
    visitors = Visitor.objects.bulk_create(
        Visitor(
            inbox=inbox,
            contact=contact,
            token_hash=f"{inbox.pk:032}{contact.pk:032}",
            last_seen_at=now,
            expires_at=now + timedelta(days=1),
        )
        for contact in contacts
    )
    conversations = Conversation.objects.bulk_create(
        Conversation(inbox=inbox, branch=inbox.branch, contact=contact) for contact in contacts
    )
    talks = []
    for conversation, contact, visitor in zip(conversations, contacts, visitors, strict=True):
        append_message(conversation=conversation, kind=Message.Kind.VISITOR, body="Hello")
        token = create_widget_session(
            inbox=inbox, conversation=conversation, contact=contact, visitor=visitor
        )
        talks.append(Talk(conversation, inbox.widget_token, token))
    vacuum()
    return talks


def answer_all() -> None:
    """Answer every conversation without a word, so that visitors may go on writing."""
    from django_messenger.models import Conversation

    Conversation.objects.update(unanswered=0)
    vacuum()


def vacuum() -> None:
    """Do now what PostgreSQL would do in the background in mid-measurement."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
