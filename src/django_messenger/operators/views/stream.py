"""The operators' stream of hints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rest_framework.response import Response

from django_messenger.access import get_policy
from django_messenger.bus.base import branch_topic, user_topic
from django_messenger.conf import conf
from django_messenger.operators.base import OperatorAPIView
from django_messenger.realtime.responses import stream_response
from django_messenger.realtime.sse import operator_event

if TYPE_CHECKING:
    from django.http import HttpResponseBase
    from rest_framework.request import Request

#: Seconds between two calls of ``changes/`` for a client without push.
POLL_SECONDS: Final = 3


class Stream(OperatorAPIView):
    """``GET stream/``: hints as server-sent events, or the advice to poll."""

    def get(self, request: Request) -> HttpResponseBase:
        user = request.user
        stream = stream_response(
            request._request,
            topics=stream_topics(user),
            caps=stream_caps(user),
            user=user.pk,
            shape=operator_event,
        )
        return stream or Response({"mode": "poll", "next_in": POLL_SECONDS})


def stream_topics(user: Any) -> list[str]:
    """Return what an operator may hear of: the visible branches, and changes of own rights."""
    branches = get_policy().branches_for(user).values_list("pk", flat=True)
    return [user_topic(user.pk), *(branch_topic(branch) for branch in branches)]


def stream_caps(user: Any) -> dict[str, int]:
    """Return how many streams an operator may hold: colleagues may share an address."""
    return {f"user:{user.pk}": conf.STREAMS_PER_IP}
