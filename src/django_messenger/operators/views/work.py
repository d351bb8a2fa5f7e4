"""Daily work: correcting messages, drafts, handing over, many conversations at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.response import Response

from django_messenger.operators.base import OperatorAPIView, parse_id
from django_messenger.operators.inputs import (
    BulkInput,
    DraftInput,
    EditInput,
    HandOverInput,
    RemoveInput,
)
from django_messenger.operators.payloads import conversation_row, inbox_row, operator_message
from django_messenger.operators.serializers import PageQuery, read_body, read_query
from django_messenger.operators.shapes import assignment_json, bulk_json, drafts_json, linked_json
from django_messenger.selectors.assignments import assignments_of, linked_conversations
from django_messenger.selectors.contacts import get_visible_labels
from django_messenger.selectors.conversations import reread_conversation
from django_messenger.selectors.drafts import drafts_of
from django_messenger.selectors.inboxes import get_handover_inbox, handover_inboxes
from django_messenger.selectors.messages import get_message
from django_messenger.selectors.paging import Sort
from django_messenger.services.bulk import BulkChange, change_conversations
from django_messenger.services.conversations import unread_conversation
from django_messenger.services.corrections import edit_message, remove_message
from django_messenger.services.drafts import save_draft
from django_messenger.services.handover import hand_over_conversation
from django_messenger.services.snooze import preset_end

if TYPE_CHECKING:
    from rest_framework.request import Request

    from django_messenger.models import Message


class MessageView(OperatorAPIView):
    """Works on a message of a conversation."""

    def message(self, public_id: str, message_id: str) -> Message:
        """Return the message in the URL.

        Raises:
            NotFound: absent, or not for this user.
            PermissionDenied: the caller may reply nowhere.
        """
        conversation = self.conversation(public_id, "reply")
        message = get_message(conversation, parse_id(message_id))
        message.conversation = conversation
        return message


class OneMessage(MessageView):
    """``PATCH conversations/{id}/messages/{id}/``: another text for one's own message."""

    def patch(self, request: Request, public_id: str, message_id: str) -> Response:
        message = self.message(public_id, message_id)
        body = read_body(EditInput, request)["body"]
        edited = edit_message(user=request.user, message=message, body=body)
        return Response(operator_message(edited, request.user))


class RemoveMessage(MessageView):
    """``POST conversations/{id}/messages/{id}/remove/``: its place stays, its text does not."""

    def post(self, request: Request, public_id: str, message_id: str) -> Response:
        message = self.message(public_id, message_id)
        reason = read_body(RemoveInput, request)["reason"]
        removed = remove_message(user=request.user, message=message, reason=reason)
        return Response(operator_message(removed, request.user))


class Drafts(OperatorAPIView):
    """``GET`` and ``POST conversations/{id}/draft/``: what the caller has begun to write there."""

    def get(self, request: Request, public_id: str) -> Response:
        conversation = self.conversation(public_id)
        return Response(drafts_json(drafts_of(request.user, conversation)))

    def post(self, request: Request, public_id: str) -> Response:
        conversation = self.conversation(public_id, "reply")
        draft = read_body(DraftInput, request)
        save_draft(user=request.user, conversation=conversation, **draft)
        return Response(drafts_json(drafts_of(request.user, conversation)))


class Unread(OperatorAPIView):
    """``POST conversations/{id}/unread/``: new again for the caller."""

    def post(self, request: Request, public_id: str) -> Response:
        conversation = self.conversation(public_id)
        read_seq = unread_conversation(user=request.user, conversation=conversation)
        return Response({"read_seq": read_seq, "revision": conversation.revision})


class Assignments(OperatorAPIView):
    """``GET conversations/{id}/assignments/``: who had it, why, and what it is linked to."""

    def get(self, request: Request, public_id: str) -> Response:
        conversation = self.conversation(public_id)
        linked = linked_conversations(request.user, conversation)
        return Response(
            {
                "assignments": [assignment_json(row) for row in assignments_of(conversation)],
                "linked": [linked_json(row, conversation) for row in linked],
            }
        )


class HandOver(OperatorAPIView):
    """``POST conversations/{id}/hand-over/``: a new, linked conversation in another inbox.

    The answer holds the new one only if the caller may see it.
    """

    def post(self, request: Request, public_id: str) -> Response:
        conversation = self.conversation(public_id, "change")
        wish = read_body(HandOverInput, request)
        inbox = get_handover_inbox(request.user, wish.pop("inbox"))
        new = hand_over_conversation(
            user=request.user, conversation=conversation, inbox=inbox, **wish
        )
        linked = linked_conversations(request.user, conversation).filter(pk=new.pk).first()
        row = reread_conversation(request.user, conversation)
        return Response(
            {
                "conversation": conversation_row(row),
                "linked": None if linked is None else linked_json(linked, conversation),
            },
            status=201,
        )


class HandOverInboxes(OperatorAPIView):
    """``GET hand-over-inboxes/``: where the caller may hand customers over."""

    def get(self, request: Request) -> Response:
        cursor = read_query(PageQuery, request)["cursor"]
        return self.page(handover_inboxes(request.user), Sort("name"), cursor, inbox_row)


class Bulk(OperatorAPIView):
    """``POST conversations/bulk/``: one change for up to 100, each with its own outcome."""

    def post(self, request: Request) -> Response:
        wish = read_body(BulkInput, request)
        ids = wish.pop("ids")
        if "snooze" in wish:
            wish |= {"status": "snoozed", "snoozed_until": preset_end(wish.pop("snooze"))}
        for name in {"add_labels", "remove_labels"} & wish.keys():
            wish[name] = get_visible_labels(request.user, wish[name])
        result = change_conversations(user=request.user, ids=ids, change=BulkChange(**wish))
        return Response(bulk_json(result))
