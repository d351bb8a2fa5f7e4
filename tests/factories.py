"""Small plain functions that make what tests need, by the package's own services.

They work in every settings shape: any branch model, any user model.
"""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.utils import timezone

from django_messenger.access import get_branch_model
from django_messenger.models import Contact, Conversation, Inbox, Message, Visitor
from django_messenger.services.conversations import open_conversation
from django_messenger.services.inboxes import save_inbox
from django_messenger.services.messages import append_message
from django_messenger.services.operators import Role, save_operator
from django_messenger.services.sessions import hash_token

_numbers = itertools.count(1)


def make_branch(name: str = "") -> Any:
    """Make a branch of the model in force."""
    number = next(_numbers)
    model = get_branch_model()
    fields = {"name": name or f"Branch {number}"}
    try:
        model._meta.get_field("slug")
        fields["slug"] = f"branch-{number}"
    except FieldDoesNotExist:
        pass
    return model._default_manager.create(**fields)


def make_user(login: str = "", *, superuser: bool = False, **fields: Any) -> Any:
    """Make a user with the password ``demo``; ``login`` should look like an e-mail address."""
    model = get_user_model()
    manager: Any = model._default_manager
    create = manager.create_superuser if superuser else manager.create_user
    login = login or f"user{next(_numbers)}@example.com"
    return create(**{model.USERNAME_FIELD: login}, password="demo", **fields)


def make_operator(*branches: Any, name: str = "", role: Role = "operator", **fields: Any) -> Any:
    """Make a user who answers in the branches; returns the user."""
    user = make_user(**fields)
    name = name or f"Operator {next(_numbers)}"
    save_operator(user=user, display_name=name, branches=branches, role=role)
    return user


def make_supervisor(*branches: Any, **fields: Any) -> Any:
    """Make a user who supervises the branches; returns the user."""
    return make_operator(*branches, role="supervisor", **fields)


def make_inbox(branch: Any = None, **fields: Any) -> Inbox:
    """Make an inbox, in a branch of its own unless one is given."""
    fields.setdefault("name", f"Inbox {next(_numbers)}")
    inbox = Inbox(branch=branch or make_branch(), **fields)
    save_inbox(inbox)
    return inbox


def make_contact(branch: Any, **fields: Any) -> Contact:
    """Make a contact of a branch."""
    return Contact.objects.create(branch=branch, **fields)


def make_visitor(inbox: Inbox, contact: Contact | None = None, *, token: str = "") -> Visitor:
    """Make a browser of a contact's; ``token`` is its visitor token in clear."""
    now = timezone.now()
    return Visitor.objects.create(
        inbox=inbox,
        contact=contact or make_contact(inbox.branch),
        token_hash=hash_token(token or f"visitor-{next(_numbers)}"),
        last_seen_at=now,
        expires_at=now + timedelta(days=1),
    )


def make_conversation(
    inbox: Inbox | None = None,
    contact: Contact | None = None,
    *,
    body: str = "Hello",
    **context: Any,
) -> Conversation:
    """Open a conversation with a first visitor message; an empty ``body`` leaves it empty."""
    inbox = inbox or make_inbox()
    contact = contact or make_contact(inbox.branch, name=f"Visitor {next(_numbers)}")
    conversation, _ = open_conversation(inbox=inbox, contact=contact, **context)
    if body:
        say(conversation, body)
    return conversation


def say(conversation: Conversation, body: str = "Hello", **fields: Any) -> Message:
    """Let the visitor write; ``fields`` as for ``append_message``."""
    kind = Message.Kind.VISITOR
    return append_message(conversation=conversation, kind=kind, body=body, **fields).message


def answer(
    conversation: Conversation, user: Any, body: str = "Good day", *, note: bool = False
) -> Message:
    """Let an operator answer, or leave a note."""
    kind = Message.Kind.NOTE if note else Message.Kind.OPERATOR
    return append_message(conversation=conversation, kind=kind, body=body, author=user).message
