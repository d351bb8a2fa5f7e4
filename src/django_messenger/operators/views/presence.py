"""Being there: the caller's tabs and availability, and the team's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.response import Response

from django_messenger.exceptions import PermissionDenied
from django_messenger.operators.base import OperatorAPIView
from django_messenger.operators.inputs import MeInput, TabInput
from django_messenger.operators.serializers import PageQuery, read_body, read_query
from django_messenger.operators.shapes import member_json
from django_messenger.operators.views.directory import Me as ReadMe
from django_messenger.selectors.operators import operator_of, visible_operators
from django_messenger.selectors.paging import Sort
from django_messenger.services.attendance import attend, be_available
from django_messenger.services.availability import BEAT, states_of
from django_messenger.services.routing import loads_of

if TYPE_CHECKING:
    from rest_framework.request import Request


class Me(ReadMe):
    """``GET`` and ``PATCH me/``: who the caller is; whether they are there."""

    def patch(self, request: Request) -> Response:
        be_available(user=request.user, **read_body(MeInput, request))
        return self.get(request)


class Presence(OperatorAPIView):
    """``POST me/presence/``: a sign of life of one tab, or its last."""

    def post(self, request: Request) -> Response:
        operator = operator_of(request.user)
        if operator is None or not operator.is_active:
            raise PermissionDenied
        attend(user=request.user, **read_body(TabInput, request))
        return Response({"state": states_of([operator])[operator.pk], "next_in": BEAT})


class Team(OperatorAPIView):
    """``GET operators/``: who answers in the visible branches, and whether they are there."""

    def get(self, request: Request) -> Response:
        cursor = read_query(PageQuery, request)["cursor"]
        page = self.page(
            visible_operators(request.user), Sort("display_name"), cursor, lambda row: row
        )
        rows = page.data["results"]
        states, loads = states_of(rows), loads_of(rows)
        page.data["results"] = [
            member_json(row, states[row.pk], loads.get(row.user_id, 0)) for row in rows
        ]
        return page
