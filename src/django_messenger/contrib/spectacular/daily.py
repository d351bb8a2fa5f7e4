"""Which call of the operators' daily work takes and answers what, beside ``operations``."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from django_messenger.contrib.spectacular import operators, work
from django_messenger.contrib.spectacular.operations import describe, operator_call
from django_messenger.operators import inputs

_ID = OpenApiParameter("public_id", OpenApiTypes.UUID, OpenApiParameter.PATH)
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
