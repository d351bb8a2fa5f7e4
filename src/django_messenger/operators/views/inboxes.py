"""Inboxes: what they are called for all, how they are set for those who may change them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.response import Response

from django_messenger.access import get_policy
from django_messenger.operators.base import OperatorAPIView, parse_id
from django_messenger.operators.payloads import inbox_row, inbox_settings
from django_messenger.operators.serializers import (
    InboxChange,
    InboxInput,
    PageQuery,
    read_body,
    read_query,
)
from django_messenger.selectors.inboxes import get_inbox, visible_inboxes
from django_messenger.selectors.operators import get_branch
from django_messenger.selectors.paging import Sort
from django_messenger.services.inboxes import create_inbox, rotate_widget_token, update_inbox

if TYPE_CHECKING:
    from rest_framework.request import Request

    from django_messenger.models import Inbox
    from django_messenger.operators.payloads import Json


class InboxView(OperatorAPIView):
    """Shows inboxes with their settings only to those who may change them."""

    def show(self, inbox: Inbox) -> Json:
        """Return an inbox as the caller may see it."""
        manages = get_policy().has_permission(self.request.user, "manage")
        return inbox_settings(inbox) if manages else inbox_row(inbox)

    def managed(self, public_id: str) -> Inbox:
        """Return the inbox in the URL to somebody who may change it.

        Raises:
            NotFound: absent, or not for this user.
            PermissionDenied: the caller may not change inboxes.
        """
        inbox = get_inbox(self.request.user, parse_id(public_id))
        self.require("manage")
        return inbox


class InboxList(InboxView):
    """``GET`` and ``POST inboxes/``."""

    def get(self, request: Request) -> Response:
        cursor = read_query(PageQuery, request)["cursor"]
        return self.page(visible_inboxes(request.user), Sort("name"), cursor, self.show)

    def post(self, request: Request) -> Response:
        self.require("manage")
        fields = read_body(InboxInput, request)
        branch = get_branch(request.user, fields.pop("branch"))
        inbox = create_inbox(user=request.user, branch=branch, **fields)
        return Response(self.show(inbox), status=201)


class InboxDetail(InboxView):
    """``GET`` and ``PATCH inboxes/{id}/``."""

    def get(self, request: Request, public_id: str) -> Response:
        return Response(self.show(get_inbox(request.user, parse_id(public_id))))

    def patch(self, request: Request, public_id: str) -> Response:
        inbox = self.managed(public_id)
        changes = read_body(InboxChange, request)
        if "branch" in changes:
            changes["branch"] = get_branch(request.user, changes["branch"])
        return Response(self.show(update_inbox(user=request.user, inbox=inbox, **changes)))


class InboxRotateToken(InboxView):
    """``POST inboxes/{id}/rotate-token/``: a new widget token; the old one works for a week."""

    def post(self, request: Request, public_id: str) -> Response:
        inbox = self.managed(public_id)
        return Response(self.show(rotate_widget_token(user=request.user, inbox=inbox)))
