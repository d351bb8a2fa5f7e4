"""The JSON of the operator API as serializers, for the schema only: ``payloads`` makes the answers.

A test compares them with real answers. Every name becomes a component of the host's schema.
"""

from __future__ import annotations

from rest_framework.serializers import (
    BooleanField,
    CharField,
    DateTimeField,
    DictField,
    IntegerField,
    ListField,
    URLField,
    UUIDField,
)

from django_messenger.access import ACTIONS
from django_messenger.contrib.spectacular.fields import Choice
from django_messenger.contrib.spectacular.shapes import (
    MessengerError,
    MessengerMessage,
    Shape,
    ask,
    assignment,
    identity_mode,
    priority,
    rating,
    status,
    texts,
    trust,
)
from django_messenger.models import Operator
from django_messenger.operators import serializers as operators
from django_messenger.services.snooze import PRESETS


class MessengerNamed(Shape):
    """A user, a branch or an inbox: key and name."""

    id = CharField()
    name = CharField(allow_blank=True)


class MessengerLabel(MessengerNamed):
    color = CharField()


class MessengerScopedLabel(MessengerLabel):
    branch = MessengerNamed(allow_null=True)


class MessengerContactBrief(Shape):
    id = UUIDField()
    name = CharField(allow_blank=True)
    email = CharField(allow_blank=True)
    phone = CharField(allow_blank=True)
    trust = trust()


class MessengerContactRow(MessengerContactBrief):
    branch = MessengerNamed()
    created_at = DateTimeField()


class MessengerContact(MessengerContactRow):
    external_id = CharField(allow_blank=True)
    attributes = DictField()
    blocked_at = DateTimeField(allow_null=True)


class MessengerConversationRow(Shape):
    id = UUIDField()
    status = status()
    priority = priority()
    inbox = MessengerNamed()
    branch = MessengerNamed()
    contact = MessengerContactBrief()
    assignee = MessengerNamed(allow_null=True)
    labels = MessengerLabel(many=True)
    preview = CharField(allow_blank=True)
    last_message_at = DateTimeField(allow_null=True)
    waiting_since = DateTimeField(allow_null=True)
    first_response_at = DateTimeField(allow_null=True)
    snoozed_until = DateTimeField(allow_null=True)
    created_at = DateTimeField()
    rating = rating()
    revision = IntegerField()
    unread = BooleanField()
    mentioned = BooleanField(help_text="A note names the caller, who has not read it.")
    draft = BooleanField(help_text="The caller has begun to write.")
    read_seq = IntegerField()
    visitor_read_seq = IntegerField()
    operator_read_seq = IntegerField()


class MessengerContactOfConversation(MessengerContactBrief):
    attributes = DictField()


class MessengerPeople(Shape):
    viewing = MessengerNamed(many=True)
    typing = MessengerNamed(many=True)
    visitor_typing = BooleanField()


class MessengerConversation(MessengerConversationRow):
    contact = MessengerContactOfConversation()
    source_url = CharField(allow_blank=True)
    referrer = CharField(allow_blank=True)
    locale = CharField(allow_blank=True)
    attributes = DictField()
    resolved_at = DateTimeField(allow_null=True)
    rating_comment = CharField(allow_blank=True)
    rated_at = DateTimeField(allow_null=True)
    people = MessengerPeople()


class MessengerOperatorMessage(MessengerMessage):
    author_user = MessengerNamed(allow_null=True)
    mentions = MessengerNamed(many=True)


class MessengerConflict(MessengerError):
    """``assignee`` with `already_assigned`, ``messages`` with `newer_reply`."""

    assignee = MessengerNamed(required=False, allow_null=True)
    messages = MessengerOperatorMessage(required=False, many=True)


class MessengerCounters(Shape):
    mine = IntegerField()
    unassigned = IntegerField()
    all = IntegerField()
    waiting = IntegerField()
    mentions = IntegerField()


