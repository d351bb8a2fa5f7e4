"""Prepared answers as they stand in the composer: the right branch, language and names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Q
from django.utils.translation import get_language

from django_messenger.selectors.contacts import visible_canned_responses
from django_messenger.selectors.operators import staff_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_messenger.models import Conversation

MOST: Final = 200
_VARIABLE: Final = re.compile(
    r"""\{\{\s*([a-z_.]{1,40})\s*(?:\|\s*default\s*:\s*(?:"([^"]{0,200})"|'([^']{0,200})')\s*)?\}\}"""
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A prepared answer for one conversation. What has no value stays in its braces."""

    shortcut: str
    text: str


def prepared_answers(user: Any, conversation: Conversation) -> list[Prepared]:
    """Return the answers that fit a conversation which a selector gave this user."""
    rows = visible_canned_responses(user).filter(Q(branch=None) | Q(branch=conversation.branch_id))
    language = conversation.locale or get_language() or ""
    values = _values(user, conversation)
    return [Prepared(row.shortcut, fill_in(row.text_for(language), values)) for row in rows[:MOST]]


def fill_in(text: str, values: Mapping[str, str]) -> str:
    """Put values in the place of ``{{ name }}`` and ``{{ name|default:"text" }}``.

    No template language: names that are not in ``values`` stay as they are.
    """

    def put(found: re.Match[str]) -> str:
        value = values.get(found[1])
        if value is None:
            return found[0]
        return value or found[2] or found[3] or found[0]

    return _VARIABLE.sub(put, text)


def _values(user: Any, conversation: Conversation) -> dict[str, str]:
    contact = conversation.contact
    return {
        "contact.name": contact.name,
        "contact.email": contact.email,
        "contact.phone": contact.phone,
        "operator.name": staff_name(user),
        "conversation.id": str(conversation.public_id),
        "inbox.name": conversation.inbox.name,
    }
