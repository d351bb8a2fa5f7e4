"""The two pages of the panel: the list, and one conversation with everything done to it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages as notices
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from django_messenger.access import PERMISSIONS, get_policy
from django_messenger.exceptions import (
    IdempotencyConflict,
    InvalidInput,
    MessengerError,
    NewerReply,
    NotFound,
)
from django_messenger.models import Conversation, Message
from django_messenger.panel.actions import ACTIONS, Done, read_number, words_of
from django_messenger.panel.base import PanelView
from django_messenger.panel.listing import VIEW_NAMES, ListQuery, Row, read_list, status_choices
from django_messenger.panel.thread import Line, Thread, lines_of, read_thread
from django_messenger.panel.times import PRESETS
from django_messenger.selectors.contacts import labels_for
from django_messenger.selectors.conversations import (
    conversation_counters,
    get_conversation,
    visible_conversations,
)
from django_messenger.selectors.inboxes import visible_inboxes
from django_messenger.selectors.operators import staff_name
from django_messenger.services.conversations import TRANSITIONS, read_conversation
from django_messenger.services.snooze import wake_when_due

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse, HttpResponseBase


class ConversationListView(PanelView):
    """The conversations of the user's branches."""

    def get(self, request: HttpRequest) -> HttpResponse:
        wake_when_due()
        query = ListQuery.of(request.GET)
        # Read before the rows: what comes between the two is announced once too often, never not.
        newest = visible_conversations(request.user).order_by("-last_message_at").first()
        page = read_list(request.user, query)
        counters = conversation_counters(request.user)
        context = {
            "query": query,
            "rows": [Row.of(conversation) for conversation in page.rows],
            "views": [
                (name, label, ListQuery(view=name).url(), counters[name])
                for name, label in VIEW_NAMES.items()
            ],
            "view_name": VIEW_NAMES[query.view],
            "status_choices": status_choices(query.view),
            "first_url": query.url(cursor=""),
            "older_url": query.url(cursor=page.next) if page.next else "",
            "resolved": self._just_resolved(request.GET.get("resolved", "")),
            "nothing": "" if page.rows else self._why_empty(query),
            "since": newest.last_message_at if newest else None,
        }
        return self.page("list.html", context)

    def _why_empty(self, query: ListQuery) -> str:
        """Name the reason for an empty list: ``_empty.html`` has a text for each."""
        if not get_policy().branches_for(self.request.user).exists():
            return "branch"
        if query.is_narrowed or query.cursor:
            return "filter"
        if not visible_inboxes(self.request.user).exists():
            return "inbox"
        return query.view

    def _just_resolved(self, public_id: str) -> Conversation | None:
        """Find the conversation whose resolving can be undone from the list."""
        if not public_id:
            return None
        try:
            conversation = get_conversation(self.request.user, public_id)
        except (NotFound, ValidationError):
            return None
        return conversation if conversation.status == Conversation.Status.RESOLVED else None


@dataclass(slots=True)
class Draft:
    """The answer being written: its text, and what the form must know to send it once only."""

    body: str = ""
    kind: str = Message.Kind.OPERATOR
    client_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    problem: str = ""
    newer: Sequence[Line] = ()


