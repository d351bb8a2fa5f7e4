"""State sync: which conversations have changed since a cursor, without an event log.

Each change stamps its conversation with the id of its transaction (``change_xid``). A reader keeps
the oldest transaction that was still running when it last asked; whatever is stamped with that id
or a later one may be new to it. Rows can come twice, none can be missed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db import connections, router

from django_messenger.access import get_policy
from django_messenger.models import Conversation
from django_messenger.selectors.conversations import LIVE, conversation_rows, order_rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from django.db.models import QuerySet

LIMIT: Final = 500


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed: rows to merge by id, ids to drop, the next cursor.

    ``full`` tells the client to throw away what it has; the rows are then a fresh start.
    """

    conversations: Sequence[Conversation]
    gone: Sequence[UUID]
    cursor: str
    full: bool


@dataclass(frozen=True, slots=True)
class _Cursor:
    """``xmin``: oldest transaction running at the last look; ``scope``: cluster and branches."""

    xmin: int
    scope: str

    def encode(self) -> str:
        text = json.dumps([self.xmin, self.scope]).encode()
        return base64.urlsafe_b64encode(text).decode().rstrip("=")

    @classmethod
    def decode(cls, value: str) -> _Cursor | None:
        try:
            padded = value.encode("ascii") + b"=" * (-len(value) % 4)
            xmin, scope = json.loads(base64.urlsafe_b64decode(padded))
        except (ValueError, TypeError, binascii.Error, RecursionError):
            return None
        well_formed = type(xmin) is int and 0 <= xmin < 2**63 and isinstance(scope, str)
        return cls(xmin, scope) if well_formed else None


def changes_since(user: Any, cursor: str) -> Changes:
    """Return what changed in the user's branches since ``cursor`` (empty: start)."""
    branches = sorted(
        str(pk) for pk in get_policy().branches_for(user).values_list("pk", flat=True)
    )
    now, xmax = _snapshot(branches)
    since = _Cursor.decode(cursor)
    if since is None or since.scope != now.scope or since.xmin > xmax:
        return _start_anew(user, now)
    touched = Conversation.objects.using(_alias()).filter(
        branch__in=get_policy().branches_for(user),
        change_xid__gte=since.xmin,
        last_message_at__isnull=False,
    )
    ids = dict(touched.values_list("pk", "public_id")[: LIMIT + 1])
    if len(ids) > LIMIT:
        return _start_anew(user, now)
    rows = list(order_rows(_rows(user).filter(pk__in=ids), "-last_message_at"))
    seen = {row.pk for row in rows}
    gone = [public_id for pk, public_id in ids.items() if pk not in seen]
    return Changes(rows, gone, now.encode(), full=False)


def _start_anew(user: Any, now: _Cursor) -> Changes:
    rows = order_rows(_rows(user).filter(LIVE), "-last_message_at")[:LIMIT]
    return Changes(list(rows), [], now.encode(), full=True)


def _rows(user: Any) -> QuerySet[Conversation]:
    return conversation_rows(user, using=_alias())


def _alias() -> str:
    """Name the database that is written to: a replica lags behind, and the cursor would skip what
    is not there yet."""
    return router.db_for_write(Conversation)


def _snapshot(branches: list[str]) -> tuple[_Cursor, int]:
    """Read the transaction horizon before the rows, never after.

    Transaction ids start again in a restored database; its identity is part of the scope.
    """
    with connections[_alias()].cursor() as db:
        db.execute(
            "SELECT pg_snapshot_xmin(s), pg_snapshot_xmax(s), system_identifier,"
            " current_database() FROM pg_current_snapshot() AS s, pg_control_system()"
        )
        xmin, xmax, system, database = db.fetchone()
    scope = hashlib.sha256(json.dumps([str(system), database, branches]).encode()).hexdigest()
    return _Cursor(int(xmin), scope[:16]), int(xmax)