class MessengerOperator(Shape):
    display_name = CharField()
    is_active = BooleanField()
    availability = Choice("MessengerAvailabilityChoice", Operator.Availability.values)
    capacity = IntegerField()


class MessengerMe(Shape):
    user = MessengerNamed()
    operator = MessengerOperator(allow_null=True)
    branches = MessengerNamed(many=True)
    permissions = ListField(child=Choice("MessengerAction", ACTIONS))
    counters = MessengerCounters()


class MessengerChanges(Shape):
    conversations = MessengerConversationRow(many=True)
    gone = ListField(child=UUIDField())
    counters = MessengerCounters()
    cursor = CharField()
    full = BooleanField(help_text="Throw away what you have.")


class MessengerReply(operators.ReplyInput):
    kind = Choice("MessengerReplyKind", ("operator", "note"), required=False)


class MessengerReplySent(Shape):
    message = MessengerOperatorMessage()
    conversation = MessengerConversationRow()


class MessengerConversationChange(operators.ConversationInput):
    status = status(required=False)
    priority = priority(required=False)
    snooze = Choice("MessengerSnooze", PRESETS, required=False)


class MessengerAssign(operators.AssignInput):
    pass


class MessengerReadUpTo(operators.ReadInput):
    pass


class MessengerPresence(operators.TypingInput):
    pass


class MessengerOwnMark(Shape):
    read_seq = IntegerField()
    revision = IntegerField()


class MessengerCannedResponse(Shape):
    id = CharField()
    branch = MessengerNamed(allow_null=True)
    shortcut = CharField()
    texts = texts()


class MessengerInbox(Shape):
    """Everything from ``widget_token`` on is for those only who may change inboxes."""

    id = UUIDField()
    name = CharField()
    branch = MessengerNamed()
    is_active = BooleanField()
    locale = CharField(allow_blank=True)
    time_zone = CharField()
    widget_token = CharField(required=False)
    previous_widget_token_until = DateTimeField(required=False, allow_null=True)
    allowed_origins = ListField(child=CharField(), required=False)
    appearance = DictField(required=False)
    ask_name = ask(required=False)
    ask_email = ask(required=False)
    ask_phone = ask(required=False)
    ask_consent = BooleanField(required=False)
    consent_url = CharField(required=False, allow_blank=True)
    show_typing = BooleanField(required=False)
    ask_rating = BooleanField(required=False)
    offer_emoji = BooleanField(required=False)
    play_sound = BooleanField(required=False)
    identity_mode = identity_mode(required=False)
    has_identity_secret = BooleanField(required=False)
    has_identity_secret_previous = BooleanField(required=False)
    reopen_hours = IntegerField(required=False)
    assignment = assignment(required=False)
    created_at = DateTimeField(required=False)


class MessengerNewInbox(operators.InboxInput):
    ask_name = ask(required=False)
    ask_email = ask(required=False)
    ask_phone = ask(required=False)
    identity_mode = identity_mode(required=False)
    assignment = assignment(required=False)


class MessengerInboxChange(operators.InboxChange):
    ask_name = ask(required=False)
    ask_email = ask(required=False)
    ask_phone = ask(required=False)
    identity_mode = identity_mode(required=False)
    assignment = assignment(required=False)


class _Page(Shape):
    next = URLField(allow_null=True)
    previous = URLField(allow_null=True)


class MessengerConversationPage(_Page):
    results = MessengerConversationRow(many=True)


class MessengerMessagePage(_Page):
    results = MessengerOperatorMessage(many=True)
    cursor = IntegerField(allow_null=True)
    has_more = BooleanField()


class MessengerContactPage(_Page):
    results = MessengerContactRow(many=True)


class MessengerLabelPage(_Page):
    results = MessengerScopedLabel(many=True)


class MessengerCannedResponsePage(_Page):
    results = MessengerCannedResponse(many=True)


class MessengerInboxPage(_Page):
    results = MessengerInbox(many=True)
