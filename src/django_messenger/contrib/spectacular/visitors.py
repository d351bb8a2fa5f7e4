"""The JSON of the widget API as serializers, for the schema only: ``payloads`` makes the answers.

A test compares them with real answers. Every name becomes a component of the host's schema.
"""

from __future__ import annotations

from rest_framework.serializers import (
    BooleanField,
    CharField,
    DictField,
    EmailField,
    FloatField,
    IntegerField,
    UUIDField,
)

from django_messenger.contrib.spectacular.fields import Choice
from django_messenger.contrib.spectacular.shapes import (
    MessengerMessage,
    Shape,
    identity_mode,
    rating,
    status,
    texts,
    trust,
)
from django_messenger.inputs import Number
from django_messenger.models import Inbox
from django_messenger.text import MAX_COMMENT
from django_messenger.widget import serializers as widget


class MessengerTokens(Shape):
    widget_token = CharField()
    widget_session_token = CharField()


class MessengerBootstrap(widget.BootstrapInput):
    widget_token = CharField()
    visitor_token = CharField(required=False)
    identity = CharField(required=False, help_text="A signed identity: JWT, HS256.")


class MessengerSend(widget.SendInput, MessengerTokens):
    website = CharField(
        required=False,
        help_text="Honeypot: leave it empty. `honeypot_field` of the config names it.",
    )


class MessengerAfter(MessengerTokens):
    after = Number(required=False, help_text="The last cursor.")


class MessengerRead(MessengerTokens):
    read_seq = Number()


class MessengerTypingState(MessengerTokens):
    state = Choice("MessengerOnOff", ("on", "off"), required=False)


class MessengerBefore(MessengerTokens):
    before = Number(help_text="The `seq` of the oldest message that is there.")


class MessengerIdentify(widget.IdentifyInput, MessengerTokens):
    identity = CharField(required=False, help_text="A signed identity: JWT, HS256.")


class MessengerRate(MessengerTokens):
    score = IntegerField(min_value=1, max_value=5)
    comment = CharField(required=False, allow_blank=True, max_length=MAX_COMMENT)


class MessengerLeave(MessengerTokens):
    visitor_token = CharField(required=False, help_text="Ends, too.")


class MessengerOwnStatus(Shape):
    status = status()
    rating = rating()


class MessengerOwnConversation(MessengerOwnStatus):
    id = UUIDField()


class MessengerOwnContact(Shape):
    name = CharField(allow_blank=True)
    email = EmailField(allow_blank=True)
    trust = trust()


class MessengerLook(Shape):
    color = CharField()
    on_color = CharField()
    position = Choice("MessengerPosition", ("left", "right"))
    theme = Choice("MessengerTheme", ("auto", "light", "dark"))


class MessengerAvailability(Shape):
    state = CharField()


class MessengerQuestion(Shape):
    name = Choice("MessengerQuestionName", Inbox.QUESTIONS)
    required = BooleanField()  # type: ignore[assignment]


class MessengerConsentLink(Shape):
    url = CharField(allow_blank=True)


class MessengerPreChat(Shape):
    fields = MessengerQuestion(many=True)  # type: ignore[assignment]
    consent = MessengerConsentLink(allow_null=True)


class MessengerFeatures(Shape):
    typing = BooleanField()
    rating = BooleanField()
    emoji = BooleanField()
    sound = BooleanField()


class MessengerWidgetLimits(Shape):
    max_message_length = IntegerField()
    max_comment_length = IntegerField()


class MessengerConfig(Shape):
    name = CharField()
    locale = CharField(allow_blank=True)
    appearance = MessengerLook()
    texts = DictField(child=texts(), help_text="The inbox's own texts, by key and language.")
    availability = MessengerAvailability()
    identity = identity_mode()
    pre_chat = MessengerPreChat()
    features = MessengerFeatures()
    limits = MessengerWidgetLimits()
    honeypot_field = CharField()


class MessengerWelcome(Shape):
    widget_session_token = CharField()
    expires_in = IntegerField(help_text="Seconds without use.")
    visitor_token = CharField(required=False, help_text="Only when it is new: keep it.")
    conversation = MessengerOwnConversation()
    contact = MessengerOwnContact()
    messages = MessengerMessage(many=True)
    cursor = IntegerField()
    has_older = BooleanField()
    config = MessengerConfig()


class MessengerOlder(Shape):
    messages = MessengerMessage(many=True)
    has_older = BooleanField()


class MessengerDescribed(Shape):
    contact = MessengerOwnContact()


class MessengerRated(Shape):
    conversation = MessengerOwnConversation()


class MessengerSent(Shape):
    message = MessengerMessage()
    conversation = MessengerOwnConversation()
    cursor = IntegerField()


class MessengerTypist(Shape):
    name = CharField(allow_blank=True)


class MessengerPoll(Shape):
    messages = MessengerMessage(many=True)
    cursor = IntegerField()
    has_more = BooleanField()
    conversation = MessengerOwnStatus()
    operator_read_seq = IntegerField()
    typing = MessengerTypist(allow_null=True)
    next_in = FloatField(help_text="Seconds to wait at least.")


class MessengerVisitorRead(Shape):
    visitor_read_seq = IntegerField()
