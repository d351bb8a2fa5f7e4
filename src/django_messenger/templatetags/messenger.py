"""``{% load messenger %}``: the chat on the host's own pages."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from django import template
from django.contrib.auth import get_user_model
from django.forms.utils import flatatt
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.translation import get_language

from django_messenger.exceptions import Unavailable
from django_messenger.flags import is_enabled
from django_messenger.models import Inbox
from django_messenger.selectors.conversations import conversations_with_customer
from django_messenger.selectors.inboxes import find_inbox, known_public_inbox
from django_messenger.selectors.unread import MOST, unread_number
from django_messenger.services.identity import sign_identity

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.template import Context
    from django.utils.safestring import SafeString

register = template.Library()

#: So many conversations are listed beside an object of the host's.
_LISTED: Final = 10

#: What the tag takes beside the inbox and the user; each becomes a ``data-`` attribute.
ATTRIBUTES: Final = (
    "lang",
    "position",
    "title",
    "color",
    "layer",
    "hide_launcher",
    "strings",
    "open_on",
    "private",
)


@register.simple_tag(takes_context=True)
def messenger_widget(
    context: Context, inbox: Inbox | str, user: Any = None, **attributes: Any
) -> SafeString | str:
    """Put the chat of an inbox on the page; nothing while the messenger or the inbox is off.

    Args:
        inbox: the inbox, or its widget token.
        user: whom to vouch for by a signed identity, if they are logged in and the inbox takes
            identities. Such a page is for this user alone: no shared cache may keep it.
        attributes: some of ``ATTRIBUTES``; ``True`` for those without a value, a dict for texts.

    Raises:
        TemplateSyntaxError: there is no such attribute.
    """
    unknown = sorted(set(attributes) - set(ATTRIBUTES))
    if unknown:
        known = ", ".join(ATTRIBUTES)
        raise template.TemplateSyntaxError(
            f"messenger_widget knows no {unknown[0]!r}. It takes: {known}."
        )
    token, look = _active(inbox) if is_enabled() else ("", {})
    if not token:
        return ""
    # So that the button changes neither place nor colour when the inbox's settings arrive.
    own = {name: look.get(name) for name in ("color", "position")}
    data = {"lang": get_language(), **own, **attributes}
    tag = {
        "async": True,
        "src": reverse("messenger_widget:loader"),
        "nonce": _nonce(context),
        "data-widget-token": token,
        **{f"data-{name.replace('_', '-')}": _written(value) for name, value in data.items()},
        "data-identity": _identity(inbox, user),
    }
    kept = {name: value for name, value in tag.items() if value not in (None, "")}
    return format_html("<script{}></script>", flatatt(kept))


def _active(inbox: Inbox | str) -> tuple[str, dict[str, Any]]:
    """Return token and appearance of an inbox; no token if there is no such inbox or it is off."""
    if isinstance(inbox, Inbox):
        return inbox.widget_token if inbox.is_active else "", inbox.appearance
    try:
        known = known_public_inbox(str(inbox))
    except Unavailable:
        found = find_inbox(str(inbox))
        return (str(inbox), found.appearance) if found else ("", {})
    return ("", {}) if known is None else (known.token, known.appearance)


def _written(value: Any) -> Any:
    """Return an attribute's value: True and False stay, for attributes that have none."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value


def _nonce(context: Context) -> str:
    """Return the nonce of the page's policy: Django's own, or that of django-csp.

    Both are made when they are read, and put into the policy only then; until then they count as
    false.
    """
    request: HttpRequest | None = getattr(context, "request", None) or context.get("request")
    candidates = (
        context.get("csp_nonce"),
        getattr(request, "_csp_nonce", None),
        getattr(request, "csp_nonce", None),
    )
    return next((str(nonce) for nonce in candidates if nonce is not None), "")


def _identity(inbox: Inbox | str, user: Any) -> str:
    if user is None or not user.is_authenticated:
        return ""
    found = inbox if isinstance(inbox, Inbox) else find_inbox(str(inbox))
    if found is None or found.identity_mode == Inbox.IdentityMode.OFF or not found.identity_secret:
        return ""
    name = user.get_full_name() if hasattr(user, "get_full_name") else ""
    email = getattr(user, user.get_email_field_name(), "")
    return sign_identity(found, external_id=str(user.pk), name=name or "", email=email or "")


@register.simple_tag(takes_context=True)
def messenger_unread_badge(context: Context) -> SafeString | str:
    """Show how many conversations wait for the user of the page to read them; nothing for none,
    for strangers, and while the messenger is off."""
    user = _user_of(context)
    number = unread_number(user) if user is not None and is_enabled() else 0
    if not number:
        return ""
    values = {"number": number, "is_more": number >= MOST, "shown": min(number, MOST - 1)}
    return render_to_string("django_messenger/host/unread_badge.html", values)


@register.simple_tag(takes_context=True)
def messenger_conversations_for(context: Context, obj: Any) -> SafeString | str:
    """List the newest conversations with a customer of the host's that the user of the page may
    see; nothing for strangers, and while the messenger is off.

    A contact is this customer if its external id, which only signed identities bring, is the
    object's ``messenger_external_id`` (a text, or several); of a user object its primary key.

    Raises:
        TemplateSyntaxError: the object is no user and has no ``messenger_external_id``.
    """
    if obj is None or not is_enabled():
        return ""
    external_ids, user = _external_ids_of(obj), _user_of(context)
    if user is None or not external_ids:
        return ""
    found = list(conversations_with_customer(user, external_ids)[: _LISTED + 1])
    try:
        rows = [
            (one, reverse("messenger_panel:conversation", args=[one.public_id]))
            for one in found[:_LISTED]
        ]
    except NoReverseMatch:  # a host without the panel
        return ""
    if not rows:
        return ""
    values = {"rows": rows, "contact": found[0].contact, "is_more": len(found) > _LISTED}
    return render_to_string("django_messenger/host/conversations_for.html", values)


def _user_of(context: Context) -> Any:
    request = getattr(context, "request", None) or context.get("request")
    return getattr(request, "user", None) or context.get("user")


def _external_ids_of(obj: Any) -> list[str]:
    known = getattr(obj, "messenger_external_id", None)
    if callable(known):
        known = known()
    if known is None and isinstance(obj, get_user_model()):
        known = str(obj.pk)
    if not hasattr(obj, "messenger_external_id") and known is None:
        kind = type(obj).__name__
        raise template.TemplateSyntaxError(
            f"messenger_conversations_for: {kind} has no messenger_external_id. Give the class a"
            " property of this name: the external id of the customer's signed identity."
        )
    if isinstance(known, Iterable) and not isinstance(known, str):
        return [str(one) for one in known]
    return [] if known is None else [str(known)]
