"""One conversation: its page, everything done to it, and the parts that the script asks for."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.contrib import messages as notices
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from django_messenger.access import PERMISSIONS, get_policy
from django_messenger.exceptions import (
    IdempotencyConflict,
    InvalidInput,
    MessengerError,
    NewerReply,
)
from django_messenger.models import Conversation, Message
from django_messenger.panel.actions import ACTIONS, words_of
from django_messenger.panel.base import PanelView
from django_messenger.panel.canned import prepared_answers
from django_messenger.panel.cards import actions_for, cards_for
from django_messenger.panel.done import Done, read_number
from django_messenger.panel.fetched import is_fetched, wanted_part
from django_messenger.panel.history import history_of
from django_messenger.panel.inbox import ListPage
from django_messenger.panel.listing import VIEW_NAMES, ListQuery
from django_messenger.panel.thread import Line, Thread, lines_of, read_tail, read_thread
from django_messenger.panel.times import PRESETS
from django_messenger.selectors.contacts import labels_for
from django_messenger.selectors.conversations import get_conversation, visible_conversations
from django_messenger.selectors.inboxes import handover_inboxes
from django_messenger.selectors.operators import colleagues_at, staff_name
from django_messenger.services.conversations import TRANSITIONS, read_conversation
from django_messenger.services.presence import people_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse, HttpResponseBase

    from django_messenger.models import Inbox


#: What people write into the forms beside the composer.
_TEXTS: Final = {
    "edit": ("body",),
    "remove": ("reason",),
    "assign": ("reason", "message"),
    "hand_over": ("reason", "message"),
}


@dataclass(slots=True)
class Draft:
    """The answer being written: its text, and what the form must know to send it once only."""

    body: str = ""
    kind: str = Message.Kind.OPERATOR
    client_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    problem: str = ""
    newer: Sequence[Line] = ()


class TalkPage(ListPage):
    """Shows a conversation, whole or in parts."""

    def talk_context(self, conversation: Conversation, last_seq: int) -> dict[str, Any]:
        """Return what stands around the thread: head, actions, side.

        Args:
            last_seq: of the newest message that the user sees.
        """
        query = ListQuery.of(self.request.GET)
        return {
            "conversation": conversation,
            "contact": conversation.contact,
            "last_seq": last_seq,
            "own_key": str(self.request.user.pk),
            "query": query,
            "list_url": query.url(cursor=""),
            "list_name": VIEW_NAMES[query.view],
            "url": conversation_url(conversation, query),
            "others": self._other_conversations(conversation),
            "cards": cards_for(self.request, conversation),
            "host_actions": actions_for(self.request, conversation),
            **self._people(conversation),
            **self._possibilities(conversation),
        }

    def mark_read(self, conversation: Conversation, seq: int) -> None:
        """Move the marks forward; the visitor sees it.

        A GET may do it: it only ever moves forward, repeats change nothing, and the page works
        without a script. What a browser fetches ahead of the click does not count.
        """
        known: int = conversation.read_seq  # type: ignore[attr-defined]
        if seq > min(known, conversation.operator_read_seq):
            read_conversation(user=self.request.user, conversation=conversation, read_seq=seq)

    def tail(self, conversation: Conversation, after: int) -> HttpResponse:
        """Answer with what has changed since revision ``after``, for the script to merge."""
        tail = read_tail(self.request.user, conversation, after)
        seq = max((line.message.seq for line in tail.lines), default=conversation.revision)
        context = {
            "tail": tail,
            "is_changed": conversation.revision > after,
            **self.talk_context(conversation, seq),
        }
        return self.piece("_tail.html", context)

    def _people(self, conversation: Conversation) -> dict[str, Any]:
        """Name the colleagues who look at it or answer, and tell whether the visitor types."""
        people, own = people_at(conversation), str(self.request.user.pk)
        typing = [p.name for p in people.typing if p.name and p.key != own]
        viewing = [p.name for p in people.viewing if p.name and p.key != own]
        return {
            "people_typing": typing,
            "people_viewing": [name for name in viewing if name not in typing],
            "visitor_typing": people.visitor_types,
        }

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
            "colleagues": self._colleagues(conversation),
            "transitions": TRANSITIONS[conversation.status],
            "presets": PRESETS.items(),
            "time_zone": timezone.get_current_timezone_name(),
            "priorities": Conversation.Priority.choices,
            "labels": [(label, label.pk in chosen) for label in labels_for(conversation)],
            "handover_inboxes": self._handover_inboxes(conversation),
            "history": history_of(conversation),
        }

    def _colleagues(self, conversation: Conversation) -> list[tuple[str, str]]:
        """Return key and name of all to whom the user may assign the conversation, by name."""
        policy = get_policy()
        if not policy.can(self.request.user, "assign", conversation):
            return []
        people = policy.users_for(conversation, "reply").select_related("messenger_operator")
        found = [(str(person.pk), staff_name(person)) for person in people]
        return sorted(found, key=lambda pair: pair[1].casefold())

    def _handover_inboxes(self, conversation: Conversation) -> list[Inbox]:
        if not conversation.is_live:
            return []
        return list(handover_inboxes(self.request.user).exclude(pk=conversation.inbox_id))

    def _other_conversations(self, conversation: Conversation) -> QuerySet[Conversation]:
        others = visible_conversations(self.request.user).filter(contact=conversation.contact)
        return others.exclude(pk=conversation.pk).order_by("-last_message_at", "-pk")[:10]


class ConversationView(TalkPage):
    """One conversation. Its forms post here and name what to do in ``action``."""

    def get(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        conversation = get_conversation(request.user, public_id)
        before = read_number(request.GET.get("before", ""))
        thread = read_thread(request.user, conversation, before=before)
        if before is not None and wanted_part(request) == "lines":
            older = {
                "thread": thread,
                "older_url": self._older_url(conversation, thread),
                "own_key": str(request.user.pk),
                "url": conversation_url(conversation, ListQuery.of(request.GET)),
            }
            return self.piece("_lines.html", older)
        response = self._thread_page(conversation, thread, Draft(), is_newest=before is None)
        if before is None and _is_shown(request):
            self.mark_read(conversation, thread.last_seq)
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
        visible = visible_conversations(self.request.user).filter(pk=conversation.pk).exists()
        goto = done.goto if visible else "list"
        if is_fetched(self.request):
            if goto == "conversation":
                fresh = get_conversation(self.request.user, conversation.public_id)
                return self.tail(fresh, read_number(self.request.POST.get("after", "")) or 0)
            return self._toast(conversation, done.toast or done.words, goto=goto, undo=done.undo)
        if done.words:
            notices.success(self.request, done.words, fail_silently=True)
        query = ListQuery.of(self.request.GET)
        if goto == "list":
            url = query.url(cursor="")
            joint = "&" if "?" in url else "?"
            undo = "" if done.words else f"{joint}resolved={conversation.public_id}"
            return redirect(url + undo)
        return redirect(conversation_url(conversation, query))

    def _toast(
        self,
        conversation: Conversation,
        words: str,
        *,
        goto: str = "top",
        undo: Sequence[tuple[str, str]] = (),
        is_problem: bool = False,
        status: int = 200,
    ) -> HttpResponse:
        query = ListQuery.of(self.request.GET)
        context = {
            "words": words,
            "goto": goto,
            "undo": undo,
            "is_problem": is_problem,
            "url": conversation_url(conversation, query),
        }
        return self.piece("_toast.html", context, status=status)

    def _refuse(self, error: MessengerError, public_id: UUID) -> HttpResponse:
        """Show the page as it is now, with what is wrong in words and what was typed kept."""
        conversation = get_conversation(self.request.user, public_id)
        words, draft, problem = words_of(error, conversation), Draft(), ""
        fetched = is_fetched(self.request)
        if self.request.POST.get("action") == "reply":
            draft = self._typed(error, words, conversation)
        elif fetched:
            return self._toast(conversation, words, is_problem=True, status=error.status)
        else:
            problem = words
        if fetched:
            seq = max((line.message.seq for line in draft.newer), default=conversation.revision)
            context = {"draft": draft, **self.talk_context(conversation, seq)}
            return self.piece("_composer.html", context, status=error.status)
        thread = read_thread(self.request.user, conversation)
        return self._thread_page(conversation, thread, draft, problem=problem, status=error.status)

    def _typed(self, error: MessengerError, words: str, conversation: Conversation) -> Draft:
        posted = self.request.POST
        draft = Draft(posted.get("body", ""), posted.get("kind", ""), problem=words)
        if isinstance(error, NewerReply):
            draft.newer = lines_of(error.messages, conversation)
        if not isinstance(error, IdempotencyConflict):
            draft.client_id = posted.get("client_id", "")
        return draft

    def _typed_texts(self) -> list[str]:
        """Return what was written into a form that was refused."""
        posted = self.request.POST
        fields = _TEXTS.get(posted.get("action", ""), ())
        return [text for text in (posted.get(name, "") for name in fields) if text.strip()]

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
        with_list = wanted_part(self.request) != "talk"
        context = {
            **(self.list_context(query) if with_list else {}),
            **self.talk_context(conversation, thread.last_seq),
            "with_list": with_list,
            "thread": thread,
            "draft": draft,
            "problem": problem,
            "typed": self._typed_texts() if problem else (),
            "is_newest": is_newest,
            "older_url": self._older_url(conversation, thread),
        }
        return self.page("conversation.html", context, status=status)

    def _older_url(self, conversation: Conversation, thread: Thread) -> str:
        if thread.older is None:
            return ""
        url = conversation_url(conversation, ListQuery.of(self.request.GET))
        return f"{url}{'&' if '?' in url else '?'}before={thread.older}"


class TailView(TalkPage):
    """What has happened in a conversation since the revision ``?after=``, for the script.

    With ``?read=1`` the user is looking at it: what is shown counts as read.
    """

    def get(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        conversation = get_conversation(request.user, public_id)
        response = self.tail(conversation, read_number(request.GET.get("after", "")) or 0)
        if "read" in request.GET and _is_shown(request):
            self.mark_read(conversation, conversation.revision)
        return response


class CannedView(PanelView):
    """What the composer's list offers: prepared answers, and colleagues to be named in notes."""

    def get(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        conversation = get_conversation(request.user, public_id)
        context = {
            "answers": prepared_answers(request.user, conversation),
            "people": colleagues_at(request.user, conversation),
        }
        return self.piece("_canned.html", context)


def conversation_url(conversation: Conversation, query: ListQuery) -> str:
    """Return the address of a conversation that leads back to the same list."""
    url = reverse("messenger_panel:conversation", args=[conversation.public_id])
    return url + query.suffix


def _is_shown(request: HttpRequest) -> bool:
    """Tell whether the answer will be looked at: no HEAD, and nothing fetched in advance."""
    purpose = f"{request.headers.get('Sec-Purpose', '')} {request.headers.get('Purpose', '')}"
    return request.method == "GET" and "prefetch" not in purpose
