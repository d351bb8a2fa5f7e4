"""What every view of the operator API shares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from django_messenger.access import get_policy
from django_messenger.api import MessengerAPIView
from django_messenger.conf import import_option
from django_messenger.exceptions import Conflict, NotFound, PermissionDenied
from django_messenger.operators.parsers import StrictJSONParser
from django_messenger.operators.payloads import conflict_json
from django_messenger.selectors.conversations import get_conversation
from django_messenger.selectors.paging import PAGE, Sort, read_page

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet
    from rest_framework.authentication import BaseAuthentication
    from rest_framework.request import Request

    from django_messenger.access import Action
    from django_messenger.models import Conversation


class MayViewConversations(BasePermission):
    """Lets in those who may see conversations at all; what they see, the selectors say."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return get_policy().has_permission(request.user, "view")


class OperatorAPIView(MessengerAPIView):
    """Base of the operators' views: the host's login, JSON bodies, conflicts with their cause."""

    parser_classes = [StrictJSONParser]
    permission_classes = [IsAuthenticated, MayViewConversations]

    def get_authenticators(self) -> list[BaseAuthentication]:
        return [authentication() for authentication in import_option("OPERATOR_AUTHENTICATION")]

    def handle_exception(self, exc: Exception) -> Response:
        response = super().handle_exception(exc)
        if isinstance(exc, Conflict):
            response.data = {**response.data, **conflict_json(exc, self.request.user)}
        return response

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        response.headers.setdefault("Cache-Control", "no-store")
        return super().finalize_response(request, response, *args, **kwargs)

    def require(self, action: Action) -> None:
        """Refuse callers who may do ``action`` nowhere, before their input is looked at.

        Raises:
            PermissionDenied: the Django permission is missing.
        """
        if not get_policy().has_permission(self.request.user, action):
            raise PermissionDenied

    def conversation(self, public_id: str, action: Action = "view") -> Conversation:
        """Return the conversation in the URL; the service decides again about ``action`` there.

        Raises:
            NotFound: absent, or not for this user.
            PermissionDenied: the caller may do ``action`` nowhere.
        """
        conversation = get_conversation(self.request.user, parse_id(public_id))
        self.require(action)
        return conversation

    def page(
        self, rows: QuerySet[Any], sort: Sort, cursor: str, show: Callable[[Any], Any]
    ) -> Response:
        """Return one page of a list with the URLs of its neighbours."""
        page = read_page(rows, sort, cursor, size=PAGE)
        return Response(
            {
                "results": [show(row) for row in page.rows],
                "next": self.url_with("cursor", page.next),
                "previous": self.url_with("cursor", page.previous),
            }
        )

    def url_with(self, name: str, value: object) -> str | None:
        """Return the URL of this request with another value of a parameter, None for None."""
        if value is None:
            return None
        return replace_query_param(self.request.build_absolute_uri(), name, str(value))


def parse_id(text: str) -> UUID:
    """Read the public id in a URL.

    Raises:
        NotFound: it is none; that looks like an unknown one.
    """
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound from error
