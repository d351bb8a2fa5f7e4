"""Search everywhere: conversations by what was said in them, and people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_messenger.exceptions import InvalidInput
from django_messenger.models import Conversation, Message
from django_messenger.panel.base import PanelView
from django_messenger.panel.contacts import problem_words, read_text
from django_messenger.panel.views import filter_choices
from django_messenger.selectors.found import MAX_CONTACTS, MAX_CONVERSATIONS, search
from django_messenger.selectors.operators import staff_name
from django_messenger.selectors.views import read_filters

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import HttpRequest, HttpResponse, QueryDict

    from django_messenger.selectors.found import Found, Part

_FILTERS: Final = ("status", "inbox", "label", "assignee")
_BOUNDS: Final = ("since", "until")
#: So many of the newest messages are on the first page of a thread for certain.
_NEAR: Final = 25
#: So much of what was said after an older message is shown with it.
_AFTER: Final = 12


@dataclass(frozen=True, slots=True)
class Hit:
    """A conversation as the page shows it: the message that fits, who wrote it, where it stands."""

    conversation: Conversation
    message: Message | None
    author: str
    parts: Sequence[Part]
    url: str


class SearchView(PanelView):
    """``?q=`` and filters: ``inbox``, ``assignee``, ``status``, ``label``, ``since``, ``until``."""

    section = "search"

    def get(self, request: HttpRequest) -> HttpResponse:
        text, chosen = read_text(request.GET, "q"), _chosen(request.GET)
        problems: dict[str, str] = {}
        bounds = _read_bounds(chosen, problems)
        narrow = read_filters({n: chosen[n] for n in _FILTERS if chosen[n]})
        result, status = None, 200
        if text and not problems and narrow is not None:
            try:
                result = search(request.user, text, **narrow, **bounds)
            except InvalidInput as error:
                problems["q"], status = problem_words(error), error.status
        elif narrow is None:  # an address that somebody has made up
            problems["q"] = str(_("There is nothing to narrow the search by so."))
        context = {
            "text": text,
            "chosen": chosen,
            "is_narrowed": any(chosen.values()),
            "problems": problems,
            "choices": filter_choices(request.user),
            "statuses": Conversation.Status.choices,
            "result": result,
            "hits": [_hit(found) for found in result.conversations] if result else [],
            "is_full": result is not None and len(result.conversations) == MAX_CONVERSATIONS,
            "contacts_full": result is not None and len(result.contacts) == MAX_CONTACTS,
            "most": MAX_CONVERSATIONS,
            "plain_url": f"{reverse('messenger_panel:search')}?{urlencode({'q': text})}",
        }
        return self.page("search.html", context, status=status)


def message_url(conversation: Conversation, message: Message | None = None) -> str:
    """Return the address of a conversation, at a message if one is given."""
    url = reverse("messenger_panel:conversation", args=[conversation.public_id])
    if message is None:
        return url
    # No more messages can be newer than the revision has grown since.
    is_near = conversation.revision - message.seq < _NEAR
    query = "" if is_near else f"?{urlencode({'before': message.seq + _AFTER})}"
    return f"{url}{query}#m{message.seq}"


def _hit(found: Found) -> Hit:
    author = _author(found.conversation, found.message) if found.message else ""
    url = message_url(found.conversation, found.message)
    return Hit(found.conversation, found.message, author, found.line, url)


def _author(conversation: Conversation, message: Message) -> str:
    if message.kind == Message.Kind.VISITOR:
        return str(conversation.contact)
    user = message.author_user
    return message.author_name or (staff_name(user) if user else message.get_kind_display())


def _chosen(params: QueryDict) -> dict[str, str]:
    """Return the filters as they were sent; what cannot be one is left out."""
    chosen = {name: read_text(params, name, 64) for name in (*_FILTERS, *_BOUNDS)}
    if chosen["status"] not in Conversation.Status.values:
        chosen["status"] = ""
    return chosen


def _read_bounds(chosen: Mapping[str, str], problems: dict[str, str]) -> dict[str, Any]:
    """Return the bounds in time: from the first moment of one day to the last of another."""
    bounds = {}
    for name, days in zip(_BOUNDS, (0, 1), strict=True):
        if not chosen[name]:
            continue
        try:
            day = forms.DateField().clean(chosen[name])
            bounds[name] = _start_of(day + timedelta(days=days))
        except (ValidationError, OverflowError, ValueError):
            problems[name] = str(_("This is no day of the calendar."))
    return bounds


def _start_of(day: date) -> datetime:
    start = datetime.combine(day, time.min)
    return timezone.make_aware(start) if settings.USE_TZ else start
