"""The entities of the chat. Only ``Branch`` is swappable; every other model is the package's."""

from __future__ import annotations

from django_messenger.models.branch import Branch
from django_messenger.models.consent import Consent
from django_messenger.models.contact import Contact, Visitor
from django_messenger.models.conversation import Conversation, ReadMark
from django_messenger.models.inbox import Inbox
from django_messenger.models.message import Message
from django_messenger.models.operator import Operator
from django_messenger.models.rating import Rating
from django_messenger.models.routing import AssignmentLog, ContactMerge, SavedView
from django_messenger.models.shortcuts import CannedResponse, Label
from django_messenger.models.sighting import Sighting
from django_messenger.models.work import Draft, Mention, MessageRevision

__all__ = [
    "AssignmentLog",
    "Branch",
    "CannedResponse",
    "Consent",
    "Contact",
    "ContactMerge",
    "Conversation",
    "Draft",
    "Inbox",
    "Label",
    "Mention",
    "Message",
    "MessageRevision",
    "Operator",
    "Rating",
    "ReadMark",
    "SavedView",
    "Sighting",
    "Visitor",
]
