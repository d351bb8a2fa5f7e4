"""What the operator API takes. Members that are not listed here are ignored, never assigned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from django_messenger.inputs import Number, Text, read_input
from django_messenger.models import Conversation, Inbox, Message
from django_messenger.operators.fields import (
    AssigneeFilter,
    BranchKey,
    LabelKey,
    Moment,
    Switch,
    UserKey,
)
from django_messenger.selectors.conversations import SORTS, VIEWS
from django_messenger.services.assignment import MAX_REASON
from django_messenger.services.messages import MAX_CLIENT_ID
from django_messenger.services.snooze import PRESETS

if TYPE_CHECKING:
    from rest_framework.request import Request

#: A list of ids is never longer.
MAX_IDS = 100
MAX_SEARCH = 200


def read_query(kind: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """Return the query of a request as ``kind`` reads it; an empty parameter is none.

    Raises:
        ValidationError: DRF's; a parameter is not valid.
    """
    return read_input(kind, {name: value for name, value in request.query_params.items() if value})


def read_body(kind: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """Return the body of a request as ``kind`` reads it.

    Raises:
        ValidationError: DRF's; a member is missing or not valid.
        InvalidInput, TooLarge: as ``StrictJSONParser``.
    """
    return read_input(kind, request.data)


class PageQuery(serializers.Serializer[Any]):
    """``?cursor=`` of every list."""

    cursor = Text(default="", allow_blank=True, max_length=500)


class SearchQuery(PageQuery):
    """A list that can be searched."""

    q = Text(default="", allow_blank=True, max_length=MAX_SEARCH, trim_whitespace=True)


class ConversationQuery(SearchQuery):
    """Filters and order of the conversations."""

    view = serializers.ChoiceField(VIEWS, default="all")
    status = serializers.ChoiceField(Conversation.Status.values, required=False)
    inbox = serializers.UUIDField(required=False)
    label = LabelKey(required=False)  # type: ignore[assignment]
    assignee = AssigneeFilter(required=False)
    contact = serializers.UUIDField(required=False)
    ordering = serializers.ChoiceField(list(SORTS), default="-last_message_at")


class MessageQuery(serializers.Serializer[Any]):
    """Which messages: changed after a revision, or older than a ``seq``; without either the
    newest."""

    after = Number(required=False)
    before = Number(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) > 1:
            raise serializers.ValidationError(_("Ask either after or before."))
        return attrs


class ReplyInput(serializers.Serializer[Any]):
    """A reply or a note. The text itself is checked by ``append_message``, for all alike."""

    body = Text(allow_blank=True)
    kind = serializers.ChoiceField(
        [Message.Kind.OPERATOR, Message.Kind.NOTE], default=Message.Kind.OPERATOR
    )
    client_id = Text(default="", allow_blank=True, max_length=MAX_CLIENT_ID)
    last_seen_seq = Number(default=None, allow_null=True)
    force = Switch(default=False)


class ConversationInput(serializers.Serializer[Any]):
    """Changes of a conversation."""

    status = serializers.ChoiceField(Conversation.Status.values, required=False)
    snoozed_until = Moment(required=False, allow_null=True)
    priority = serializers.ChoiceField(Conversation.Priority.values, required=False)
    snooze = serializers.ChoiceField(PRESETS, required=False)
    labels = serializers.ListField(child=LabelKey(), required=False, max_length=MAX_IDS)
    add_labels = serializers.ListField(child=LabelKey(), required=False, max_length=MAX_IDS)
    remove_labels = serializers.ListField(child=LabelKey(), required=False, max_length=MAX_IDS)
    revision = Number(required=False)


class AssignInput(serializers.Serializer[Any]):
    """Who shall have a conversation, and who has it now as far as the caller knows."""

    assignee = UserKey(allow_null=True)
    expected = UserKey(default=None, allow_null=True)
    reason = Text(default="", allow_blank=True, max_length=MAX_REASON)


class ReadInput(serializers.Serializer[Any]):
    """How far the caller has read."""

    read_seq = Number()


class TypingInput(serializers.Serializer[Any]):
    """What the caller does at a conversation."""

    typing = Switch(default=True)
    viewing = Switch(default=True)


class InboxInput(serializers.Serializer[Any]):
    """Settings of an inbox. The model's validators judge the values."""

    branch = BranchKey()
    name = Text(max_length=100, trim_whitespace=True)
    is_active = Switch(required=False)
    allowed_origins = serializers.ListField(child=Text(), required=False, max_length=MAX_IDS)
    locale = Text(required=False, allow_blank=True, max_length=20)
    time_zone = Text(required=False, max_length=64)
    appearance = serializers.DictField(required=False)
    ask_name = serializers.ChoiceField(Inbox.Ask.values, required=False)
    ask_email = serializers.ChoiceField(Inbox.Ask.values, required=False)
    ask_phone = serializers.ChoiceField(Inbox.Ask.values, required=False)
    ask_consent = Switch(required=False)
    consent_url = Text(required=False, allow_blank=True, max_length=500)
    show_typing = Switch(required=False)
    ask_rating = Switch(required=False)
    offer_emoji = Switch(required=False)
    play_sound = Switch(required=False)
    identity_mode = serializers.ChoiceField(Inbox.IdentityMode.values, required=False)
    identity_secret = Text(required=False, allow_blank=True, max_length=200)
    identity_secret_previous = Text(required=False, allow_blank=True, max_length=200)
    reopen_hours = Number(required=False)
    assignment = serializers.ChoiceField(Inbox.Assignment.values, required=False)


class InboxChange(InboxInput):
    """As ``InboxInput``, every member optional."""

    branch = BranchKey(required=False)
    name = Text(required=False, max_length=100, trim_whitespace=True)
