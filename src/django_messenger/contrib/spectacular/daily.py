"""Which call of the operators' daily work takes and answers what, beside ``operations``."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from django_messenger.contrib.spectacular import operators, work
from django_messenger.contrib.spectacular.operations import describe, operator_call
from django_messenger.operators import inputs
from django_messenger.operators.serializers import PageQuery

_ID = OpenApiParameter("public_id", OpenApiTypes.UUID, OpenApiParameter.PATH)
_KEY = OpenApiParameter("view_id", OpenApiTypes.STR, OpenApiParameter.PATH)
_MESSAGE_ID = OpenApiParameter("message_id", OpenApiTypes.UUID, OpenApiParameter.PATH)

describe(
    "operators.views.search.Search",
    get=operator_call(
        "search",
        "Look for conversations and contacts",
        {200: work.MessengerSearchResult},
        query=inputs.FindQuery,
    ),
)
describe(
    "operators.views.work.OneMessage",
    patch=operator_call(
        "message_edit",
        "Edit one's own message",
        {200: operators.MessengerOperatorMessage},
        takes=work.MessengerEdit,
        parameters=[_ID, _MESSAGE_ID],
        conflicts=True,
    ),
)
describe(
    "operators.views.work.RemoveMessage",
    post=operator_call(
        "message_remove",
        "Remove a message",
        {200: operators.MessengerOperatorMessage},
        takes=work.MessengerRemoval,
        parameters=[_ID, _MESSAGE_ID],
        conflicts=True,
    ),
)
describe(
    "operators.views.work.Drafts",
    get=operator_call(
        "drafts",
        "What the caller has begun to write",
        {200: work.MessengerDrafts},
        parameters=[_ID],
    ),
    post=operator_call(
        "draft_save",
        "Keep or forget a draft",
        {200: work.MessengerDrafts},
        takes=work.MessengerDraftInput,
        parameters=[_ID],
    ),
)
describe(
    "operators.views.work.Unread",
    post=operator_call(
        "conversation_unread",
        "Mark as unread for the caller",
        {200: operators.MessengerOwnMark},
        parameters=[_ID],
    ),
)
describe(
    "operators.views.work.Assignments",
    get=operator_call(
        "conversation_assignments",
        "Who had a conversation and why; what it is linked to",
        {200: work.MessengerAssignments},
        parameters=[_ID],
    ),
)
describe(
    "operators.views.work.HandOver",
    post=operator_call(
        "conversation_hand_over",
        "Hand a customer over to another inbox",
        {201: work.MessengerHandedOver},
        takes=work.MessengerHandOver,
        parameters=[_ID],
        conflicts=True,
    ),
)
describe(
    "operators.views.work.HandOverInboxes",
    get=operator_call(
        "hand_over_inboxes",
        "Where the caller may hand customers over",
        {200: operators.MessengerInboxPage},
        query=PageQuery,
    ),
)
describe(
    "operators.views.work.Bulk",
    post=operator_call(
        "conversation_bulk",
        "Change many conversations",
        {200: work.MessengerBulkResult},
        takes=work.MessengerBulk,
    ),
)
describe(
    "operators.views.contacts.BlockContact",
    post=operator_call(
        "contact_block",
        "Stop hearing a contact",
        {200: operators.MessengerContact},
        parameters=[_ID],
    ),
)
describe(
    "operators.views.contacts.UnblockContact",
    post=operator_call(
        "contact_unblock",
        "Hear a contact again",
        {200: operators.MessengerContact},
        parameters=[_ID],
    ),
)
describe(
    "operators.views.contacts.MergeContact",
    get=operator_call(
        "contact_merge_preview",
        "What a merge would do",
        {200: work.MessengerMergePreview},
        query=inputs.MergeQuery,
        parameters=[_ID],
        conflicts=True,
    ),
    post=operator_call(
        "contact_merge",
        "Merge another contact into this one",
        {201: work.MessengerMerge},
        takes=work.MessengerMergeInput,
        parameters=[_ID],
        conflicts=True,
    ),
)
describe(
    "operators.views.contacts.UnmergeContact",
    post=operator_call(
        "contact_unmerge",
        "Undo a merge",
        {200: work.MessengerMerge},
        takes=work.MessengerMergeInput,
        parameters=[_ID],
        conflicts=True,
    ),
)
describe(
    "operators.views.views.Views",
    get=operator_call(
        "saved_view_list",
        "Saved views",
        {200: work.MessengerSavedViewPage},
        query=PageQuery,
    ),
    post=operator_call(
        "saved_view_create",
        "Save a view",
        {201: work.MessengerSavedView},
        takes=work.MessengerNewView,
    ),
)
describe(
    "operators.views.views.OneView",
    patch=operator_call(
        "saved_view_change",
        "Change a saved view",
        {200: work.MessengerSavedView},
        takes=work.MessengerViewChange,
        parameters=[_KEY],
    ),
    delete=operator_call(
        "saved_view_delete",
        "Delete a saved view",
        {204: None},
        parameters=[_KEY],
    ),
)
describe(
    "operators.views.presence.Presence",
    post=operator_call(
        "presence",
        "A sign of life of one tab",
        {200: work.MessengerTabNoted},
        takes=work.MessengerTab,
    ),
)
describe(
    "operators.views.presence.Team",
    get=operator_call("operator_list", "The team", {200: work.MessengerTeam}, query=PageQuery),
)
