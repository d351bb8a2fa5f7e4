"""How the panel's templates show texts, people and times."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from django import template
from django.utils import timezone
from django.utils.formats import date_format, get_format
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext as _

from django_messenger.access import get_policy
from django_messenger.panel.times import local_time
from django_messenger.panel.waiting import wait_level
from django_messenger.selectors.ratings import rating_of

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django_messenger.access import Action
    from django_messenger.models import CannedResponse, Conversation

register = template.Library()

_URL: Final = re.compile(
    r"https?://[^\s<>\"'`\\|{}^\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]+", re.I
)
#: Punctuation, closing quotes and the ellipsis: an address does not end with them.
_TAIL: Final = frozenset(".,;:!?*_\u2019\u201d\u00bb\u2026")
_LINK: Final = '<a href="{}" target="_blank" rel="noopener noreferrer nofollow">{}</a>'
#: Longest name of a host in the DNS.
_MAX_HOST: Final = 253
_HUES: Final = 6


@register.filter
def dm_links(text: str) -> SafeString:
    """Escape a text and make links of its http and https addresses, in linear time."""
    parts: list[str] = []
    end = 0
    for found in _URL.finditer(text):
        url = _without_tail(found[0])
        parts.append(escape(text[end : found.start()]))
        parts.append(_link(url))
        end = found.start() + len(url)
    parts.append(escape(text[end:]))
    return mark_safe("".join(parts))  # noqa: S308 - every part is escaped


def _without_tail(url: str) -> str:
    """Leave out punctuation that ends the sentence rather than the address."""
    end = len(url)
    surplus = url.count(")") - url.count("(")
    while end and (url[end - 1] in _TAIL or (url[end - 1] == ")" and surplus > 0)):
        surplus -= url[end - 1] == ")"
        end -= 1
    return url[:end]


def _link(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        shown = url if host.isascii() else url.replace(parts.netloc, _readable(host), 1)
    except ValueError:  # UnicodeError included
        return escape(url)
    # A name before the host is there to deceive: http://bank.example@evil.example
    if not host or "@" in parts.netloc:
        return escape(url)
    return format_html(_LINK, url, shown)


def _readable(host: str) -> str:
    """Return the host as it may be shown: in ASCII where a label mixes alphabets.

    Raises:
        UnicodeError: it is no host at all.
    """
    if len(host) > _MAX_HOST:
        raise UnicodeError
    encoded = host.encode("idna").decode()
    return encoded if any(map(_mixes_alphabets, host.split("."))) else host


def _mixes_alphabets(label: str) -> bool:
    return len({unicodedata.name(char, "?").split()[0] for char in label if char.isalpha()}) > 1


@register.filter
def dm_time(moment: datetime) -> SafeString:
    """Show a moment shortly, as a clock time today and as a date before; the title has both."""
    local = local_time(moment)
    today = local_time(timezone.now()).date()
    if local.date() == today:
        short = date_format(local, "TIME_FORMAT")
    elif local.year == today.year:
        short = date_format(local, _month_day())
    else:
        short = date_format(local, "SHORT_DATE_FORMAT")
    return _time(local, short)


def _month_day() -> str:
    """Return the format of a day of this year; where months are declined, with them declined."""
    short: str = get_format("MONTH_DAY_FORMAT")
    return short.replace("F", "E") if "E" in get_format("DATE_FORMAT") else short


@register.filter
def dm_clock(moment: datetime) -> SafeString:
    """Show only the clock time of a moment whose day is known."""
    local = local_time(moment)
    return _time(local, date_format(local, "TIME_FORMAT"))


@register.filter
def dm_full_time(moment: datetime) -> SafeString:
    """Show the day and the clock time of a moment."""
    local = local_time(moment)
    return _time(local, date_format(local, "DATETIME_FORMAT"))


@register.filter
def dm_until(moment: datetime) -> SafeString:
    """Show a day and a clock time shortly: the year only of another one."""
    local = local_time(moment)
    if local.year != local_time(timezone.now()).year:
        return dm_full_time(moment)
    day = date_format(local, _month_day())
    return _time(local, f"{day}, {date_format(local, 'TIME_FORMAT')}")


def _time(local: datetime, shown: str) -> SafeString:
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(timespec="seconds"),
        date_format(local, "DATETIME_FORMAT"),
        shown,
    )


@register.filter
def dm_day(moment: datetime) -> str:
    """Name the day of a moment."""
    local = local_time(moment)
    days = (local_time(timezone.now()).date() - local.date()).days
    names = {0: _("Today"), 1: _("Yesterday")}
    return names.get(days) or date_format(local, "DATE_FORMAT")


@register.filter
def dm_elapsed(moment: datetime) -> str:
    """Return the time since a moment shortly, such as “5 min”; the script goes on counting."""
    minutes = int((timezone.now() - moment).total_seconds() // 60)
    if minutes < 1:
        return _("< 1 min")
    if minutes < 60:
        return _("{} min").format(minutes)
    hours = minutes // 60
    return _("{} h").format(hours) if hours < 48 else _("{} d").format(hours // 24)


@register.filter
def dm_wait_level(since: datetime) -> str:
    """Judge how long a visitor has waited: ``ok``, ``soon`` or ``late``."""
    return wait_level(since)


@register.filter
def dm_day_key(moment: datetime) -> str:
    """Return the day of a moment for programs."""
    return local_time(moment).date().isoformat()


@register.filter
def dm_stamp(moment: datetime) -> str:
    """Return a moment for programs, with its offset."""
    return local_time(moment).isoformat(timespec="seconds")


@register.filter
def dm_initials(name: str) -> str:
    """Return up to two initials of a name."""
    words = [word for word in name.split() if word[0].isalnum()]
    return "".join(word[0] for word in words[:2]).upper() or "?"


@register.filter
def dm_hue(public_id: UUID) -> int:
    """Return one of the six colours of round pictures, always the same for the same person."""
    return public_id.int % _HUES


@register.filter
def dm_language(code: str) -> str:
    """Return a language's own name for itself; a host may have languages that Django lacks."""
    try:
        return str(get_language_info(code)["name_local"]).capitalize()
    except KeyError:
        return code


@register.filter
def dm_own_text(answer: CannedResponse) -> str:
    """Return the text of a canned response in the language of the page, or in what it has."""
    return answer.text_for(get_language() or "")


@register.simple_tag(takes_context=True)
def dm_may(context: template.Context, action: Action) -> bool:
    """Tell whether whoever looks at the page may do ``action`` at all."""
    return get_policy().has_permission(context["request"].user, action)


@register.inclusion_tag("django_messenger/panel/_rating.html")
def dm_rating(conversation: Conversation) -> dict[str, Any]:
    """Show what the visitor thought of a conversation, if they have said it."""
    return {"conversation": conversation, "rating": rating_of(conversation)}
