"""What the panel's script is told: where to ask, and how to say things."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from django_messenger.panel.waiting import LATE, SOON
from django_messenger.selectors.preferences import preferences_of

#: Stands in addresses for the id of a conversation.
_ANY_ID = "00000000-0000-0000-0000-000000000000"


def script_config(user: Any) -> dict[str, Any]:
    """Return what ``panel.js`` reads from the page: addresses, limits, preferences, words.

    Without the operators' API the addresses of its calls are empty, and the panel is not live.
    """
    return {
        "user": str(user.pk),
        "list": reverse("messenger_panel:list"),
        "rows": reverse("messenger_panel:rows"),
        "tail": reverse("messenger_panel:tail", args=[_ANY_ID]),
        "canned": reverse("messenger_panel:canned", args=[_ANY_ID]),
        "talk": reverse("messenger_panel:conversation", args=[_ANY_ID]),
        "changes": _api("conversation-changes"),
        "stream": _api("stream"),
        "presence": _api("me-presence"),
        "typing": _api("conversation-typing", _ANY_ID),
        "draft": _api("conversation-draft", _ANY_ID),
        "any": _ANY_ID,
        "soon": SOON,
        "late": LATE,
        "prefs": asdict(preferences_of(user)),
        "words": _words(),
    }


def _api(name: str, *args: str) -> str:
    try:
        return reverse(f"messenger_operators:{name}", args=args)
    except NoReverseMatch:
        return ""


def _words() -> dict[str, str]:
    """Return the texts of the script; ``{}`` stands for a number or a name."""
    return {
        "now": _("< 1 min"),
        "min": _("{} min"),
        "hour": _("{} h"),
        "day": _("{} d"),
        "ok": "",
        "soon": "· " + _("due soon"),
        "late": "· " + _("overdue"),
        "news": _("New conversations: {}"),
        "below": _("New messages"),
        "lost": _("No connection. What you write is kept."),
        "back": _("Connected again."),
        "failed": _("Not sent."),
        "refused": _("This did not work. Try again."),
        "sending": _("Sending…"),
        "unfilled": _("Fill in what stands in {{ }}, or send it once more as it is."),
        "login": _("You are logged out. Log in again: what you have written is kept."),
        "empty": _("Nothing found"),
        "visitor": _("Visitor"),
        "named": "@ " + _("You are named"),
    }
