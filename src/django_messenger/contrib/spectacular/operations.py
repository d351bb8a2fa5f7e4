"""Which call takes and answers what."""

from __future__ import annotations

from inspect import getdoc
from typing import TYPE_CHECKING, Any, Final

from drf_spectacular.extensions import OpenApiViewExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
)

from django_messenger.contrib.spectacular import operators, shapes, visitors, work
from django_messenger.operators import serializers as inputs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rest_framework.views import APIView

VISITORS: Final = "Messenger: visitors"
OPERATORS: Final = "Messenger: operators"

_FORMS: Final = ("application/x-www-form-urlencoded", "application/json")
_MEANINGS: Final = {
    400: "The request is not valid.",
    401: "No valid session, identity or login.",
    403: "Not allowed: this page, this user, or no CSRF token.",
    404: "Absent, or not for the caller; or the messenger is switched off.",
    409: "The state has moved on.",
    413: "The body is too large.",
    415: "The body has another content type.",
    429: "Too often: wait for `Retry-After` seconds.",
    503: "Cache or database cannot be reached.",
}
_READING: Final = (400, 401, 403, 404, 503)
_WRITING: Final = (400, 401, 403, 404, 413, 415, 503)
VISITING: Final = (*_WRITING, 429)
_RETRY_AFTER: Final = OpenApiParameter(
    "Retry-After", int, OpenApiParameter.HEADER, response=[429, 503], description="Seconds."
)
_AGAIN: Final = "This `client_id` was stored before."
_ID: Final = OpenApiParameter("public_id", OpenApiTypes.UUID, OpenApiParameter.PATH)


def _errors(codes: Sequence[int]) -> dict[int, OpenApiResponse]:
    return {
        code: OpenApiResponse(
            operators.MessengerConflict if code == 409 else shapes.MessengerError, _MEANINGS[code]
        )
        for code in codes
    }


def _visitor(
    name: str,
    summary: str,
    answers: dict[Any, Any],
    *,
    takes: type[shapes.Shape] | None = None,
    parameters: Sequence[OpenApiParameter] = (),
    fails: Sequence[int] = VISITING,
) -> Callable[[Any], Any]:
    return extend_schema(
        operation_id=f"messenger_widget_{name}",
        summary=summary,
        tags=[VISITORS],
        auth=[],
        request=dict.fromkeys(_FORMS, takes) if takes else None,
        parameters=[*parameters, _RETRY_AFTER],
        responses={**answers, **_errors(fails)},
    )


def _operator(
    name: str,
    summary: str,
    answers: dict[Any, Any],
    *,
    takes: type[shapes.Shape] | None = None,
    query: type[shapes.Shape] | None = None,
    parameters: Sequence[OpenApiParameter] = (),
    conflicts: bool = False,
) -> Callable[[Any], Any]:
    fails = [*(_WRITING if takes else _READING), *([409] if conflicts else [])]
    return extend_schema(
        operation_id=f"messenger_{name}",
        summary=summary,
        tags=[OPERATORS],
        request={"application/json": takes} if takes else None,
        parameters=[*([query] if query else []), *parameters],
        responses={**answers, **_errors(fails)},
    )


def _describe(view: str, **methods: Callable[[Any], Any]) -> None:
    """Put descriptions of its methods on a view, named below the package."""

    class Description(OpenApiViewExtension):  # type: ignore[no-untyped-call]
        target_class = f"django_messenger.{view}"

        def view_replacement(self) -> type[APIView]:
            members = {"__doc__": (getdoc(self.target) or "").replace("``", "`")}
            described: type[APIView] = type(self.target.__name__, (self.target,), members)
            return extend_schema_view(**methods)(described)


#: For ``daily`` and ``visits``, which describe the rest of the operators' and visitors' calls.
describe, operator_call, visitor_call = _describe, _operator, _visitor


def _header(name: str) -> OpenApiParameter:
    return OpenApiParameter(name, str, OpenApiParameter.HEADER, required=True)


_STREAM: Final = {
    (200, "text/event-stream"): OpenApiTypes.STR,
    (200, "application/json"): shapes.MessengerNoStream,
}

_describe(
    "widget.views.ConfigView",
    get=_visitor(
        "config",
        "How the widget looks and what it may send",
        {200: visitors.MessengerConfig, 304: OpenApiResponse(description="As `If-None-Match`.")},
        parameters=[OpenApiParameter("widget_token", str, required=True)],
        fails=(400, 403, 404, 429, 503),
    ),
)
_describe(
    "widget.views.BootstrapView",
    post=_visitor(
        "bootstrap",
        "Start a session",
        {
            201: OpenApiResponse(visitors.MessengerWelcome, "A new conversation."),
            200: OpenApiResponse(visitors.MessengerWelcome, "The conversation that there is."),
        },
        takes=visitors.MessengerBootstrap,
    ),
)
_describe(
    "widget.views.SendView",
    post=_visitor(
        "send",
        "Send a message",
        {
            201: OpenApiResponse(visitors.MessengerSent, "Stored."),
            200: OpenApiResponse(visitors.MessengerSent, _AGAIN),
        },
        takes=visitors.MessengerSend,
        fails=(*VISITING, 409),
    ),
)
_describe(
    "widget.views.PollView",
    get=_visitor(
        "poll_with_headers",
        "Read what has changed since a cursor",
        {200: visitors.MessengerPoll},
        parameters=[
            _header("X-Widget-Token"),
            _header("X-Widget-Session-Token"),
            OpenApiParameter("after", OpenApiTypes.INT64),
        ],
        fails=(400, 401, 403, 404, 429, 503),
    ),
    post=_visitor(
        "poll",
        "Read what has changed since a cursor",
        {200: visitors.MessengerPoll},
        takes=visitors.MessengerAfter,
    ),
)
_describe(
    "widget.views.ReadView",
    post=_visitor(
        "read",
        "Say how far the visitor has read",
        {200: visitors.MessengerVisitorRead},
        takes=visitors.MessengerRead,
    ),
)
_describe(
    "widget.views.TypingView",
    post=_visitor(
        "typing",
        "Say whether the visitor types",
        {204: None},
        takes=visitors.MessengerTypingState,
    ),
)
_describe(
    "widget.views.StreamView",
    post=_visitor("stream", "Wait for hints", _STREAM, takes=visitors.MessengerAfter),
)

