"""What the calls of the operators' daily work take, beside ``serializers``."""

from __future__ import annotations

from typing import Any, Final

from rest_framework import serializers

from django_messenger.inputs import Text
from django_messenger.models import Conversation, Draft, Operator
from django_messenger.operators.fields import (
    AssigneeFilter,
    BranchKey,
    LabelKey,
    Moment,
    Switch,
    UserKey,
)
from django_messenger.operators.serializers import MAX_IDS, MAX_SEARCH
from django_messenger.selectors.conversations import SORTS, VIEWS
from django_messenger.services.availability import MAX_TAB
from django_messenger.services.snooze import PRESETS
from django_messenger.services.views import MAX_NAME

MAX_REASON: Final = 200
MAX_NOTE: Final = 2000


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


class HandOverInput(serializers.Serializer[Any]):
    """Where a customer goes, and why."""

    inbox = serializers.UUIDField()
    reason = Text(max_length=MAX_NOTE)
    message = Text(default="", allow_blank=True)


class BulkInput(serializers.Serializer[Any]):
    """Which conversations, and what to do with each."""

    ids = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=MAX_IDS)
    status = serializers.ChoiceField(Conversation.Status.values, required=False)
    snoozed_until = Moment(required=False)
    snooze = serializers.ChoiceField(PRESETS, required=False)
    priority = serializers.ChoiceField(Conversation.Priority.values, required=False)
    add_labels = serializers.ListField(child=LabelKey(), required=False, max_length=MAX_IDS)
    remove_labels = serializers.ListField(child=LabelKey(), required=False, max_length=MAX_IDS)
    assignee = UserKey(required=False, allow_null=True)
    read = Switch(required=False)


class ContactChange(serializers.Serializer[Any]):
    """What operators may correct of a contact."""

    name = Text(required=False, allow_blank=True, max_length=200, trim_whitespace=True)
    email = Text(required=False, allow_blank=True, max_length=254, trim_whitespace=True)
    phone = Text(required=False, allow_blank=True, max_length=50, trim_whitespace=True)


class MergeQuery(serializers.Serializer[Any]):
    """The contact that would be merged into this one."""

    other = serializers.UUIDField()


class MergeInput(serializers.Serializer[Any]):
    """The contact to merge into this one, or to take out of it again."""

    other = serializers.UUIDField()


class ViewQueryInput(serializers.Serializer[Any]):
    """Filters of a saved view, as parameters of the list of conversations."""

    view = serializers.ChoiceField(VIEWS, required=False)
    status = serializers.ChoiceField(Conversation.Status.values, required=False)
    inbox = serializers.UUIDField(required=False)
    label = LabelKey(required=False)  # type: ignore[assignment]
    assignee = AssigneeFilter(required=False)
    contact = serializers.UUIDField(required=False)
    q = Text(required=False, max_length=MAX_SEARCH, trim_whitespace=True)
    ordering = serializers.ChoiceField(list(SORTS), required=False)


class NewViewInput(serializers.Serializer[Any]):
    """A view to save; with a branch it is shared there."""

    name = Text(max_length=MAX_NAME, trim_whitespace=True)
    branch = BranchKey(default=None, allow_null=True)
    query = ViewQueryInput()


class ViewChange(serializers.Serializer[Any]):
    """Changes of a saved view."""

    name = Text(required=False, max_length=MAX_NAME, trim_whitespace=True)
    query = ViewQueryInput(required=False)


class MeInput(serializers.Serializer[Any]):
    """What the caller may change of themselves."""

    availability = serializers.ChoiceField(Operator.Availability.values)


class TabInput(serializers.Serializer[Any]):
    """A tab of the caller's, and whether it is still open."""

    tab = Text(max_length=MAX_TAB)
    online = Switch(default=True)
