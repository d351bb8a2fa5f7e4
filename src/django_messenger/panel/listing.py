"""The list of conversations: what an address asks for, and one page of the answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from django_messenger import store
from django_messenger.exceptions import Unavailable
from django_messenger.models import Conversation
from django_messenger.selectors.conversations import (
    LIVE,
    SORTS,
    VIEWS,
    View,
    is_unread,
    list_conversations,
)
from django_messenger.selectors.operators import staff_name
from django_messenger.selectors.paging import Page, read_page_or_first
from django_messenger.selectors.views import read_filters
from django_messenger.services.presence import people_key, read_people
from django_messenger.text import storable_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from django.db.models import QuerySet
    from django_stubs_ext import StrOrPromise

ANY: Final = "any"
VIEW_NAMES: Final[Mapping[View, StrOrPromise]] = {
    "mine": _("Mine"),
    "unassigned": _("Unassigned"),
    "all": _("All"),
    "waiting": _("Waiting"),
    "mentions": _("Mentions"),
}
FILTERS: Final = ("inbox", "label", "assignee")
#: In these views somebody waits for an answer: the longest wait stands first.
_BY_WAITING: Final = ("unassigned", "waiting")
#: Past every moment in microseconds, and exact in JavaScript.
_LAST: Final = 2**53 - 1


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What an address of the list asks for; whatever it does not know, it leaves out.

    Attributes:
        status: a status, ``any``, or empty for the live ones.
        inbox, label, assignee: what else narrows, as ``selectors.views.read_filters`` takes it.
        ordering: a name in ``SORTS``, or empty for what suits the view.
    """

    view: View = "all"
    status: str = ""
    inbox: str = ""
    label: str = ""
    assignee: str = ""
    ordering: str = ""
    text: str = ""
    cursor: str = ""

    @classmethod
    def of(cls, params: Mapping[str, str]) -> ListQuery:
        """Read the parameters of a request."""
        view: View = next((name for name in VIEWS if name == params.get("view")), "all")
        status = params.get("status", "")
        ordering = params.get("ordering", "")
        return cls(
            **{name: _known_filter(name, params.get(name, "")) for name in FILTERS},
            ordering=ordering if ordering in SORTS else "",
            view=view,
            status=status if status in dict(status_choices(view)) else "",
            text=storable_line(params.get("q", ""))[:200],
            cursor=params.get("cursor", ""),
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether a search, a status or a filter leaves something of the view out."""
        return bool(self.status or self.text or self.filters)

    @property
    def filters(self) -> dict[str, str]:
        """The filters that are set."""
        chosen = {name: getattr(self, name) for name in FILTERS}
        return {name: value for name, value in chosen.items() if value}

    @property
    def params(self) -> dict[str, str]:
        """What an address carries to come back to this list; also what a saved view keeps."""
        params = {
            "view": "" if self.view == "all" else self.view,
            "status": self.status,
            **self.filters,
            "ordering": self.ordering,
            "q": self.text,
        }
        return {name: value for name, value in params.items() if value}

    @property
    def is_by_waiting(self) -> bool:
        """Whether the longest wait stands first, instead of the newest message."""
        if self.ordering:
            return self.ordering == "waiting_since"
        return self.view in _BY_WAITING

    @property
    def suffix(self) -> str:
        """``params`` as the query of an address: empty for the plain list."""
        return f"?{urlencode(self.params)}" if self.params else ""

    def url(self, **changes: str) -> str:
        """Return the address of the list with some things changed."""
        query = replace(self, **changes)  # type: ignore[arg-type]
        params = {"view": query.view, **query.params}
        if query.cursor:
            params["cursor"] = query.cursor
        return f"{reverse('messenger_panel:list')}?{urlencode(params)}"


def _known_filter(name: str, value: str) -> str:
    """Return the value of a filter if it can be one."""
    usable = value and "\x00" not in value and read_filters({name: value}) is not None
    return value if usable else ""


@dataclass(frozen=True, slots=True)
class Row:
    """One conversation of the list, as the user sees it.

    ``place`` grows from the first row of the list to the last; ``typing`` names a colleague who is
    writing there at this moment.
    """

    conversation: Conversation
    place: int
    unread: bool
    assignee: str
    typing: str = ""


def make_rows(user: Any, query: ListQuery, conversations: Sequence[Conversation]) -> list[Row]:
    """Return what ``list_conversations`` gave as rows of the list that ``query`` asks for."""
    typing = _who_types(user, conversations)
    return [
        Row(
            conversation,
            place=_place(query, conversation),
            unread=is_unread(conversation),
            assignee=staff_name(conversation.assignee) if conversation.assignee else "",
            typing=typing.get(conversation.pk, ""),
        )
        for conversation in conversations
    ]


def _place(query: ListQuery, conversation: Conversation) -> int:
    if query.is_by_waiting:
        since = conversation.waiting_since
        return _LAST if since is None else int(since.timestamp() * 1_000_000)
    moment = conversation.last_message_at
    return _LAST if moment is None else -int(moment.timestamp() * 1_000_000)


def _who_types(user: Any, conversations: Sequence[Conversation]) -> dict[int, str]:
    """Name a typing colleague by conversation; nobody is seen while the cache is down."""
    keys = {people_key(conversation.pk): conversation.pk for conversation in conversations}
    try:
        found = store.get_many(keys) if keys else {}
    except Unavailable:
        return {}
    own, typing = str(user.pk), {}
    for key, value in found.items():
        names = [p.name for p in read_people(value).typing if p.name and p.key != own]
        if names:
            typing[keys[key]] = names[0]
    return typing


def status_choices(view: View) -> Sequence[tuple[str, StrOrPromise]]:
    """Return the statuses that a view can be narrowed to."""
    if view == "all":
        return [("", _("Active")), (ANY, _("Any status")), *Conversation.Status.choices]
    return [("", _("Active")), *((status, status.label) for status in Conversation.LIVE)]


def read_list(user: Any, query: ListQuery) -> Page[Conversation]:
    """Return a page of conversations. An address whose cursor is worn out begins again."""
    rows = _matching(user, query)
    sort = SORTS["waiting_since" if query.is_by_waiting else "-last_message_at"]
    return read_page_or_first(rows, sort, query.cursor, is_wide=True)


def read_rows(user: Any, query: ListQuery, ids: Sequence[UUID]) -> list[Conversation]:
    """Return those of the conversations with these public ids that the list holds."""
    return list(_matching(user, query).filter(public_id__in=ids))


def _matching(user: Any, query: ListQuery) -> QuerySet[Conversation]:
    status = "" if query.status == ANY else query.status
    narrow = read_filters({"view": query.view, "status": status, **query.filters}) or {}
    rows = list_conversations(user, text=query.text, **narrow)
    return rows if query.status or query.view == "mentions" else rows.filter(LIVE)
