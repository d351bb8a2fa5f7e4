"""The addresses of what a host adds: its cards, and its actions."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages as notices
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from django_messenger.exceptions import MessengerError, NotFound
from django_messenger.panel.actions import words_of
from django_messenger.panel.base import PanelView
from django_messenger.panel.cards import render_card, run_action
from django_messenger.panel.fetched import is_fetched
from django_messenger.panel.listing import ListQuery
from django_messenger.panel.talk import conversation_url
from django_messenger.selectors.conversations import get_conversation

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

    from django_messenger.models import Conversation


class CardView(PanelView):
    """One card: its inside for the script, a page of its own for everybody else."""

    def get(self, request: HttpRequest, public_id: UUID, name: str) -> HttpResponse:
        conversation = get_conversation(request.user, public_id)
        card, inside = render_card(request, conversation, name)
        context = {"card": card, "inside": inside, "conversation": conversation}
        if is_fetched(request):
            return self.piece("_card.html", context)
        url = conversation_url(conversation, ListQuery.of(request.GET))
        return self.page("card.html", {**context, "url": url})


class ActionView(PanelView):
    """One of the host's actions on a conversation."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, public_id: UUID, name: str) -> HttpResponseBase:
        conversation = get_conversation(request.user, public_id)
        try:
            done = run_action(request, conversation, name)
        except NotFound:
            raise
        except MessengerError as error:
            return self._answer(conversation, words_of(error, conversation), status=error.status)
        if done is None:
            words = _("This did not work. Nothing has been changed.")
            return self._answer(conversation, words, status=500)
        if isinstance(done, HttpResponseBase):
            return self._lead_on(conversation, done)
        return self._answer(conversation, str(done))

    def _lead_on(
        self, conversation: Conversation, response: HttpResponseRedirect
    ) -> HttpResponseBase:
        """Go where the action leads; the script shows a link instead."""
        if not is_fetched(self.request):
            return response
        return self._answer(conversation, _("Done."), link=response["Location"])

    def _answer(
        self, conversation: Conversation, words: str, *, status: int = 200, link: str = ""
    ) -> HttpResponseBase:
        url = conversation_url(conversation, ListQuery.of(self.request.GET))
        is_problem = status != 200
        if is_fetched(self.request):
            context = {"words": words, "is_problem": is_problem, "goto": "top", "url": url}
            context |= {"link": link, "renews_cards": not is_problem}
            return self.piece("_toast.html", context, status=status)
        kind = notices.ERROR if is_problem else notices.SUCCESS
        notices.add_message(self.request, kind, words, fail_silently=True)
        return redirect(url)
