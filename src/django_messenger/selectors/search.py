"""Full-text search over contacts and messages, by PostgreSQL alone.

Messages are searched in Russian and English word forms and by the beginnings of words as they were
typed; contacts by the beginnings of the words of name and e-mail, and by the first or last digits
of the phone, with the code of the country or without. The Russian letters Yo and Ye are the same.
What was removed or quarantined is not found.

Two expression indexes (``migrations/0003_search.py``) carry it; their expressions stand here again,
word for word.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db import OperationalError, connections, router, transaction
from django.db.models import BooleanField, Expression, F, Q, TextField
from django.utils.translation import gettext_lazy as _

from django_messenger.exceptions import InvalidInput
from django_messenger.models import Contact, Conversation, Message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.models import QuerySet

#: A search that takes longer is given up, in milliseconds.
TIMEOUT: Final = 2000
#: No more conversations are found for a list; those with the newest messages.
MOST: Final = 1000
_MAX_WORDS: Final = 10
_MIN_DIGITS: Final = 2
#: A longer number is compared by so many digits at its end: +7 and 8 begin the same one.
_NATIONAL: Final = 10

_BODY: Final = "translate({body}, '\u0451\u0401<>/-', '\u0435\u0415    ')"
_MESSAGE_WORDS: Final = (
    f"to_tsvector('pg_catalog.russian', {_BODY}) || to_tsvector('pg_catalog.simple', {_BODY})"
)
_CONTACT_WORDS: Final = (
    "to_tsvector('pg_catalog.simple', translate({name}, '\u0451\u0401<>/-', '\u0435\u0415    ')"
    " || ' ' || translate({email}, '@.+-_', '     ')"
    " || ' ' || regexp_replace({phone}, '[^0-9]', '', 'g')"
    " || ' ' || right(regexp_replace({phone}, '[^0-9]', '', 'g'), 10)"
    " || ' ' || reverse(regexp_replace({phone}, '[^0-9]', '', 'g')))"
)
_FOLD: Final = str.maketrans("\u0451\u0401<>/-", "\u0435\u0415    ")
_WORD: Final = re.compile(r"[^\W_]+")
_PHONE: Final = re.compile(r"[\d\s()+./-]+", re.ASCII)
_CANCELED: Final = "57014"
#: Characters that no text holds: ``clean_body`` takes controls out.
START, STOP = "\x02", "\x03"
_HEADLINE: Final = f'StartSel="{START}", StopSel="{STOP}", HighlightAll=true'


@dataclass(frozen=True, slots=True)
class TsQuery:
    """A ``tsquery`` as SQL with its parameters."""

    sql: str
    params: tuple[str, ...]


def message_query(text: str) -> TsQuery | None:
    """Return what finds messages: every word, in any form or by its beginning; None for no word."""
    words = [word for word in fold(text).split() if _WORD.search(word)][:_MAX_WORDS]
    if not words:
        return None
    either = "(plainto_tsquery('pg_catalog.russian', %s) || to_tsquery('pg_catalog.simple', %s))"
    params = [part for word in words for part in (word, _beginning(word))]
    return TsQuery(" && ".join([either] * len(words)), tuple(params))


def contact_query(text: str) -> TsQuery | None:
    """Return what finds contacts: the beginning of every word, or a phone; None for no word."""
    if number := phone_digits(text):
        forward, backward = _beginning(number), _beginning(number[::-1])
        part = "to_tsquery('pg_catalog.simple', %s)"
        return TsQuery(f"({part} || {part})", (forward, backward))
    words = words_of(text)
    if not words:
        return None
    beginnings = " & ".join(map(_beginning, words))
    return TsQuery("to_tsquery('pg_catalog.simple', %s)", (beginnings,))


class _OverColumns(Expression):
    """An expression whose SQL is written over some columns of the row."""

    def __init__(self, columns: Sequence[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._columns: dict[str, Any] = {name: F(name) for name in columns}

    def get_source_expressions(self) -> list[Any]:
        return list(self._columns.values())

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        self._columns = dict(zip(self._columns, exprs, strict=True))

    def _over_columns(self, template: str, compiler: Any) -> str:
        columns = {name: compiler.compile(column)[0] for name, column in self._columns.items()}
        return template.format(**columns)


class Matches(_OverColumns):
    """Whether the words of a row fit a query; a condition for ``filter()``."""

    conditional = True

    def __init__(self, words: str, columns: Sequence[str], query: TsQuery) -> None:
        super().__init__(columns, output_field=BooleanField())
        self._words, self._query = words, query

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        words = self._over_columns(self._words, compiler)
        return f"(({words}) @@ ({self._query.sql}))", self._query.params


class Marked(_OverColumns):
    """The body of a message with ``START`` and ``STOP`` around what fits, else letter by letter
    as long as it was."""

    def __init__(self, query: TsQuery) -> None:
        super().__init__(["body"], output_field=TextField())
        self._query = query

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        body = self._over_columns(_BODY, compiler)
        sql = f"ts_headline('pg_catalog.russian', {body}, {self._query.sql}, %s)"
        return sql, (*self._query.params, _HEADLINE)


def messages_with(messages: QuerySet[Message], query: TsQuery) -> QuerySet[Message]:
    """Narrow messages to those that fit, without removed and quarantined ones."""
    shown = messages.filter(removed_at=None, quarantined_at=None)
    return shown.filter(Matches(_MESSAGE_WORDS, ["body"], query))


def contacts_with(contacts: QuerySet[Contact], text: str) -> QuerySet[Contact]:
    """Narrow contacts to those whose name, e-mail or phone fits the text."""
    query = contact_query(text)
    if query is None:
        return contacts.none()
    return contacts.filter(Matches(_CONTACT_WORDS, ["name", "email", "phone"], query))


def conversations_with(conversations: QuerySet[Conversation], text: str) -> QuerySet[Conversation]:
    """Narrow conversations to those whose contact or messages fit, the newest ``MOST`` of them.

    Raises:
        InvalidInput: the search takes too long; code ``too_broad``.
    """
    with time_limit():
        found = list(matching_ids(conversations, text)[:MOST])
    return conversations.filter(pk__in=found)


def matching_ids(conversations: QuerySet[Conversation], text: str) -> QuerySet[Any, int]:
    """Return the keys of the conversations whose contact or messages fit, the newest first."""
    query = message_query(text)
    fits = Q(contact__in=contacts_with(Contact.objects.all(), text).values("pk"))
    if query is not None:
        said = messages_with(Message.objects.all(), query)
        fits |= Q(pk__in=said.values("conversation"))
    found = conversations.filter(fits).order_by("-last_message_at", "-pk")
    return found.values_list("pk", flat=True)


@contextmanager
def time_limit(
    milliseconds: int | None = None, refusal: InvalidInput | None = None
) -> Iterator[None]:
    """Give up what takes longer per statement.

    Args:
        milliseconds: without it ``TIMEOUT``.
        refusal: what is raised then.

    Raises:
        InvalidInput: ``refusal``; else one that is keyed by ``q``, code ``too_broad``.
    """
    connection = connections[router.db_for_read(Message)]
    nested = connection.in_atomic_block
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {milliseconds or TIMEOUT}")
            yield
            if nested:  # else the end of the transaction takes it back
                cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != _CANCELED:
            raise
        if refusal is not None:
            raise refusal from error
        text = _("This search takes too long. Use more, or longer, words.")
        raise InvalidInput.of("q", text, "too_broad") from error


def words_of(text: str) -> list[str]:
    """Return the words that contacts are searched by."""
    return _WORD.findall(fold(text))[:_MAX_WORDS]


def fold(text: str) -> str:
    """Return a text of the same length as the index sees it."""
    return text.translate(_FOLD)


def _beginning(word: str) -> str:
    """Return the operand of ``to_tsquery`` for words that begin so."""
    return "'" + word.replace("\\", " ").replace("'", " ") + "':*"


def phone_digits(text: str) -> str:
    """Return the digits to look for if the text is a phone number or a good part of one."""
    if not _PHONE.fullmatch(text.strip()):
        return ""
    digits = re.sub(r"\D", "", text)
    if len(digits) < _MIN_DIGITS:
        return ""
    return digits[-_NATIONAL:]
