"""The JSON of the operators' daily work as serializers, beside ``operators``; for the schema."""

from __future__ import annotations

from typing import get_args

from rest_framework.serializers import (
    BooleanField,
    CharField,
    DateTimeField,
    DictField,
    IntegerField,
    ListField,
    UUIDField,
)

from django_messenger.contrib.spectacular import operators
from django_messenger.contrib.spectacular.fields import Choice
from django_messenger.contrib.spectacular.shapes import Shape, priority, status
from django_messenger.models import AssignmentLog, Draft, Operator
from django_messenger.operators import inputs
from django_messenger.selectors.conversations import SORTS, VIEWS
from django_messenger.services.availability import State
from django_messenger.services.snooze import PRESETS


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


class MessengerAssignment(Shape):
    cause = Choice("MessengerCause", AssignmentLog.Cause.values)
    assignee = operators.MessengerNamed(allow_null=True)
    previous = operators.MessengerNamed(allow_null=True)
    by = operators.MessengerNamed(allow_null=True, help_text="Null: automatically.")
    reason = CharField(allow_blank=True)
    trace = DictField(help_text="Explains an automatic decision.")
    created_at = DateTimeField()


class MessengerLinked(Shape):
    id = UUIDField()
    status = status()
    inbox = operators.MessengerNamed()
    direction = Choice("MessengerDirection", ("earlier", "later"))


class MessengerAssignments(Shape):
    assignments = MessengerAssignment(many=True)
    linked = MessengerLinked(many=True)


class MessengerHandOver(inputs.HandOverInput):
    pass


class MessengerHandedOver(Shape):
    conversation = operators.MessengerConversationRow()
    linked = MessengerLinked(allow_null=True, help_text="Null where the caller may not see it.")


class MessengerBulk(inputs.BulkInput):
    status = status(required=False)
    snooze = Choice("MessengerSnooze", PRESETS, required=False)
    priority = priority(required=False)


class MessengerCounts(Shape):
    done = IntegerField()
    not_allowed = IntegerField()
    refused = IntegerField()
    not_found = IntegerField()


class MessengerBulkResult(Shape):
    """``refused``: its state does not allow it, or no longer."""

    counts = MessengerCounts()
    done = ListField(child=UUIDField())
    not_allowed = ListField(child=UUIDField())
    refused = ListField(child=UUIDField())
    not_found = ListField(child=UUIDField())


class MessengerContactChange(inputs.ContactChange):
    pass


class MessengerMergeInput(inputs.MergeInput):
    pass


class MessengerMergedFields(Shape):
    name = CharField(allow_blank=True)
    email = CharField(allow_blank=True)
    phone = CharField(allow_blank=True)


class MessengerMergePreview(Shape):
    fields = MessengerMergedFields()  # type: ignore[assignment]
    conversations = IntegerField(help_text="So many would move.")
    closed = IntegerField(help_text="So many live ones would be closed.")
    ends_sessions = BooleanField(help_text="The merged contact's browsers are logged out.")


class MessengerMerge(Shape):
    contact = operators.MessengerNamed()
    merged = operators.MessengerNamed()
    created_at = DateTimeField()
    undone_at = DateTimeField(allow_null=True)


class MessengerViewQuery(inputs.ViewQueryInput):
    view = Choice("MessengerView", VIEWS, required=False)
    status = status(required=False)
    ordering = Choice("MessengerOrdering", SORTS, required=False)


class MessengerSavedView(Shape):
    id = CharField()
    name = CharField()
    branch = operators.MessengerNamed(allow_null=True, help_text="Shared there; null: own.")
    query = MessengerViewQuery()
    count = IntegerField(allow_null=True, help_text="Null with a search.")


class MessengerSavedViewPage(Shape):
    results = MessengerSavedView(many=True)
    next = CharField(allow_null=True)
    previous = CharField(allow_null=True)


class MessengerNewView(inputs.NewViewInput):
    query = MessengerViewQuery()


class MessengerViewChange(inputs.ViewChange):
    query = MessengerViewQuery(required=False)


class MessengerMeChange(inputs.MeInput):
    availability = Choice("MessengerAvailabilityChoice", Operator.Availability.values)


class MessengerTab(inputs.TabInput):
    pass


class MessengerTabNoted(Shape):
    state = Choice("MessengerState", get_args(State))
    next_in = IntegerField(help_text="Seconds until the next sign of life.")


class MessengerMember(Shape):
    user = operators.MessengerNamed()
    availability = Choice("MessengerAvailabilityChoice", Operator.Availability.values)
    state = Choice("MessengerState", get_args(State))
    load = IntegerField(help_text="Conversations in hand.")
    capacity = IntegerField()


class MessengerTeam(Shape):
    results = MessengerMember(many=True)
    next = CharField(allow_null=True)
    previous = CharField(allow_null=True)
