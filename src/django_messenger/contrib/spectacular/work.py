"""The JSON of the operators' daily work as serializers, beside ``operators``; for the schema."""

from __future__ import annotations

from rest_framework.serializers import BooleanField, CharField, DateTimeField

from django_messenger.contrib.spectacular import operators
from django_messenger.contrib.spectacular.fields import Choice
from django_messenger.contrib.spectacular.shapes import Shape
from django_messenger.models import Draft
from django_messenger.operators import inputs


class MessengerTextPart(Shape):
    text = CharField()
    hit = BooleanField(help_text="This is what was looked for.")


class MessengerFound(Shape):
    """``message`` is the newest one that fits, null where the contact does."""

    conversation = operators.MessengerConversationRow()
    message = operators.MessengerOperatorMessage(allow_null=True)
    line = MessengerTextPart(many=True)


class MessengerMarkedContact(Shape):
    name = MessengerTextPart(many=True)
    email = MessengerTextPart(many=True)
    phone = MessengerTextPart(many=True)


class MessengerFoundContact(Shape):
    contact = operators.MessengerContactRow()
    marked = MessengerMarkedContact()


class MessengerSearchResult(Shape):
    conversations = MessengerFound(many=True)
    contacts = MessengerFoundContact(many=True)
    truncated = BooleanField(help_text="There is more.")


class MessengerEdit(inputs.EditInput):
    pass


class MessengerRemoval(inputs.RemoveInput):
    pass


class MessengerDraftInput(inputs.DraftInput):
    mode = Choice("MessengerDraftMode", Draft.Mode.values, required=False)


class MessengerDraft(Shape):
    body = CharField()
    updated_at = DateTimeField()


class MessengerDrafts(Shape):
    reply = MessengerDraft(allow_null=True)
    note = MessengerDraft(allow_null=True)
