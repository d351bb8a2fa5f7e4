"""Daily work in a conversation: correcting messages, drafts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.response import Response

from django_messenger.operators.base import OperatorAPIView, parse_id
from django_messenger.operators.inputs import DraftInput, EditInput, RemoveInput
from django_messenger.operators.payloads import operator_message
from django_messenger.operators.serializers import read_body
from django_messenger.operators.shapes import drafts_json
from django_messenger.selectors.drafts import drafts_of
from django_messenger.selectors.messages import get_message
from django_messenger.services.corrections import edit_message, remove_message
from django_messenger.services.drafts import save_draft

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
