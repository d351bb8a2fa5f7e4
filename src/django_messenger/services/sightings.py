"""Remembering where the widget was last seen, at next to no cost.

A browser that asks for the settings of the widget tells its site. Each process notes a site once a
minute in the cache, and the cache lets it through to PostgreSQL once an hour.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from typing import Final

from django.db import DatabaseError
from django.utils import timezone

from django_messenger import store
from django_messenger.exceptions import Unavailable
from django_messenger.models import Sighting
from django_messenger.selectors.sightings import read_sighting, sighting_key

logger = logging.getLogger("django_messenger")

#: An inbox remembers so many sites; the one not seen for longest makes room.
MOST: Final = 20
MAX_ORIGIN: Final = 300
_MINUTE: Final = 60
_HOUR: Final = 3600
_KEPT: Final = 2 * _HOUR
_MOST_RECENT: Final = 2_000
#: When this process has last noted a site: by inbox and origin, the newest at the end.
_recent: OrderedDict[tuple[int, str], float] = OrderedDict()


def note_sighting(*, inbox_id: int, origin: str) -> None:
    """Note that a browser on a page of this site has asked for the widget. Never fails."""
    origin = origin.lower()
    if not origin or len(origin) > MAX_ORIGIN or not _is_due(inbox_id, origin):
        return
    try:
        now, (seen, stored) = time.time(), read_sighting(store.get(sighting_key(inbox_id, origin)))
        if now - seen < _MINUTE:
            return
        if now - stored >= _HOUR and _keep(inbox_id, origin):
            stored = now
        store.put(sighting_key(inbox_id, origin), [now, stored], seconds=_KEPT)
    except Unavailable:
        return
    except DatabaseError as error:
        logger.warning("The sighting of a widget was not kept: %s", type(error).__name__)


def _is_due(inbox_id: int, origin: str) -> bool:
    key, now = (inbox_id, origin), time.monotonic()
    before = _recent.get(key)
    if before is not None and now - before < _MINUTE:
        return False
    _recent.pop(key, None)
    _recent[key] = now
    if len(_recent) > _MOST_RECENT:
        _recent.popitem(last=False)
    return True


def _keep(inbox_id: int, origin: str) -> bool:
    """Store a sighting; tell whether there was room. Whoever makes sites up gets one a minute."""
    now = timezone.now()
    known = Sighting.objects.filter(inbox_id=inbox_id)
    if known.filter(origin=origin).update(seen_at=now):
        return True
    if not store.add(f"dm:sighting:new:{inbox_id}", 1, seconds=_MINUTE):
        return False
    surplus = list(known.order_by("-seen_at", "-pk").values_list("pk", flat=True)[MOST - 1 :])
    if surplus:
        known.filter(pk__in=surplus).delete()
    Sighting.objects.bulk_create(
        [Sighting(inbox_id=inbox_id, origin=origin, seen_at=now)],
        update_conflicts=True,
        unique_fields=["inbox", "origin"],
        update_fields=["seen_at"],
    )
    return True
