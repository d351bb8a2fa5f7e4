"""Two branches with all that they hold, and everybody who may or may not look into them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from django_messenger.models import (
    CannedResponse,
    Conversation,
    Inbox,
    Label,
    Message,
    Operator,
    SavedView,
)
from tests.factories import (
    answer,
    make_branch,
    make_inbox,
    make_operator,
    make_supervisor,
    make_user,
)
from tests.widget.client import PAGE, Widget

#: Stands in everything that belongs to the branch North, and nowhere else.
SECRET = "Northern-secret-7f3a"
IDENTITY_SECRET = "identity-secret-" + "q" * 32


@dataclass
class Branch:
    """A branch: an inbox, a visitor who has written, and what operators keep there."""

    branch: Any
    inbox: Inbox
    chat: Widget
    conversation: Conversation
    label: Label
    canned: CannedResponse
    view: SavedView

    @property
    def message(self) -> Message:
        """The newest answer; where there is none, what the visitor wrote."""
        messages = Message.objects.filter(conversation=self.conversation)
        return messages.filter(kind="operator").last() or messages.latest("seq")

    @property
    def ids(self) -> dict[str, Any]:
        """What stands in the paths of conversation, contact or inbox."""
        return {
            "conversation": self.conversation.public_id,
            "contact": self.conversation.contact.public_id,
            "inbox": self.inbox.public_id,
            "widget": self.inbox.widget_token,
            "message": self.message.public_id,
            "view": self.view.pk,
            "label": self.label.pk,
            "canned": self.canned.pk,
            "operator": Operator.objects.filter(branches=self.branch).order_by("pk")[0].pk,
        }


def build(name: str, token: str) -> Branch:
    branch = make_branch(name)
    inbox = make_inbox(
        branch,
        name=name,
        widget_token=token,
        allowed_origins=[PAGE],
        identity_secret=IDENTITY_SECRET,
    )
    chat = Widget(inbox).start(name=name, email=f"{name}@example.com".lower(), phone=name)
    chat.send(f"Hello from {name}").expect(201)
    conversation = Conversation.objects.select_related("contact").get(inbox=inbox)
    label = Label.objects.create(branch=branch, name=name)
    canned = CannedResponse.objects.create(branch=branch, shortcut=name, texts={"en": name})
    view = SavedView.objects.create(branch=branch, name=name)
    return Branch(branch, inbox, chat, conversation, label, canned, view)


@pytest.fixture
def north(db: None) -> Branch:
    return build(SECRET, "north-token")


@pytest.fixture
def south(db: None) -> Branch:
    return build("South", "south-token")


class People(dict[str, Any]):
    """Users by what they are to the branch North, made when they are first named."""

    def __init__(self, north: Branch, south: Branch) -> None:
        self.makers = {
            "own": lambda: make_operator(north.branch, name=f"Anna {SECRET}"),
            "colleague": lambda: make_operator(north.branch, name=f"Alex {SECRET}"),
            "supervisor": lambda: make_supervisor(north.branch, name=f"Vera {SECRET}"),
            "foreign": lambda: make_operator(south.branch, name="Boris"),
            "foreign supervisor": lambda: make_supervisor(south.branch, name="Sven"),
            "former": lambda: former_operator(north.branch),
            "stranger": make_user,
            "root": lambda: make_user(superuser=True),
        }

    def __missing__(self, name: str) -> Any:
        self[name] = self.makers[name]()
        return self[name]


def former_operator(branch: Any) -> Any:
    """Somebody who has the permissions still, but answers no more."""
    user = make_operator(branch, name="Former")
    user.messenger_operator.is_active = False
    user.messenger_operator.save()
    return user


@pytest.fixture
def people(north: Branch, south: Branch) -> People:
    found = People(north, south)
    answer(north.conversation, found["own"], f"Answer {SECRET}")
    answer(north.conversation, found["own"], f"Note {SECRET}", note=True)
    return found


class Clients(dict[str, Client]):
    """A browser for each of them, logged in; for others one that is not."""

    def __init__(self, people: People) -> None:
        self.people = people

    def __missing__(self, name: str) -> Client:
        self[name] = Client()
        if name in self.people.makers:
            self[name].force_login(self.people[name])
        return self[name]


@pytest.fixture
def clients(people: People) -> Clients:
    return Clients(people)
