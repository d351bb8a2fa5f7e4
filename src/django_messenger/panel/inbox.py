"""The list of conversations: a page of its own, and a pane beside an open conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.contrib import messages as notices
from django.core.exceptions import ValidationError
from django.shortcuts import redirect

from django_messenger.access import get_policy
from django_messenger.exceptions import InvalidInput, NotFound
from django_messenger.models import Conversation
from django_messenger.panel.base import PanelView
from django_messenger.panel.bulk import change_selected
from django_messenger.panel.done import Done
from django_messenger.panel.fetched import is_fetched
from django_messenger.panel.listing import (
    VIEW_NAMES,
    ListQuery,
    make_rows,
    read_list,
    read_rows,
    status_choices,
)
from django_messenger.panel.views import filter_choices, saved_views
from django_messenger.selectors.conversations import conversation_counters, get_conversation
from django_messenger.selectors.inboxes import visible_inboxes
from django_messenger.services.snooze import wake_when_due

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse, HttpResponseBase

#: The script asks for so many rows at once.
MOST_ROWS: Final = 100


class ListPage(PanelView):
    """A page with the list on it."""

    def list_context(self, query: ListQuery) -> dict[str, Any]:
        """Return what ``_list.html`` shows; the number of queries does not grow with the rows."""
        user = self.request.user
        problem = ""
        try:
            page = read_list(user, query)
        except InvalidInput as error:  # the search takes too long
            problem = error.words
            page = None
        counters = conversation_counters(user)
        rows = make_rows(user, query, page.rows) if page else []
        saved = saved_views(user, query)
        return {
            "query": query,
            "rows": rows,
            "views": [
                (name, label, ListQuery(view=name).url(), counters[name])
                for name, label in VIEW_NAMES.items()
            ],
            "saved": saved,
            "is_saved": any(one.is_current for one in saved),
            "choices": filter_choices(user),
            "view_name": VIEW_NAMES[query.view],
            "status_choices": status_choices(query.view),
            "first_url": query.url(cursor=""),
            "older_url": query.url(cursor=page.next) if page and page.next else "",
            "search_problem": problem,
            "nothing": "" if rows or problem else self._why_empty(query),
        }

    def _why_empty(self, query: ListQuery) -> str:
        """Name the reason for an empty list: ``_empty.html`` has a text for each."""
        if not get_policy().branches_for(self.request.user).exists():
            return "branch"
        if query.is_narrowed or query.cursor:
            return "filter"
        if not visible_inboxes(self.request.user).exists():
            return "inbox"
        return query.view


class ConversationListView(ListPage):
    """The conversations of the user's branches."""

    def get(self, request: HttpRequest) -> HttpResponse:
        wake_when_due()
        query = ListQuery.of(request.GET)
        context = {
            **self.list_context(query),
            "resolved": self._just_resolved(request.GET.get("resolved", "")),
        }
        return self.page("list.html", context)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Change the selected rows."""
        url, problem = ListQuery.of(request.GET).url(), ""
        done = Done("")
        try:
            ids = _read_ids(",".join(request.POST.getlist("ids")))
            done = change_selected(request.user, request.POST.get("bulk", ""), ids)
        except InvalidInput as error:
            problem = error.words
        if is_fetched(request):
            context = {"words": problem or done.words, "is_problem": bool(problem), "url": url}
            context |= {"goto": "top", "undo": done.undo}
            return self.piece("_toast.html", context, status=400 if problem else 200)
        notices.add_message(
            request,
            notices.ERROR if problem else notices.SUCCESS,
            problem or done.words,
            fail_silently=True,
        )
        return redirect(url)

    def _just_resolved(self, public_id: str) -> Conversation | None:
        """Find the conversation whose resolving can be undone from the list."""
        if not public_id:
            return None
        try:
            conversation = get_conversation(self.request.user, public_id)
        except (NotFound, ValidationError):
            return None
        return conversation if conversation.status == Conversation.Status.RESOLVED else None


class RowsView(PanelView):
    """Single rows of a list for the script: ``?ids=`` and what the address of the list has.

    A row that is not, or no longer, in that list comes back as a mark to drop it; one that the
    user may not see looks the same as one that never was.
    """

    def get(self, request: HttpRequest) -> HttpResponse:
        query = ListQuery.of(request.GET)
        wanted = _read_ids(request.GET.get("ids", ""))
        try:
            found = read_rows(request.user, query, wanted)
        except InvalidInput:  # the search takes too long: the rows stay as they are
            wanted, found = [], []
        there = {conversation.public_id for conversation in found}
        context = {
            "query": query,
            "saved": saved_views(request.user, query),
            "rows": make_rows(request.user, query, found),
            "gone": [public_id for public_id in wanted if public_id not in there],
        }
        return self.piece("_rows.html", context)


def _read_ids(text: str) -> list[UUID]:
    """Read ids with commas between them; what is none is left out."""
    found = []
    for word in text.split(",")[:MOST_ROWS]:
        try:
            found.append(UUID(word))
        except ValueError:
            continue
    return found
