"""``{% load messenger %}``: the chat on the host's own pages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from django import template
from django.forms.utils import flatatt
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language

from django_messenger.exceptions import Unavailable
from django_messenger.flags import is_enabled
from django_messenger.models import Inbox
from django_messenger.selectors.inboxes import find_inbox, known_public_inbox
from django_messenger.services.identity import sign_identity

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.template import Context
    from django.utils.safestring import SafeString

register = template.Library()

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
    token = _active_token(inbox) if is_enabled() else ""
    if not token:
        return ""
    data = {"lang": get_language(), **attributes}
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


def _active_token(inbox: Inbox | str) -> str:
    if isinstance(inbox, Inbox):
        return inbox.widget_token if inbox.is_active else ""
    try:
        known = known_public_inbox(str(inbox))
    except Unavailable:
        return str(inbox) if find_inbox(str(inbox)) else ""
    return "" if known is None else known.token


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
