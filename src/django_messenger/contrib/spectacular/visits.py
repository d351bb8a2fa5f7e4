"""The rest of the visitors' calls: history, identity, rating, the end."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiResponse, PolymorphicProxySerializer

from django_messenger.contrib.spectacular import visitors
from django_messenger.contrib.spectacular.operations import VISITING, describe, visitor_call

describe(
    "widget.views.HistoryView",
    post=visitor_call(
        "history",
        "Read older messages",
        {200: visitors.MessengerOlder},
        takes=visitors.MessengerBefore,
    ),
)
describe(
    "widget.views.IdentifyView",
    post=visitor_call(
        "identify",
        "Say who the visitor is",
        {
            201: OpenApiResponse(visitors.MessengerWelcome, "Verified; a new conversation."),
            200: OpenApiResponse(
                PolymorphicProxySerializer(
                    "MessengerIdentified",
                    [visitors.MessengerWelcome, visitors.MessengerDescribed],
                    None,
                ),
                "Verified; the conversation that there is. Without an identity the contact.",
            ),
        },
        takes=visitors.MessengerIdentify,
    ),
)
describe(
    "widget.views.RateView",
    post=visitor_call(
        "rate",
        "Rate a conversation that is over",
        {200: visitors.MessengerRated},
        takes=visitors.MessengerRate,
        fails=(*VISITING, 409),
    ),
)
describe(
    "widget.views.EndSessionView",
    post=visitor_call(
        "end_session",
        "Leave, in every tab",
        {204: None},
        takes=visitors.MessengerLeave,
    ),
)
