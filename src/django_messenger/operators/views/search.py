"""Search over contacts and messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.response import Response

from django_messenger.operators.base import OperatorAPIView
from django_messenger.operators.inputs import FindQuery
from django_messenger.operators.serializers import read_query
from django_messenger.operators.shapes import search_json
from django_messenger.selectors.found import search

if TYPE_CHECKING:
    from rest_framework.request import Request


class Search(OperatorAPIView):
    """``GET search/``: conversations by their messages or contact, and contacts; with marks."""

    def get(self, request: Request) -> Response:
        query = read_query(FindQuery, request)
        return Response(search_json(search(request.user, query.pop("q"), **query), request.user))
