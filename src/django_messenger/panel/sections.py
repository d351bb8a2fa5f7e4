"""The parts of the panel that its navigation leads to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _

from django_messenger.access import get_policy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django_stubs_ext import StrOrPromise

    from django_messenger.access import Action


@dataclass(frozen=True, slots=True)
class Section:
    """One link of the navigation.

    Attributes:
        name: what ``PanelView.section`` of its pages says.
        url_name: of its first page, in the namespace ``messenger_panel``.
        action: what a user must be permitted to do to see it.
        icon: the ``d`` of a path in a box of 24 by 24.
    """

    name: str
    label: StrOrPromise
    url_name: str
    icon: str
    action: Action = "view"


_LENS: Final = "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5 21 21"
_PERSON: Final = "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4 21a8 8 0 0 1 16 0"
_BARS: Final = "M4 20h16M7 16v-4M12 16V6M17 16v-7"
_SLIDERS: Final = "M4 7h9M19 7h1M4 17h1M11 17h9M16 4.5v5M8 14.5v5"

SECTIONS: Final[Sequence[Section]] = (
    Section("inbox", _("Inbox"), "messenger_panel:list", "M4 5h16v11H9l-5 4z"),
    Section("search", _("Search"), "messenger_panel:search", _LENS),
    Section("contacts", _("Contacts"), "messenger_panel:contacts", _PERSON),
    Section("reports", _("Reports"), "messenger_panel:reports", _BARS, "report"),
    Section("settings", _("Settings"), "messenger_panel:settings", _SLIDERS),
)


def sections_for(user: Any) -> list[Section]:
    """Return the sections that a user may open, in the order of the navigation."""
    policy = get_policy()
    return [section for section in SECTIONS if policy.has_permission(user, section.action)]
