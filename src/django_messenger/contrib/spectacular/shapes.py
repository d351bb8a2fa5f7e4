"""The JSON of both APIs as serializers, for the schema only: ``payloads`` makes the answers.

A test compares them with real answers. Every name becomes a component of the host's schema.
"""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.serializers import (
    BooleanField,
    CharField,
    DateTimeField,
    DictField,
    FloatField,
    IntegerField,
    ListField,
    UUIDField,
)

from django_messenger.contrib.spectacular.fields import Choice
from django_messenger.models import Contact, Conversation, Inbox, Message

Shape = serializers.Serializer[Any]


def status(**kwargs: Any) -> Choice:
    return Choice("MessengerStatus", Conversation.Status.values, **kwargs)


def priority(**kwargs: Any) -> Choice:
    return Choice("MessengerPriority", Conversation.Priority.values, **kwargs)


def trust() -> Choice:
    return Choice("MessengerTrust", Contact.Trust.values)


def identity_mode(**kwargs: Any) -> Choice:
    return Choice("MessengerIdentityMode", Inbox.IdentityMode.values, **kwargs)


def ask(**kwargs: Any) -> Choice:
    return Choice("MessengerAsk", Inbox.Ask.values, **kwargs)


def rating() -> IntegerField:
    return IntegerField(
        min_value=1, max_value=5, allow_null=True, help_text="By the visitor; null: none."
    )


def assignment(**kwargs: Any) -> Choice:
    return Choice("MessengerAssignmentMode", Inbox.Assignment.values, **kwargs)


def texts() -> DictField:
    return DictField(child=CharField(), help_text="One text per language.")


class MessengerProblem(Shape):
    message = CharField()
    code = CharField()
    limit = IntegerField(required=False, help_text="With `too_long`.")


class MessengerError(Shape):
    """``code`` is missing only while the messenger is switched off."""

    detail = CharField(help_text="For people, in the language of the request.")
    code = CharField(required=False, help_text="For programs.")
    errors = DictField(child=ListField(child=MessengerProblem()), required=False)  # type: ignore[assignment]


class MessengerAuthor(Shape):
    name = CharField()
    avatar_url = CharField(allow_null=True)


class MessengerMessage(Shape):
    id = UUIDField()
    seq = IntegerField(help_text="Place in the conversation, for ever.")
    revision = IntegerField(help_text="Revision of the last change.")
    kind = Choice("MessengerKind", Message.Kind.values)
    body = CharField(allow_blank=True)
    author = MessengerAuthor(allow_null=True)
    client_id = CharField(required=False, allow_blank=True, help_text="One's own messages only.")
    created_at = DateTimeField()
    edited_at = DateTimeField(allow_null=True)
    removed = BooleanField()
    attachments = ListField(child=DictField())


class MessengerNoStream(Shape):
    mode = Choice("MessengerMode", ("poll",))
    next_in = FloatField()
