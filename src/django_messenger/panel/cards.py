"""What a host adds to a conversation: cards beside it, and actions in its menu.

Hosts derive from ``ContactCard`` and ``HostAction`` and name their classes in
``MESSENGER["CONTACT_CARDS"]`` and ``MESSENGER["ACTIONS"]``.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import transaction
from django.template.loader import render_to_string
from django.utils.text import slugify
from django.utils.translation import gettext as _

from django_messenger.access import get_policy
from django_messenger.conf import import_option
from django_messenger.exceptions import MessengerError, NotFound
from django_messenger.selectors.search import time_limit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponseRedirect
    from django.utils.safestring import SafeString
    from django_stubs_ext import StrOrPromise

    from django_messenger.access import Action
    from django_messenger.models import Contact, Conversation

logger = logging.getLogger("django_messenger")


class _Named:
    """Something with a name in addresses: the class's own unless it gives another.

    Attributes:
        name: small Latin letters, digits, ``-`` and ``_``.
    """

    name: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "name" not in cls.__dict__:
            cls.name = slugify(cls.__name__)


class ContactCard(_Named):
    """A card in the side panel. It comes after the page, and may fail without harm to it.

    Attributes:
        title: its heading.
        template_name: a template of the host's, for the inside of the card.
    """

    title: ClassVar[StrOrPromise] = ""
    template_name: ClassVar[str] = ""

    def has_permission(
        self, request: HttpRequest, contact: Contact, conversation: Conversation
    ) -> bool:
        """Tell whether the user, who sees the conversation, sees the card. Asked with every page:
        it must be cheap."""
        return True

    def get_context(
        self, request: HttpRequest, contact: Contact, conversation: Conversation
    ) -> dict[str, Any]:
        """Return what the template shows. A statement may take two seconds."""
        return {}


class HostAction(_Named):
    """A button in the menu of a conversation.

    Attributes:
        label: what stands on it.
        action: what the user must be permitted to do to the conversation.
        leaves: whether ``run`` leads to another page, which then is opened in place of the panel.
    """

    label: ClassVar[StrOrPromise] = ""
    action: ClassVar[Action] = "reply"
    leaves: ClassVar[bool] = False

    def has_permission(self, request: HttpRequest, conversation: Conversation) -> bool:
        """Tell whether the user, who has ``action``, gets the button. Asked with every page: it
        must be cheap."""
        return True

    def run(self, request: HttpRequest, conversation: Conversation) -> str | HttpResponseRedirect:
        """Do it, in a transaction; return what to say, or where to go.

        Raises:
            MessengerError: it cannot be done, for the reason in its text.
        """
        raise NotImplementedError


def cards_for(request: HttpRequest, conversation: Conversation) -> Sequence[ContactCard]:
    """Return the cards that the user gets beside a conversation that a selector gave them."""
    contact = conversation.contact
    cards: list[ContactCard] = [card() for card in import_option("CONTACT_CARDS")]
    return [c for c in cards if _is_granted(c, request, contact, conversation)]


def actions_for(request: HttpRequest, conversation: Conversation) -> Sequence[HostAction]:
    """Return the host's actions that the user may do to a conversation."""
    actions: list[HostAction] = [action() for action in import_option("ACTIONS")]
    policy, may = get_policy(), {}
    for name in {action.action for action in actions}:
        may[name] = policy.can(request.user, name, conversation)
    return [a for a in actions if may[a.action] and _is_granted(a, request, conversation)]


def render_card(
    request: HttpRequest, conversation: Conversation, name: str
) -> tuple[ContactCard, SafeString | None]:
    """Return a card and its inside, None where the host's code fails or takes too long.

    Raises:
        NotFound: there is no such card for this user.
    """
    card = next((one for one in cards_for(request, conversation) if one.name == name), None)
    if card is None:
        raise NotFound
    contact = conversation.contact
    try:
        with time_limit():
            context = card.get_context(request, contact, conversation)
            context = {"contact": contact, "conversation": conversation, **context}
            return card, render_to_string(card.template_name, context, request)
    except Exception:
        logger.exception("The card %s cannot be shown", type(card).__qualname__)
        return card, None


def run_action(
    request: HttpRequest, conversation: Conversation, name: str
) -> str | HttpResponseRedirect | None:
    """Do a host's action; None where the host's code fails. Nothing is kept of what failed.

    Raises:
        NotFound: there is no such action for this user.
        MessengerError: what the action raised.
    """
    actions = actions_for(request, conversation)
    action = next((one for one in actions if one.name == name), None)
    if action is None:
        raise NotFound
    try:
        with transaction.atomic():
            # Whatever it says, it is done: None would deny that.
            return action.run(request, conversation) or _("Done.")
    except MessengerError:
        raise
    except Exception:
        logger.exception("The action %s failed", type(action).__qualname__)
        return None


def _is_granted(what: ContactCard | HostAction, *args: Any) -> bool:
    try:
        return bool(what.has_permission(*args))
    except Exception:
        logger.exception("%s.has_permission failed", type(what).__qualname__)
        return False
