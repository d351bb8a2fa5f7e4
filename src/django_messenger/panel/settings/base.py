"""What the pages of the settings share: their own navigation, and forms that lose nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.contrib import messages as notices
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from django_messenger.access import get_policy
from django_messenger.panel.base import PanelView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse, HttpResponseBase
    from django_stubs_ext import StrOrPromise

    from django_messenger.access import Action


@dataclass(frozen=True, slots=True)
class Tab:
    """One link of the settings' navigation.

    Attributes:
        name: what ``SettingsPage.tab`` of its pages says.
        url_name: of its first page, in the namespace ``messenger_panel``.
        action: what a user must be permitted to do to see it.
    """

    name: str
    label: StrOrPromise
    url_name: str
    action: Action = "manage"


TABS: Final[Sequence[Tab]] = (
    Tab("own", _("My preferences"), "messenger_panel:settings", "view"),
    Tab("inboxes", _("Inboxes"), "messenger_panel:inboxes"),
    Tab("canned", _("Canned responses"), "messenger_panel:canned_list"),
    Tab("labels", _("Labels"), "messenger_panel:label_list"),
    Tab("operators", _("Operators"), "messenger_panel:operators"),
    Tab("branches", _("Branches"), "messenger_panel:branches"),
)


class SettingsPage(PanelView):
    """Base of the pages.

    Attributes:
        tab: the name of the tab that the navigation marks.
    """

    section = "settings"
    action: ClassVar[Action] = "manage"
    tab: ClassVar[str]

    def page(self, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        if template == "denied.html":
            template = "settings/denied.html"
        policy, user = get_policy(), self.request.user
        tabs = [tab for tab in TABS if policy.has_permission(user, tab.action)]
        context = {"tabs": tabs, "tab": self.tab, **context}
        return super().page(template, context, status=status)

    def done(self, url: str, words: str) -> HttpResponseBase:
        """Go on to a page and say there what has been done."""
        notices.success(self.request, words, fail_silently=True)
        return redirect(url)
