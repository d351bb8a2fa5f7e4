"""Contacts: their table, and the card of one with everything done to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages as notices
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_messenger.access import get_policy
from django_messenger.exceptions import InvalidInput, InvalidTransition, MessengerError, NotFound
from django_messenger.panel.base import PanelView
from django_messenger.selectors.contacts import (
    consents_of,
    contact_that_kept,
    get_contact,
    get_merge,
    list_contacts,
    merges_of,
)
from django_messenger.selectors.conversations import SORTS, conversation_rows
from django_messenger.selectors.operators import staff_name, visible_branches
from django_messenger.selectors.paging import read_page_or_first
from django_messenger.services.contacts import (
    block_contact,
    require_on_contact,
    unblock_contact,
    update_contact,
)
from django_messenger.services.merging import undo_merge
from django_messenger.text import storable_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
    from django_stubs_ext import StrOrPromise

    from django_messenger.models import Contact, ContactMerge

MAX_SEARCH: Final = 200
#: The card shows so many conversations at once, and no more of what has happened.
MANY: Final = 20


class ContactListView(PanelView):
    """The people of the user's branches who have written."""

    section = "contacts"

    def get(self, request: HttpRequest) -> HttpResponse:
        text, cursor = read_text(request.GET, "q"), request.GET.get("cursor", "")
        problem, page = "", None
        try:
            page = list_contacts(request.user, text=text, cursor=cursor)
        except InvalidInput as error:
            problem = problem_words(error)
        context = {
            "contacts": page.rows if page else [],
            "text": text,
            "problem": problem,
            "with_branch": len(visible_branches(request.user)[:2]) > 1,
            "first_url": _list_url(text) if page and page.previous else "",
            "newer_url": _list_url(text, page.previous) if page and page.previous else "",
            "older_url": _list_url(text, page.next) if page and page.next else "",
        }
        return self.page("contacts.html", context)


@dataclass(frozen=True, slots=True)
class Entry:
    """A field of the card's form."""

    name: str
    label: StrOrPromise
    kind: str
    limit: int
    value: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class MergeLine:
    """One merge in the history, as colleagues read it."""

    merge: ContactMerge
    by: str
    undone_by: str
    conversations: int
    may_undo: bool


class ContactView(PanelView):
    """The card of one contact. Its forms post here and name what to do in ``action``."""

    section = "contacts"

    def get(self, request: HttpRequest, public_id: UUID) -> HttpResponseBase:
        try:
            contact = get_contact(request.user, public_id)
        except NotFound:
            kept = contact_that_kept(request.user, public_id)
            if kept is None:
                raise
            return redirect(contact_url(kept))
        return self._card(contact)

    def post(self, request: HttpRequest, public_id: UUID) -> HttpResponseBase:
        contact = get_contact(request.user, public_id)
        action = ACTIONS.get(request.POST.get("action", ""))
        try:
            if action is None:
                raise InvalidInput
            words = action(request.user, contact, request.POST)
        except NotFound:
            raise
        except MessengerError as error:
            return self._card(get_contact(request.user, public_id), error)
        notices.success(request, words, fail_silently=True)
        return redirect(contact_url(contact))

    def _card(self, contact: Contact, error: MessengerError | None = None) -> HttpResponse:
        """Show the card as it is now, with what is wrong in words and what was typed kept."""
        user, posted = self.request.user, self.request.POST
        typed = posted if posted.get("action") == "edit" else None
        entries = _entries(contact, typed, error)
        said = any(entry.problem for entry in entries)
        rows = conversation_rows(user).filter(contact=contact)
        cursor = self.request.GET.get("cursor", "")
        conversations = read_page_or_first(rows, SORTS["-last_message_at"], cursor, size=MANY)
        can_change = may_change(user, contact)
        merges = list(merges_of(contact)[:MANY])
        context = {
            "contact": contact,
            "entries": entries,
            "problem": "" if error is None or said else problem_words(error),
            "has_problem": error is not None,
            "can_change": can_change,
            "blocker": staff_name(contact.blocked_by) if contact.blocked_by else "",
            "conversations": conversations.rows,
            "older_url": _page_url(contact, conversations.next),
            "newer_url": _page_url(contact, conversations.previous),
            "merges": [_merge_line(merge, can_change=can_change) for merge in merges],
            "consents": consents_of(user, contact)[:MANY],
            "attributes": _attributes(contact),
            "with_branch": len(visible_branches(user)[:2]) > 1,
        }
        return self.page("contact.html", context, status=error.status if error else 200)


