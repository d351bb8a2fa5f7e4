"""Signs of life of operators, and what follows: those who come get what waits for them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db import Error, connections

from django_messenger.exceptions import Unavailable
from django_messenger.models import Operator
from django_messenger.services.availability import choose_availability, note_tab
from django_messenger.services.routing import release_absent, route_branches, tend_queue

if TYPE_CHECKING:
    from collections.abc import Iterable

logger = logging.getLogger("django_messenger")


def attend(*, user: Any, tab: str, online: bool = True) -> None:
    """Note a sign of life of one of the user's tabs, or its last.

    Raises:
        InvalidInput: that is no name of a tab.
        Unavailable: the cache cannot be reached.
    """
    if note_tab(user=user, tab=tab, online=online):
        route_branches(user)
    tend_queue()


def attend_streams(users: Iterable[Any], tab: str) -> None:
    """Note that streams are open; for a thread of its own, whose connections it gives back.

    Args:
        users: primary keys of those who hold them.
        tab: stands for all streams of one process.
    """
    try:
        people = get_user_model()._default_manager.filter(pk__in=set(users))
        # All leases first: giving conversations away may take longer than one lasts.
        for user in [user for user in people if note_tab(user=user, tab=tab)]:
            route_branches(user)
        tend_queue()
    except (Unavailable, Error) as error:  # the next heartbeat tries again
        logger.info("Who is there could not be noted: %s", type(error).__name__)
    except Exception:  # such as a policy of the host's that fails: nobody waits for this thread
        logger.exception("What waits for those who have come could not be given to them")
    finally:
        connections.close_all()


def be_available(*, user: Any, availability: str) -> Operator:
    """Say by hand whether one is there, and let the queue follow at once.

    Raises:
        PermissionDenied: the user is no operator.
    """
    operator = choose_availability(user=user, availability=availability)
    if availability == Operator.Availability.AWAY:
        release_absent()
    elif availability == Operator.Availability.AUTO:
        route_branches(user)
    return operator
