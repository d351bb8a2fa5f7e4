"""Saved views of the list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.response import Response

from django_messenger.exceptions import NotFound
from django_messenger.inputs import whole_number
from django_messenger.operators.base import OperatorAPIView
from django_messenger.operators.inputs import NewViewInput, ViewChange
from django_messenger.operators.serializers import PageQuery, read_body, read_query
from django_messenger.operators.shapes import view_json
from django_messenger.selectors.operators import get_branch
from django_messenger.selectors.paging import Sort
from django_messenger.selectors.views import count_views, get_view, visible_views
from django_messenger.services.views import create_view, delete_view, update_view

if TYPE_CHECKING:
    from rest_framework.request import Request

    from django_messenger.models import SavedView
    from django_messenger.operators.payloads import Json


class ViewBase(OperatorAPIView):
    """Shows saved views."""

    def show(self, view: SavedView) -> Json:
        """Return a view with its count."""
        return view_json(view, count_views(self.request.user, [view])[view.pk])


class Views(ViewBase):
    """``GET`` and ``POST saved-views/``."""

    def get(self, request: Request) -> Response:
        cursor = read_query(PageQuery, request)["cursor"]
        views = visible_views(request.user)
        response = self.page(views, Sort("name"), cursor, lambda view: view)
        counts = count_views(request.user, response.data["results"])
        response.data["results"] = [
            view_json(view, counts[view.pk]) for view in response.data["results"]
        ]
        return response

    def post(self, request: Request) -> Response:
        wish = read_body(NewViewInput, request)
        if wish["branch"] is not None:
            self.require("manage")
            wish["branch"] = get_branch(request.user, wish["branch"])
        wish["query"] = _texts(wish["query"])
        view = create_view(user=request.user, **wish)
        return Response(self.show(view), status=201)


class OneView(ViewBase):
    """``PATCH`` and ``DELETE saved-views/{id}/``."""

    def patch(self, request: Request, view_id: str) -> Response:
        view = self.view(view_id)
        changes = read_body(ViewChange, request)
        if "query" in changes:
            changes["query"] = _texts(changes["query"])
        return Response(self.show(update_view(user=request.user, view=view, **changes)))

    def delete(self, request: Request, view_id: str) -> Response:
        delete_view(user=request.user, view=self.view(view_id))
        return Response(status=204)

    def view(self, view_id: str) -> SavedView:
        """Return the view in the URL.

        Raises:
            NotFound: absent, or not for this user.
        """
        number = whole_number(view_id)
        if number is None:
            raise NotFound
        return get_view(self.request.user, number)


def _texts(query: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in query.items()}
