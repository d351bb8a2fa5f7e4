"""Who the caller is, and what stands ready: contacts, labels, prepared answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.response import Response

from django_messenger.access import ACTIONS, get_policy
from django_messenger.operators.base import OperatorAPIView
from django_messenger.operators.payloads import (
    branch_json,
    canned_json,
    contact_row,
    operator_json,
    scoped_label,
    user_json,
)
from django_messenger.operators.serializers import PageQuery, SearchQuery, read_query
from django_messenger.selectors.contacts import (
    visible_canned_responses,
    visible_contacts,
    visible_labels,
)
from django_messenger.selectors.conversations import conversation_counters
from django_messenger.selectors.operators import operator_of, visible_branches
from django_messenger.selectors.paging import Sort
from django_messenger.selectors.search import contacts_with

if TYPE_CHECKING:
    from rest_framework.request import Request


class Me(OperatorAPIView):
    """``GET me/``: who the caller is, where they answer, what they may do, what waits."""

    def get(self, request: Request) -> Response:
        user, policy = request.user, get_policy()
        return Response(
            {
                "user": user_json(user),
                "operator": operator_json(operator_of(user)),
                "branches": [branch_json(branch) for branch in visible_branches(user)],
                "permissions": [
                    action for action in ACTIONS if policy.has_permission(user, action)
                ],
                "counters": conversation_counters(user),
            }
        )


class ContactList(OperatorAPIView):
    """``GET contacts/``: newest first; ``q`` searches name, e-mail and phone."""

    def get(self, request: Request) -> Response:
        query = read_query(SearchQuery, request)
        contacts = visible_contacts(request.user).select_related("branch")
        if query["q"]:
            contacts = contacts_with(contacts, query["q"])
        return self.page(contacts, Sort(descending=True), query["cursor"], contact_row)


class LabelList(OperatorAPIView):
    """``GET labels/``: those of the visible branches and those of all branches."""

    def get(self, request: Request) -> Response:
        labels = visible_labels(request.user).select_related("branch")
        cursor = read_query(PageQuery, request)["cursor"]
        return self.page(labels, Sort("name"), cursor, scoped_label)


class CannedResponseList(OperatorAPIView):
    """``GET canned-responses/``: those of the visible branches and those of all branches."""

    def get(self, request: Request) -> Response:
        responses = visible_canned_responses(request.user).select_related("branch")
        cursor = read_query(PageQuery, request)["cursor"]
        return self.page(responses, Sort("shortcut"), cursor, canned_json)
