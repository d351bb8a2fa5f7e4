"""Telling readers that a conversation has changed, once the change has committed.

Each conversation has a mark in the cache, a number that is replaced after every commit that
changes the conversation. A poll notes the mark *before* it reads the database; as long as the
mark stays, the answer stays true. The order in which writers replace it does not matter, and a
mark lost with the cache only costs a query. Streams get a hint right after.
"""

from __future__ import annotations

import logging
import secrets
from functools import partial
from typing import TYPE_CHECKING, Final

from django.db import transaction

from django_messenger import store
from django_messenger.bus import Hint, get_bus

if TYPE_CHECKING:
    from django_messenger.bus import HintType
    from django_messenger.models import Conversation

logger = logging.getLogger("django_messenger")

#: Longest time that a change may stay unseen if writing its mark failed, in seconds.
TRUST: Final = 30
_LIFE: Final = 3600
_REVISION_BITS: Final = 32


def mark_key(conversation_id: int) -> str:
    """Return the cache key of a conversation's mark."""
    return f"dm:mark:{conversation_id}"


def read_or_make_mark(conversation_id: int) -> int:
    """Return the mark to note before reading the database.

    Raises:
        Unavailable: the cache cannot be reached.
    """
    key, fresh = mark_key(conversation_id), _new_mark(0)
    if store.add(key, fresh, seconds=_LIFE):
        return fresh
    mark: int | None = store.get(key)
    return fresh if mark is None else mark


def revision_of_mark(mark: int) -> int:
    """Return the revision that a mark was made for (its lower 32 bits); 0 if unknown."""
    return mark & ((1 << _REVISION_BITS) - 1)


def tell_on_commit(conversation: Conversation, kind: HintType, *, private: bool = False) -> None:
    """Replace the mark and send a hint of type ``kind`` once the transaction has committed.

    ``private`` keeps what is of no concern to the visitor from waking the visitor's stream.
    Without a message that operators see, nobody is to know of the conversation: no hint is sent.
    """
    if conversation.last_message_at is None:
        forget_marks_on_commit([conversation.pk])
        return
    hint = Hint.about(conversation, kind, private=private)
    transaction.on_commit(partial(_tell, hint))


def forget_marks_on_commit(conversation_ids: list[int]) -> None:
    """Make the next poll of these conversations ask the database, without any hint."""
    for conversation_id in conversation_ids:
        transaction.on_commit(partial(_replace_mark, conversation_id))


def _tell(hint: Hint) -> None:
    """A cache or bus that is down must not spoil what is already committed."""
    # A private change must not look like a lost hint to the visitor's stream.
    revision = 0 if hint.private else hint.revision
    key, mark = mark_key(hint.conversation_id), _new_mark(revision)
    try:
        get_bus().mark_and_publish(key, mark, seconds=_LIFE, hint=hint)
    except Exception as error:  # whatever the carrier of the host's choice raises
        _complain(error)


def _replace_mark(conversation_id: int) -> None:
    try:
        store.put(mark_key(conversation_id), _new_mark(0), seconds=_LIFE)
    except Exception as error:
        _complain(error)


def _complain(error: Exception) -> None:
    logger.warning(
        "Cache or bus is down (%s): polls may see a change %s s late.", type(error).__name__, TRUST
    )


def _new_mark(revision: int) -> int:
    return secrets.randbits(30) << _REVISION_BITS | revision & ((1 << _REVISION_BITS) - 1)