class ConversationView(PanelView):
    """One conversation. Its forms post here and name what to do in ``action``."""

    def get(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        conversation = get_conversation(request.user, public_id)
        before = read_number(request.GET.get("before", ""))
        thread = read_thread(conversation, before=before)
        response = self._thread_page(conversation, thread, Draft(), is_newest=before is None)
        if before is None and _is_shown(request):
            self._mark_read(conversation, thread.last_seq)
        return response

    def post(self, request: HttpRequest, public_id: UUID) -> HttpResponseBase:
        conversation = get_conversation(request.user, public_id)
        action = ACTIONS.get(request.POST.get("action", ""))
        try:
            if action is None:
                raise InvalidInput
            done = action(request.user, conversation, request.POST)
        except MessengerError as error:
            return self._refuse(error, public_id)
        return self._go_on(conversation, done)

    def _go_on(self, conversation: Conversation, done: Done) -> HttpResponseBase:
        if done.words:
            notices.success(self.request, done.words, fail_silently=True)
        query = ListQuery.of(self.request.GET)
        visible = visible_conversations(self.request.user).filter(pk=conversation.pk).exists()
        if done.goto == "list" or not visible:
            undo = "" if done.words else f"&resolved={conversation.public_id}"
            return redirect(ListQuery(view=query.view).url() + undo)
        end = "#dm-end" if done.goto == "conversation" else ""
        return redirect(conversation_url(conversation, query) + end)

    def _refuse(self, error: MessengerError, public_id: UUID) -> HttpResponse:
        """Show the page as it is now, with what is wrong in words and what was typed kept."""
        conversation = get_conversation(self.request.user, public_id)
        words, draft, problem = words_of(error, conversation), Draft(), ""
        if self.request.POST.get("action") == "reply":
            draft = self._typed(error, words, conversation)
        else:
            problem = words
        thread = read_thread(conversation)
        return self._thread_page(conversation, thread, draft, problem=problem, status=error.status)

    def _typed(self, error: MessengerError, words: str, conversation: Conversation) -> Draft:
        posted = self.request.POST
        draft = Draft(posted.get("body", ""), posted.get("kind", ""), problem=words)
        if isinstance(error, NewerReply):
            draft.newer = lines_of(error.messages, conversation)
        if not isinstance(error, IdempotencyConflict):
            draft.client_id = posted.get("client_id", "")
        return draft

    def _mark_read(self, conversation: Conversation, seq: int) -> None:
        """Move the marks forward; the visitor sees it.

        A GET may do it: it only ever moves forward, repeats change nothing, and the page works
        without a script. What a browser fetches ahead of the click does not count.
        """
        known: int = conversation.read_seq  # type: ignore[attr-defined]
        if seq > min(known, conversation.operator_read_seq):
            read_conversation(user=self.request.user, conversation=conversation, read_seq=seq)

    def _thread_page(
        self,
        conversation: Conversation,
        thread: Thread,
        draft: Draft,
        *,
        problem: str = "",
        status: int = 200,
        is_newest: bool = True,
    ) -> HttpResponse:
        query = ListQuery.of(self.request.GET)
        context = {
            "conversation": conversation,
            "contact": conversation.contact,
            "thread": thread,
            "draft": draft,
            "problem": problem,
            "is_newest": is_newest,
            "list_url": ListQuery(view=query.view).url(),
            "list_name": VIEW_NAMES[query.view],
            "query": query,
            "url": conversation_url(conversation, query),
            "others": self._other_conversations(conversation),
            "since": conversation.last_message_at,
            "older_url": self._older_url(conversation, thread),
            **self._possibilities(conversation),
        }
        return self.page("conversation.html", context, status=status)

    def _older_url(self, conversation: Conversation, thread: Thread) -> str:
        if thread.older is None:
            return ""
        url = conversation_url(conversation, ListQuery.of(self.request.GET))
        return f"{url}{'&' if '?' in url else '?'}before={thread.older}#dm-end"

    def _possibilities(self, conversation: Conversation) -> dict[str, Any]:
        """Say what this user can do here, and choose from."""
        policy, user = get_policy(), self.request.user
        held: Any = conversation.assignee_id
        chosen = {label.pk for label in conversation.labels.all()}
        return {
            "can_reply": policy.can(user, "reply", conversation),
            "can_change": policy.can(user, "change", conversation),
            "reply_permission": PERMISSIONS["reply"],
            "is_mine": held == user.pk,
            "held": str(held or ""),
            "holder": staff_name(conversation.assignee) if conversation.assignee else "",
            "own_key": str(user.pk),
            "colleagues": self._colleagues(conversation),
            "transitions": TRANSITIONS[conversation.status],
            "presets": PRESETS.items(),
            "time_zone": timezone.get_current_timezone_name(),
            "priorities": Conversation.Priority.choices,
            "labels": [(label, label.pk in chosen) for label in labels_for(conversation)],
        }

    def _colleagues(self, conversation: Conversation) -> list[tuple[str, str]]:
        """Return key and name of all to whom the user may assign the conversation, by name."""
        policy = get_policy()
        if not policy.can(self.request.user, "assign", conversation):
            return []
        people = policy.users_for(conversation, "reply").select_related("messenger_operator")
        found = [(str(person.pk), staff_name(person)) for person in people]
        return sorted(found, key=lambda pair: pair[1].casefold())

    def _other_conversations(self, conversation: Conversation) -> QuerySet[Conversation]:
        others = visible_conversations(self.request.user).filter(contact=conversation.contact)
        return others.exclude(pk=conversation.pk).order_by("-last_message_at", "-pk")[:10]


def conversation_url(conversation: Conversation, query: ListQuery) -> str:
    """Return the address of a conversation that leads back to the same view of the list."""
    url = reverse("messenger_panel:conversation", args=[conversation.public_id])
    return url if query.view == "all" else f"{url}?view={query.view}"


def _is_shown(request: HttpRequest) -> bool:
    """Tell whether the answer will be looked at: no HEAD, and nothing fetched in advance."""
    purpose = f"{request.headers.get('Sec-Purpose', '')} {request.headers.get('Purpose', '')}"
    return request.method == "GET" and "prefetch" not in purpose
