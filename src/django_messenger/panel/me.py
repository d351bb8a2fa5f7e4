"""What operators say about themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from django_messenger.panel.availability import CHOICES, availability_of
from django_messenger.panel.base import PanelView
from django_messenger.services.attendance import be_available

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase


class AvailabilityView(PanelView):
    """``POST`` from the navigation: ``availability``, and ``next``, the page to come back to.

    It leads back there in any case, and changes nothing for those who are not offered the choice.
    """

    http_method_names = ("post",)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        chosen = request.POST.get("availability", "")
        if chosen in CHOICES and availability_of(request.user):
            be_available(user=request.user, availability=chosen)
        back = request.POST.get("next", "")
        own = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
        # Not redirect(): it would take a word for the name of a view.
        return HttpResponseRedirect(back if own else resolve_url("messenger_panel:list"))
