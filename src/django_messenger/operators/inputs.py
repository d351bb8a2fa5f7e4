"""What the calls of the operators' daily work take, beside ``serializers``."""

from __future__ import annotations

from typing import Any, Final

from rest_framework import serializers

from django_messenger.inputs import Text
from django_messenger.models import Conversation, Draft
from django_messenger.operators.fields import AssigneeFilter, LabelKey, Moment
from django_messenger.operators.serializers import MAX_SEARCH

MAX_REASON: Final = 200


class FindQuery(serializers.Serializer[Any]):
    """What to look for, and where."""

    q = Text(max_length=MAX_SEARCH, trim_whitespace=True)
    status = serializers.ChoiceField(Conversation.Status.values, required=False)
    inbox = serializers.UUIDField(required=False)
    label = LabelKey(required=False)  # type: ignore[assignment]
    assignee = AssigneeFilter(required=False)
    since = Moment(required=False)
    until = Moment(required=False)


class EditInput(serializers.Serializer[Any]):
    """The new text of a message."""

    body = Text(allow_blank=True)


class RemoveInput(serializers.Serializer[Any]):
    """Why a message goes."""

    reason = Text(default="", allow_blank=True, max_length=MAX_REASON)


class DraftInput(serializers.Serializer[Any]):
    """What the caller has written so far; an empty text forgets the draft."""

    mode = serializers.ChoiceField(Draft.Mode.values, default=Draft.Mode.REPLY)
    body = Text(allow_blank=True)