_describe(
    "operators.views.presence.Me",
    get=_operator("me", "Who the caller is and what waits", {200: operators.MessengerMe}),
    patch=_operator(
        "me_change",
        "Say whether one is there",
        {200: operators.MessengerMe},
        takes=work.MessengerMeChange,
    ),
)
_describe(
    "operators.views.stream.Stream",
    get=_operator("stream", "Wait for hints", _STREAM),
)
_describe(
    "operators.views.inboxes.InboxList",
    get=_operator(
        "inbox_list",
        "Inboxes of the visible branches",
        {200: operators.MessengerInboxPage},
        query=inputs.PageQuery,
    ),
    post=_operator(
        "inbox_create",
        "Make an inbox",
        {201: operators.MessengerInbox},
        takes=operators.MessengerNewInbox,
    ),
)
_describe(
    "operators.views.inboxes.InboxDetail",
    get=_operator("inbox", "One inbox", {200: operators.MessengerInbox}, parameters=[_ID]),
    patch=_operator(
        "inbox_change",
        "Change an inbox",
        {200: operators.MessengerInbox},
        takes=operators.MessengerInboxChange,
        parameters=[_ID],
    ),
)
_describe(
    "operators.views.inboxes.InboxRotateToken",
    post=_operator(
        "inbox_rotate_token",
        "Give an inbox a new widget token",
        {200: operators.MessengerInbox},
        parameters=[_ID],
    ),
)
_describe(
    "operators.views.conversations.ConversationList",
    get=_operator(
        "conversation_list",
        "Conversations, filtered and sorted",
        {200: operators.MessengerConversationPage},
        query=inputs.ConversationQuery,
    ),
)
_describe(
    "operators.views.conversations.ConversationChanges",
    get=_operator(
        "conversation_changes",
        "What has changed since a cursor",
        {200: operators.MessengerChanges},
        parameters=[OpenApiParameter("cursor", str)],
    ),
)
_describe(
    "operators.views.conversations.ConversationDetail",
    get=_operator(
        "conversation",
        "One conversation",
        {200: operators.MessengerConversation},
        parameters=[_ID],
    ),
    patch=_operator(
        "conversation_change",
        "Change status, priority or labels",
        {200: operators.MessengerConversation},
        takes=operators.MessengerConversationChange,
        parameters=[_ID],
        conflicts=True,
    ),
)
_describe(
    "operators.views.conversations.ConversationMessages",
    get=_operator(
        "message_list",
        "Messages: the newest, those changed since a cursor, or older ones",
        {200: operators.MessengerMessagePage},
        query=inputs.MessageQuery,
        parameters=[_ID],
    ),
    post=_operator(
        "message_create",
        "Answer, or leave a note",
        {
            201: OpenApiResponse(operators.MessengerReplySent, "Stored."),
            200: OpenApiResponse(operators.MessengerReplySent, _AGAIN),
        },
        takes=operators.MessengerReply,
        parameters=[_ID],
        conflicts=True,
    ),
)
_describe(
    "operators.views.conversations.ConversationAssign",
    post=_operator(
        "conversation_assign",
        "Give a conversation to somebody, or back to the queue",
        {200: operators.MessengerConversation},
        takes=operators.MessengerAssign,
        parameters=[_ID],
        conflicts=True,
    ),
)
_describe(
    "operators.views.conversations.ConversationRead",
    post=_operator(
        "conversation_read",
        "Say how far the caller has read",
        {200: operators.MessengerOwnMark},
        takes=operators.MessengerReadUpTo,
        parameters=[_ID],
    ),
)
_describe(
    "operators.views.conversations.ConversationTyping",
    post=_operator(
        "conversation_typing",
        "Say that the caller looks or types",
        {200: operators.MessengerPeople},
        takes=operators.MessengerPresence,
        parameters=[_ID],
    ),
)
_describe(
    "operators.views.directory.ContactList",
    get=_operator(
        "contact_list",
        "People who have written in the visible branches",
        {200: operators.MessengerContactPage},
        query=inputs.SearchQuery,
    ),
)
_describe(
    "operators.views.contacts.ContactDetail",
    get=_operator("contact", "One contact", {200: operators.MessengerContact}, parameters=[_ID]),
    patch=_operator(
        "contact_change",
        "Correct a contact",
        {200: operators.MessengerContact},
        takes=work.MessengerContactChange,
        parameters=[_ID],
    ),
)
_describe(
    "operators.views.directory.CannedResponseList",
    get=_operator(
        "canned_response_list",
        "Prepared answers",
        {200: operators.MessengerCannedResponsePage},
        query=inputs.PageQuery,
    ),
)
_describe(
    "operators.views.directory.LabelList",
    get=_operator(
        "label_list",
        "Labels",
        {200: operators.MessengerLabelPage},
        query=inputs.PageQuery,
    ),
)
