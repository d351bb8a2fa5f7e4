"""Conversations: list, changes, detail, messages, assignment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.response import Response

from django_messenger.operators.base import OperatorAPIView
from django_messenger.operators.payloads import (
    conversation_detail,
    conversation_row,
    operator_message,
    people_json,
)
from django_messenger.operators.serializers import (
    AssignInput,
    ConversationInput,
    ConversationQuery,
    MessageQuery,
    ReadInput,
    ReplyInput,
    TypingInput,
    read_body,
    read_query,
)
from django_messenger.selectors.changes import changes_since
from django_messenger.selectors.contacts import get_labels
from django_messenger.selectors.conversations import (
    SORTS,
    conversation_counters,
    list_conversations,
    reread_conversation,
)
from django_messenger.selectors.messages import messages_after, newest_messages, operator_messages
from django_messenger.selectors.operators import get_assignee
from django_messenger.services.conversations import (
    assign_conversation,
    change_conversation,
    read_conversation,
)
from django_messenger.services.messages import reply_message
from django_messenger.services.presence import note_operator, people_at
from django_messenger.services.snooze import preset_end, wake_when_due

if TYPE_CHECKING:
    from rest_framework.request import Request

    from django_messenger.operators.payloads import Json


class ConversationList(OperatorAPIView):
    """``GET conversations/``: a page of rows, filtered and sorted."""

    def get(self, request: Request) -> Response:
        query = read_query(ConversationQuery, request)
        wake_when_due()
        sort, cursor = SORTS[query.pop("ordering")], query.pop("cursor")
        rows = list_conversations(request.user, text=query.pop("q"), **query)
        return self.page(rows, sort, cursor, conversation_row)


class ConversationChanges(OperatorAPIView):
    """``GET conversations/changes/``: what to merge, drop and count since a cursor."""

    def get(self, request: Request) -> Response:
        wake_when_due()
        changes = changes_since(request.user, request.query_params.get("cursor", ""))
        return Response(
            {
                "conversations": [conversation_row(row) for row in changes.conversations],
                "gone": [str(public_id) for public_id in changes.gone],
                "counters": conversation_counters(request.user),
                "cursor": changes.cursor,
                "full": changes.full,
            }
        )


class ConversationDetail(OperatorAPIView):
    """``GET`` and ``PATCH conversations/{id}/``."""

    def get(self, request: Request, public_id: str) -> Response:
        return Response(conversation_detail(self.conversation(public_id), request.user))

    def patch(self, request: Request, public_id: str) -> Response:
        conversation = self.conversation(public_id, "change")
        changes = read_body(ConversationInput, request)
        for name in {"labels", "add_labels", "remove_labels"} & changes.keys():
            changes[name] = get_labels(conversation, changes[name])
        if "snooze" in changes:
            changes |= {"status": "snoozed", "snoozed_until": preset_end(changes.pop("snooze"))}
        change_conversation(
            user=request.user,
            conversation=conversation,
            expected_revision=changes.pop("revision", None),
            **changes,
        )
        return Response(
            conversation_detail(reread_conversation(request.user, conversation), request.user)
        )


class ConversationMessages(OperatorAPIView):
    """``GET`` and ``POST conversations/{id}/messages/``."""

    def get(self, request: Request, public_id: str) -> Response:
        conversation = self.conversation(public_id)
        query = read_query(MessageQuery, request)
        messages = operator_messages(conversation)
        before = query.get("before")
        if "after" in query:
            page = messages_after(messages, conversation, query["after"])
            cursor: int | None = page.cursor
            side, parameter = "next", "after"
        else:
            page = newest_messages(messages, before=before)
            cursor = conversation.revision if before is None else None
            side, parameter = "previous", "before"
        data: Json = {
            "results": [operator_message(message, request.user) for message in page.messages],
            "next": None,
            "previous": None,
            "cursor": cursor,
            "has_more": page.has_more,
        }
        if page.has_more:
            data[side] = self.url_with(parameter, page.cursor)
        return Response(data)

    def post(self, request: Request, public_id: str) -> Response:
        conversation = self.conversation(public_id, "reply")
        reply = read_body(ReplyInput, request)
        sent = reply_message(
            user=request.user,
            conversation=conversation,
            note=reply.pop("kind") == "note",
            **reply,
        )
        row = reread_conversation(request.user, conversation)
        data = {
            "message": operator_message(sent.message, request.user),
            "conversation": conversation_row(row),
        }
        return Response(data, status=201 if sent.created else 200)


class ConversationAssign(OperatorAPIView):
    """``POST conversations/{id}/assign/``: of several at once exactly one gets it."""

    def post(self, request: Request, public_id: str) -> Response:
        conversation = self.conversation(public_id)
        wish = read_body(AssignInput, request)
        assignee = wish["assignee"]
        if assignee is not None:
            assignee = get_assignee(request.user, conversation, assignee)
        assign_conversation(
            user=request.user,
            conversation=conversation,
            assignee=assignee,
            expected=wish["expected"],
            reason=wish["reason"],
        )
        return Response(
            conversation_detail(reread_conversation(request.user, conversation), request.user)
        )


class ConversationRead(OperatorAPIView):
    """``POST conversations/{id}/read/``: the caller's mark, which only moves forward."""

    def post(self, request: Request, public_id: str) -> Response:
        conversation = self.conversation(public_id)
        read_seq = read_body(ReadInput, request)["read_seq"]
        mark = read_conversation(user=request.user, conversation=conversation, read_seq=read_seq)
        return Response({"read_seq": mark, "revision": conversation.revision})


class ConversationTyping(OperatorAPIView):
    """``POST conversations/{id}/typing/``: the caller looks at it and types; or no longer does."""

    def post(self, request: Request, public_id: str) -> Response:
        conversation = self.conversation(public_id)
        state = read_body(TypingInput, request)
        note_operator(user=request.user, conversation=conversation, **state)
        return Response(people_json(people_at(conversation), request.user))
