"""The public door for host views: the switch and the widget sessions."""

from __future__ import annotations

from typing import Final

from django.http import Http404
from rest_framework.exceptions import NotFound

from django_messenger.flags import is_enabled
from django_messenger.services.sessions import (
    WidgetSession,
    create_widget_session,
    get_widget_session,
)

__all__ = [
    "WidgetSession",
    "create_widget_session",
    "ensure_messenger_enabled_api",
    "ensure_messenger_enabled_view",
    "get_widget_session",
]

#: The exact body of every JSON answer while the messenger is off.
DISABLED: Final = {"detail": "Messenger disabled"}


class MessengerDisabled(NotFound):
    """The messenger is switched off; DRF answers it with 404 and ``DISABLED``."""

    default_detail = DISABLED["detail"]


def ensure_messenger_enabled_api() -> None:
    """Guard a DRF view.

    Raises:
        MessengerDisabled: the messenger is off; a ``rest_framework.exceptions.NotFound``.
    """
    if not is_enabled():
        raise MessengerDisabled


def ensure_messenger_enabled_view() -> None:
    """Guard a plain Django view.

    Raises:
        Http404: the messenger is off.
    """
    if not is_enabled():
        raise Http404("Messenger disabled")
