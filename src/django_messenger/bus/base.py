"""What a bus is, and what it carries."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Literal

from django_messenger import store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from django_messenger.models import Conversation

HintType = Literal["conversation", "message", "typing", "presence", "counters", "revoke", "resync"]


@dataclass(frozen=True, slots=True)
class Hint:
    """A reason to look. It names things, but holds no text and no person's name.

    Attributes:
        type: what kind of thing has changed.
        conversation_id: primary key of the conversation, 0 if none is meant.
        conversation: its public id, or empty.
        branch: primary key of its branch as a text, or empty.
        revision: of the conversation after the change, 0 if unknown.
        user: primary key of the user whom ``revoke`` concerns, or empty.
        private: for operators only; the visitor's stream stays silent.
    """

    type: HintType
    conversation_id: int = 0
    conversation: str = ""
    branch: str = ""
    revision: int = 0
    user: str = ""
    private: bool = False

    @classmethod
    def about(cls, conversation: Conversation, kind: HintType, *, private: bool = False) -> Hint:
        """Make a hint about a conversation as it is now."""
        return cls(
            type=kind,
            conversation_id=conversation.pk,
            conversation=str(conversation.public_id),
            branch=str(conversation.branch_id),
            revision=conversation.revision,
            private=private,
        )

    def encode(self) -> str:
        """Return the hint as a line for the wire."""
        return json.dumps(_values_of(self), separators=(",", ":"))

    @classmethod
    def decode(cls, line: str | bytes) -> Hint:
        """Read a line that ``encode`` made."""
        return cls(*json.loads(line))

    def topics(self) -> tuple[str, ...]:
        """Return the topics under which subscribers wait for it."""
        if self.user:
            return (user_topic(self.user),)
        if self.private:
            return (branch_topic(self.branch),)
        return (conversation_topic(self.conversation_id), branch_topic(self.branch))


_values_of = attrgetter(*(field.name for field in fields(Hint)))


def conversation_topic(conversation_id: int) -> str:
    """Return the topic of one conversation: for its visitor."""
    return f"c:{conversation_id}"


def branch_topic(branch: object) -> str:
    """Return the topic of a branch: for its operators."""
    return f"b:{branch}"


def user_topic(user: object) -> str:
    """Return the topic of one operator: rights that changed."""
    return f"u:{user}"


class Bus(ABC):
    """Carries hints from the process that wrote to those that hold streams.

    A host may bring its own by ``MESSENGER["BUS"]``; it needs a constructor without arguments.
    """

    #: Whether anybody can listen at all; False leaves every client polling.
    pushes = True

    @abstractmethod
    def publish(self, hint: Hint) -> None:
        """Send a hint, after the commit that it speaks of; may raise whatever the carrier does."""

    @abstractmethod
    def listen(self) -> AsyncIterator[Hint]:
        """Yield hints from now on, beginning with a ``resync`` once the line is up.

        Ends or raises when the line breaks; the hub calls again, after a pause.
        """

    def mark_and_publish(self, key: str, mark: int, *, seconds: int, hint: Hint) -> None:
        """Write a freshness mark to the cache, then send the hint: never the other way round,
        or a client could react to the hint and be told that nothing is new."""
        store.put(key, mark, seconds=seconds)
        self.publish(hint)