def contact_url(contact: Contact) -> str:
    """Return the address of a contact's card."""
    return reverse("messenger_panel:contact", args=[contact.public_id])


def may_change(user: Any, contact: Contact) -> bool:
    """Tell whether the user may change a contact that a selector gave them."""
    policy = get_policy()
    if not policy.has_permission(user, "change"):
        return False
    return policy.branches_for(user).filter(pk=contact.branch_id).exists()


def read_text(data: QueryDict, name: str, limit: int = MAX_SEARCH) -> str:
    """Return one line that somebody has typed, fit to be looked for or kept."""
    return storable_line(data.get(name, ""))[:limit]


def problem_words(error: MessengerError) -> str:
    """Say what is wrong with something about a contact."""
    if isinstance(error, InvalidTransition) and error.detail is error.message:
        return _("This is not possible any more: somebody has changed the contact meanwhile.")
    return error.words


def _edit(user: Any, contact: Contact, data: QueryDict) -> str:
    # One more than fits: the service says that it is too long.
    fields = {name: read_text(data, name, limit + 1) for name, _label, _kind, limit in _FIELDS}
    update_contact(user=user, contact=contact, **fields)
    return _("Saved.")


def _block(user: Any, contact: Contact, data: QueryDict) -> str:
    block_contact(user=user, contact=contact)
    return _("Blocked. What this visitor writes from now on only they see.")


def _unblock(user: Any, contact: Contact, data: QueryDict) -> str:
    unblock_contact(user=user, contact=contact)
    return _("Not blocked any more.")


def _unmerge(user: Any, contact: Contact, data: QueryDict) -> str:
    try:
        other = UUID(data.get("other", ""))
    except ValueError as error:
        raise InvalidInput from error
    require_on_contact(user, "change", contact)
    undo_merge(user=user, merge=get_merge(contact, other))
    return _("They are two contacts again.")


ACTIONS: Final[Mapping[str, Callable[[Any, Contact, QueryDict], str]]] = {
    "edit": _edit,
    "block": _block,
    "unblock": _unblock,
    "unmerge": _unmerge,
}

_FIELDS: Final[Sequence[tuple[str, StrOrPromise, str, int]]] = (
    ("name", gettext_lazy("Name"), "text", 200),
    ("email", gettext_lazy("E-mail"), "email", 254),
    ("phone", gettext_lazy("Phone"), "tel", 50),
)


def _entries(
    contact: Contact, typed: QueryDict | None, error: MessengerError | None
) -> list[Entry]:
    problems = error.errors if isinstance(error, InvalidInput) else {}
    entries = []
    for name, label, kind, limit in _FIELDS:
        value = getattr(contact, name) if typed is None else typed.get(name, "")
        found = " ".join(str(problem.message) for problem in problems.get(name, ()))
        entries.append(Entry(name, label, kind, limit, value, found))
    return entries


def _merge_line(merge: ContactMerge, *, can_change: bool) -> MergeLine:
    return MergeLine(
        merge,
        by=staff_name(merge.by) if merge.by else _("Former colleague"),
        undone_by=staff_name(merge.undone_by) if merge.undone_by else "",
        conversations=len(merge.moved.get("conversations", ())),
        may_undo=can_change and merge.undone_at is None,
    )


def _attributes(contact: Contact) -> list[tuple[str, str]]:
    return [(str(name), str(value)) for name, value in contact.attributes.items()]


def _list_url(text: str, cursor: str | None = "") -> str:
    params = {name: value for name, value in (("q", text), ("cursor", cursor)) if value}
    query = f"?{urlencode(params)}" if params else ""
    return reverse("messenger_panel:contacts") + query


def _page_url(contact: Contact, cursor: str | None) -> str:
    return f"{contact_url(contact)}?{urlencode({'cursor': cursor})}" if cursor else ""
