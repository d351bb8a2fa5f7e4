"""One's own preferences: sound, notifications, keys, language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from django_messenger.panel.settings.base import SettingsPage
from django_messenger.selectors.preferences import Preferences, preferences_of
from django_messenger.services.preferences import save_preferences

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse, HttpResponseBase


class OwnView(SettingsPage):
    """What everybody sets for themselves; also the first page of the settings."""

    action = "view"
    tab = "own"

    def get(self, request: HttpRequest) -> HttpResponse:
        context = {"preferences": preferences_of(request.user)}
        return self.page("settings/own.html", context)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        chosen = Preferences(
            sound="sound" in request.POST,
            notify="notify" in request.POST,
            keys="keys" in request.POST,
            enter=request.POST.get("enter") == "1",
        )
        save_preferences(user=request.user, preferences=chosen)
        return self.done(reverse("messenger_panel:settings"), _("Your preferences are saved."))
