"""Contacts: correcting, blocking, merging."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.response import Response

from django_messenger.operators.base import OperatorAPIView, parse_id
from django_messenger.operators.inputs import ContactChange, MergeInput, MergeQuery
from django_messenger.operators.payloads import contact_detail
from django_messenger.operators.serializers import read_body, read_query
from django_messenger.operators.shapes import merge_json, merge_preview_json
from django_messenger.selectors.contacts import get_contact, get_merge, get_other_contact
from django_messenger.services.contacts import block_contact, unblock_contact, update_contact
from django_messenger.services.merging import merge_contacts, preview_merge, undo_merge

if TYPE_CHECKING:
    from rest_framework.request import Request

    from django_messenger.models import Contact


class ContactView(OperatorAPIView):
    """Works on a contact."""

    def contact(self, public_id: str) -> Contact:
        """Return the contact in the URL to somebody who may change contacts.

        Raises:
            NotFound: absent, or not for this user.
            PermissionDenied: the caller may change conversations nowhere.
        """
        contact = get_contact(self.request.user, parse_id(public_id))
        self.require("change")
        return contact


class ContactDetail(ContactView):
    """``GET`` and ``PATCH contacts/{id}/``."""

    def get(self, request: Request, public_id: str) -> Response:
        return Response(contact_detail(get_contact(request.user, parse_id(public_id))))

    def patch(self, request: Request, public_id: str) -> Response:
        contact = self.contact(public_id)
        fields = read_body(ContactChange, request)
        update_contact(user=request.user, contact=contact, **fields)
        return self.get(request, public_id)


class BlockContact(ContactView):
    """``POST contacts/{id}/block/``: what they write from now on only they see."""

    def post(self, request: Request, public_id: str) -> Response:
        return Response(
            contact_detail(block_contact(user=request.user, contact=self.contact(public_id)))
        )


class UnblockContact(ContactView):
    """``POST contacts/{id}/unblock/``: they are heard again."""

    def post(self, request: Request, public_id: str) -> Response:
        return Response(
            contact_detail(unblock_contact(user=request.user, contact=self.contact(public_id)))
        )


class MergeContact(ContactView):
    """``GET contacts/{id}/merge/?other=`` says what ``POST contacts/{id}/merge/`` would do."""

    def get(self, request: Request, public_id: str) -> Response:
        contact = self.contact(public_id)
        other = get_other_contact(request.user, read_query(MergeQuery, request)["other"])
        preview = preview_merge(user=request.user, contact=contact, other=other)
        return Response(merge_preview_json(preview))

    def post(self, request: Request, public_id: str) -> Response:
        contact = self.contact(public_id)
        other = get_other_contact(request.user, read_body(MergeInput, request)["other"])
        merge = merge_contacts(user=request.user, contact=contact, other=other)
        return Response(merge_json(merge), status=201)


class UnmergeContact(ContactView):
    """``POST contacts/{id}/unmerge/``: give back what a merge moved."""

    def post(self, request: Request, public_id: str) -> Response:
        contact = self.contact(public_id)
        merge = get_merge(contact, read_body(MergeInput, request)["other"])
        return Response(merge_json(undo_merge(user=request.user, merge=merge)))
