"""What a search shows: conversations and contacts with the words that were found, marked.

Marks are parts of plain text, never markup: whoever shows them decides how.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django_messenger.models import Contact, Conversation, Message
from django_messenger.selectors.contacts import visible_contacts
from django_messenger.selectors.conversations import conversation_rows, narrow_rows, order_rows
from django_messenger.selectors.search import (
    START,
    STOP,
    Marked,
    contacts_with,
    fold,
    matching_ids,
    message_query,
    messages_with,
    phone_digits,
    time_limit,
    words_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

#: A search shows no more; ``SearchResult.truncated`` says that there are.
MAX_CONVERSATIONS: Final = 50
MAX_CONTACTS: Final = 20
#: Length of the line that shows what was found, and how much of it stands before.
_LINE: Final = 200
_BEFORE: Final = 60
_SPACE: Final = re.compile(r"\s")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text; ``hit`` where it is what was looked for."""

    text: str
    hit: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A conversation, and the newest message of it that fits; none where the contact does."""

    conversation: Conversation
    message: Message | None
    line: Sequence[Part]


@dataclass(frozen=True, slots=True)
class FoundContact:
    """A contact with its texts in parts."""

    contact: Contact
    name: Sequence[Part]
    email: Sequence[Part]
    phone: Sequence[Part]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What was found, the newest first; ``truncated`` if there is more."""

    conversations: Sequence[Found]
    contacts: Sequence[FoundContact]
    truncated: bool


def search(user: Any, text: str, **filters: Any) -> SearchResult:
    """Look for a text where the user may look.

    Args:
        filters: as for ``list_conversations``; with any of them contacts are not looked for.

    Raises:
        InvalidInput: the search takes too long; code ``too_broad``.
    """
    rows = narrow_rows(user, conversation_rows(user), **filters)
    with time_limit():
        ids = list(matching_ids(rows, text)[: MAX_CONVERSATIONS + 1])
        shown = ids[:MAX_CONVERSATIONS]
        conversations = list(order_rows(rows.filter(pk__in=shown), "-last_message_at"))
        lines = _lines(shown, text)
        contacts = [] if filters else _contacts(user, text)
    truncated = len(ids) > MAX_CONVERSATIONS or len(contacts) > MAX_CONTACTS
    found = [Found(row, *lines.get(row.pk, (None, ()))) for row in conversations]
    people = [_found_contact(contact, text) for contact in contacts[:MAX_CONTACTS]]
    return SearchResult(found, people, truncated)


def mark_words(text: str, words: Iterable[str]) -> list[Part]:
    """Return a text in parts; the beginnings of its words that are among ``words`` are hits."""
    return list(_parts(text, _beginnings(text, words)))


def _beginnings(text: str, words: Iterable[str]) -> list[Span]:
    either = "|".join(map(re.escape, words)) or r"(?!)"
    found = re.finditer(rf"(?<![^\W_])(?:{either})", fold(text), re.IGNORECASE)
    return [match.span() for match in found]


def _contacts(user: Any, text: str) -> list[Contact]:
    rows = contacts_with(visible_contacts(user), text)
    return list(rows.select_related("branch").order_by("-pk")[: MAX_CONTACTS + 1])


def _found_contact(contact: Contact, text: str) -> FoundContact:
    words = words_of(text)
    number = phone_digits(text)
    return FoundContact(
        contact,
        mark_words(contact.name, words),
        mark_words(contact.email, words),
        _mark_digits(contact.phone, number) if number else mark_words(contact.phone, words),
    )


def _mark_digits(phone: str, number: str) -> list[Part]:
    """Mark a number that stands in a phone with any signs between its digits."""
    found = re.search(r"\D*".join(number), phone)
    return list(_parts(phone, [found.span()] if found else []))


def _lines(ids: Sequence[int], text: str) -> dict[int, tuple[Message, Sequence[Part]]]:
    """Return the newest message that fits of each conversation, with its line."""
    query, words = message_query(text), words_of(text)
    if query is None:
        return {}
    newest = (
        messages_with(Message.objects.filter(conversation__in=ids), query)
        .select_related("author_user", "author_user__messenger_operator")
        .annotate(marked=Marked(query))
        .order_by("conversation_id", "-seq")
        .distinct("conversation_id")
    )
    return {row.conversation_id: (row, _line(row.body, row.marked, words)) for row in newest}


def _line(body: str, marked: str, words: Sequence[str]) -> list[Part]:
    """Cut the surroundings of the first hit out of a message, on one line."""
    # PostgreSQL marks no word that is too common to have forms.
    spans = list(_spans(marked)) or _beginnings(body, words)
    first = spans[0][0] if spans else 0
    start = _start_of_line(body, first)
    end = min(len(body), start + _LINE)
    within = [(a - start, min(b, end) - start) for a, b in spans if a < end]
    parts = list(_parts(_SPACE.sub(" ", body[start:end]), within))
    before = [Part("…", hit=False)] if start else []
    after = [Part("…", hit=False)] if end < len(body) else []
    return [*before, *parts, *after]


def _start_of_line(body: str, first: int) -> int:
    if first <= _BEFORE:
        return 0
    space = body.find(" ", first - _BEFORE, first)
    return first - _BEFORE if space < 0 else space + 1


def _spans(marked: str) -> Iterator[Span]:
    """Yield where the hits stand in the text without the marks."""
    place, start = 0, 0
    for piece in re.split(f"([{START}{STOP}])", marked):
        if piece == START:
            start = place
        elif piece == STOP:
            yield start, place
        else:
            place += len(piece)


def _parts(text: str, spans: Iterable[Span]) -> Iterator[Part]:
    place = 0
    for start, end in spans:
        if start > place:
            yield Part(text[place:start], hit=False)
        yield Part(text[start:end], hit=True)
        place = end
    if place < len(text):
        yield Part(text[place:], hit=False)
