"""Two branches, an operator in each, and a supervisor of both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from django_messenger.models import Conversation, Inbox, Message
from tests.factories import (
    make_branch,
    make_contact,
    make_conversation,
    make_inbox,
    make_operator,
    make_supervisor,
)
from tests.panel.pages import LIST, Page, visit


@dataclass
class World:
    """Who and what the tests of the panel work with."""

    north: Inbox
    south: Inbox
    anna: Any
    boris: Any
    vera: Any


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Forget the language of the last page: Django keeps it for the thread."""
    with translation.override("en"):
        yield


@pytest.fixture
def world(db: None) -> World:
    north = make_inbox(make_branch("North"), name="Website North")
    south = make_inbox(make_branch("South"), name="Website South")
    return World(
        north,
        south,
        anna=make_operator(north.branch, name="Anna"),
        boris=make_operator(south.branch, name="Boris"),
        vera=make_supervisor(north.branch, south.branch, name="Vera"),
    )


def client_of(user: Any = None, **options: Any) -> Client:
    """Return a client that is logged in as the user."""
    client = Client(**options)
    if user is not None:
        client.force_login(user)
    return client


@pytest.fixture
def anna(world: World) -> Callable[..., Page]:
    """Open pages as the operator of North."""
    client = client_of(world.anna)

    def open_page(url: Any = LIST, **query: str) -> Page:
        return visit(client, url, **query)

    return open_page


@pytest.fixture
def conversation(world: World) -> Conversation:
    """Maria has written to North."""
    contact = make_contact(world.north.branch, name="Maria", email="m@example.com")
    return make_conversation(world.north, contact, body="Is anybody there?")


def said(conversation: Conversation) -> list[tuple[str, str]]:
    """Return what operators wrote, by kind."""
    written = Message.objects.filter(conversation=conversation).exclude(kind="visitor")
    return list(written.order_by("seq").values_list("kind", "body"))


def now_in(conversation: Conversation) -> Conversation:
    """Return the conversation as it is now."""
    conversation.refresh_from_db()
    return conversation
