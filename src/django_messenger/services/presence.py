"""Who is looking and who is typing: leases in the cache that end by themselves.

Nothing here is worth keeping: a lease that is lost is renewed within seconds, and with the cache
down nobody is seen and nothing fails.
"""

from __future__ import annotations

import logging
import time
from dataclasses import astuple, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction

from django_messenger import store
from django_messenger.bus import Hint, get_bus
from django_messenger.exceptions import Unavailable
from django_messenger.selectors.operators import public_name, staff_name

if TYPE_CHECKING:
    from django_messenger.models import Conversation

logger = logging.getLogger("django_messenger")

#: How long somebody is taken to look, or to type, after the last sign of it; seconds.
VIEWING: Final = 45
TYPING: Final = 6
_VISITOR: Final = "visitor"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at a conversation: an operator by primary key as a text, or ``"visitor"``.

    ``public_name`` is what the visitor may see, ``name`` what colleagues see.
    """

    key: str
    name: str
    public_name: str
    viewing_until: float
    typing_until: float

    @property
    def ends_at(self) -> float:
        """When the last of the leases ends."""
        return max(self.viewing_until, self.typing_until)


@dataclass(frozen=True, slots=True)
class People:
    """Who is at a conversation at this moment."""

    viewing: tuple[Person, ...] = ()
    typing: tuple[Person, ...] = ()

    @property
    def visitor_types(self) -> bool:
        """Whether the visitor is typing."""
        return any(person.key == _VISITOR for person in self.typing)

    @property
    def operator_typing(self) -> str | None:
        """Public name of an operator who types (it may be empty), or None if nobody does."""
        names = [person.public_name for person in self.typing if person.key != _VISITOR]
        return names[0] if names else None


def people_key(conversation_id: int) -> str:
    """Return the cache key of the leases at a conversation."""
    return f"dm:people:{conversation_id}"


def read_people(value: Any) -> People:
    """Make sense of what the cache held under ``people_key``; leases that have run out are gone."""
    now, people = time.time(), _decode(value)
    return People(
        viewing=tuple(person for person in people if person.viewing_until > now),
        typing=tuple(person for person in people if person.typing_until > now),
    )


def people_at(conversation: Conversation) -> People:
    """Return who is at a conversation; nobody if the cache is down."""
    try:
        return read_people(store.get(people_key(conversation.pk)))
    except Unavailable:
        return People()


def note_operator(*, user: Any, conversation: Conversation, typing: bool, viewing: bool) -> None:
    """Note what an operator does at a conversation that a selector gave them."""
    now = time.time()
    until = (now + VIEWING * viewing, now + TYPING * typing)
    _note(conversation, Person(str(user.pk), staff_name(user), public_name(user), *until))


def note_visitor(*, conversation: Conversation, typing: bool) -> None:
    """Note whether the visitor types; of one whom operators do not hear, nothing is noted."""
    if conversation.last_message_at is None or conversation.contact.blocked_at is not None:
        return
    now = time.time()
    _note(conversation, Person(_VISITOR, "", "", now, now + TYPING * typing))


def _note(conversation: Conversation, person: Person) -> None:
    """Put a person's leases in the place of their former ones, and tell who must know."""
    now, key = time.time(), people_key(conversation.pk)
    try:
        before = [p for p in _decode(store.get(key)) if p.ends_at > now]
        others = [p for p in before if p.key != person.key]
        store.put(key, [astuple(p) for p in (*others, person)], seconds=VIEWING)
    except Unavailable:
        return
    old = next((p for p in before if p.key == person.key), None)
    was_viewing = old is not None and old.viewing_until > now
    was_typing = old is not None and old.typing_until > now
    if (person.typing_until > now) != was_typing:
        hint = Hint.about(conversation, "typing", private=person.key == _VISITOR)
        transaction.on_commit(partial(_tell, hint))
    if (person.viewing_until > now) != was_viewing:
        hint = Hint.about(conversation, "presence", private=True)
        transaction.on_commit(partial(_tell, hint))


def _tell(hint: Hint) -> None:
    try:
        get_bus().publish(hint)
    except Exception as error:
        logger.info("The bus is down (%s): nobody sees who is typing.", type(error).__name__)


def _decode(value: Any) -> list[Person]:
    try:
        return [Person(*item) for item in value or ()]
    except TypeError:
        return []
