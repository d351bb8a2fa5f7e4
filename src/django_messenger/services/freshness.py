"""Whether a poll may be answered from the cache alone.

Each conversation has a mark in the cache, a random word that is replaced after every commit that
changes the conversation. A poll notes the mark *before* it reads the database; as long as the
mark stays, the answer stays true. The order in which writers replace it does not matter, and a
mark lost with the cache only costs a query.
"""

from __future__ import annotations

import logging
import secrets
from functools import partial
from typing import Final

from django.db import transaction

from django_messenger import store
from django_messenger.exceptions import Unavailable

logger = logging.getLogger("django_messenger")

#: Longest time that a change may stay unseen if writing its mark failed, in seconds.
TRUST: Final = 30
_LIFE: Final = 3600


def mark_key(conversation_id: int) -> str:
    """Return the cache key of a conversation's mark."""
    return f"dm:mark:{conversation_id}"


def read_or_make_mark(conversation_id: int) -> str:
    """Return the mark to note before reading the database.

    Raises:
        Unavailable: the cache cannot be reached.
    """
    key, fresh = mark_key(conversation_id), secrets.token_hex(8)
    if store.add(key, fresh, seconds=_LIFE):
        return fresh
    return store.get(key) or fresh


def replace_mark_on_commit(conversation_id: int) -> None:
    """Replace the mark once the running transaction has committed."""
    transaction.on_commit(partial(replace_mark, conversation_id))


def replace_mark(conversation_id: int) -> None:
    """Replace the mark now. A cache that is down must not spoil what is already committed."""
    try:
        store.put(mark_key(conversation_id), secrets.token_hex(8), seconds=_LIFE)
    except Unavailable:
        logger.warning("The cache is down: polls may see a change %s s late.", TRUST)
