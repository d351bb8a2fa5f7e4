"""Reading where the widget was last seen: what PostgreSQL keeps, and the last minutes."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone

from django_messenger import store
from django_messenger.exceptions import Unavailable
from django_messenger.models import Sighting

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django_messenger.models import Inbox


def sightings_of(inboxes: Iterable[Inbox]) -> dict[int, list[Sighting]]:
    """Return where the widgets of some inboxes were last seen, by inbox, the newest first.

    One query and one look into the cache, however many they are.
    """
    found: dict[int, list[Sighting]] = {}
    rows = list(Sighting.objects.filter(inbox__in=[inbox.pk for inbox in inboxes]))
    keys = {sighting_key(row.inbox_id, row.origin): row for row in rows}
    try:
        noted = store.get_many(keys) if keys else {}
    except Unavailable:
        noted = {}
    for key, value in noted.items():
        seen, _stored = read_sighting(value)
        if seen:
            keys[key].seen_at = max(keys[key].seen_at, _moment(seen))
    for row in sorted(rows, key=lambda row: (row.seen_at, row.pk), reverse=True):
        found.setdefault(row.inbox_id, []).append(row)
    return found


def sighting_key(inbox_id: int, origin: str) -> str:
    """Return the cache key under which the last minutes of a site are noted."""
    return f"dm:sighting:{inbox_id}:{hashlib.sha256(origin.encode()).hexdigest()[:32]}"


def read_sighting(value: Any) -> tuple[float, float]:
    """Return when a site was last seen and when that was last stored, as the cache held it."""
    try:
        seen, stored = value
        return float(seen), float(stored)
    except (TypeError, ValueError):
        return 0.0, 0.0


def _moment(seconds: float) -> datetime:
    """Return a time of the cache as the database would."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment if settings.USE_TZ else timezone.make_naive(moment)
