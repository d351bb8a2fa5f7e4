"""The list of conversations: what an address asks for, and one page of the answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from django_messenger.exceptions import InvalidInput
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
from django_messenger.selectors.paging import Page, read_page
from django_messenger.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django_stubs_ext import StrOrPromise

ANY: Final = "any"
VIEW_NAMES: Final[Mapping[View, StrOrPromise]] = {
    "mine": _("Mine"),
    "unassigned": _("Unassigned"),
    "all": _("All"),
    "waiting": _("Waiting"),
}
#: In these views somebody waits for an answer: the longest wait stands first.
_BY_WAITING: Final = ("unassigned", "waiting")


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What an address of the list asks for; whatever it does not know, it leaves out.

    ``status`` is a status, ``any``, or empty for the live ones.
    """

    view: View = "all"
    status: str = ""
    text: str = ""
    cursor: str = ""

    @classmethod
    def of(cls, params: Mapping[str, str]) -> ListQuery:
        """Read the parameters of a request."""
        view: View = next((name for name in VIEWS if name == params.get("view")), "all")
        status = params.get("status", "")
        return cls(
            view=view,
            status=status if status in dict(status_choices(view)) else "",
            text=clean_line(params.get("q", "").replace("\x00", ""))[:200],
            cursor=params.get("cursor", ""),
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether a search or a status leaves something of the view out."""
        return bool(self.status or self.text)

    @property
    def is_by_waiting(self) -> bool:
        """Whether the longest wait stands first, instead of the newest message."""
        return self.view in _BY_WAITING

    def url(self, **changes: str) -> str:
        """Return the address of the list with some things changed."""
        query = replace(self, **changes)  # type: ignore[arg-type]
        params = {
            "view": query.view,
            "status": query.status,
            "q": query.text,
            "cursor": query.cursor,
        }
        wanted = {name: value for name, value in params.items() if value}
        return f"{reverse('messenger_panel:list')}?{urlencode(wanted)}"


@dataclass(frozen=True, slots=True)
class Row:
    """One conversation of the list, as the user sees it."""

    conversation: Conversation
    unread: bool
    assignee: str

    @classmethod
    def of(cls, conversation: Conversation) -> Row:
        """Take what ``list_conversations`` gave."""
        holder = conversation.assignee
        return cls(conversation, is_unread(conversation), staff_name(holder) if holder else "")


def status_choices(view: View) -> Sequence[tuple[str, StrOrPromise]]:
    """Return the statuses that a view can be narrowed to."""
    if view == "all":
        return [("", _("Active")), (ANY, _("Any status")), *Conversation.Status.choices]
    return [("", _("Active")), *((status, status.label) for status in Conversation.LIVE)]


def read_list(user: Any, query: ListQuery) -> Page[Conversation]:
    """Return a page of rows. An address whose cursor is worn out begins again."""
    status = "" if query.status == ANY else query.status
    rows = list_conversations(user, view=query.view, status=status, text=query.text)
    if not query.status:
        rows = rows.filter(LIVE)
    sort = SORTS["waiting_since" if query.is_by_waiting else "-last_message_at"]
    try:
        return read_page(rows, sort, query.cursor)
    except InvalidInput:
        return read_page(rows, sort)
