"""What every page of the panel does first: the switch, the login, the permission."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.contrib.messages import get_messages
from django.db import InterfaceError, OperationalError, transaction
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.generic import View

from django_messenger.access import PERMISSIONS, get_policy
from django_messenger.conf import conf
from django_messenger.exceptions import NotFound
from django_messenger.panel.availability import availability_of
from django_messenger.panel.fetched import FRAGMENT, is_fetched
from django_messenger.panel.frame import page_template
from django_messenger.panel.sections import sections_for
from django_messenger.panel.words import script_config
from django_messenger.selectors.operators import staff_name
from django_messenger.utils import ensure_messenger_enabled_view

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse, HttpResponseBase

    from django_messenger.access import Action

logger = logging.getLogger("django_messenger")


class PanelView(View):
    """Base of the pages.

    Attributes:
        action: what a user must be permitted to do to open the page.
        section: the name of the section that the navigation marks.
    """

    action: ClassVar[Action] = "view"
    section: ClassVar[str] = "inbox"

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:
        """Return the view.

        Login and CSRF are checked inside, after the switch, so that a messenger that is off
        answers 404 whatever the host's middleware demands. It runs outside ``ATOMIC_REQUESTS``:
        services have transactions of their own.
        """
        view = transaction.non_atomic_requests(super().as_view(**initkwargs))
        return csrf_exempt(login_not_required(view))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        ensure_messenger_enabled_view()
        try:
            response = self._admit(request, *args, **kwargs)
        except NotFound as error:
            raise Http404 from error
        except (OperationalError, InterfaceError) as error:
            logger.warning("The database is not available: %s", type(error).__name__)
            response = self._unavailable()
        add_never_cache_headers(response)
        return response

    def page(self, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        """Render a page of ``templates/django_messenger/panel/``, or the script's part of it."""
        fetched = is_fetched(self.request)
        context = {
            "dm_base": FRAGMENT if fetched else page_template(),
            "theme": conf.THEME,
            "operator_name": staff_name(self.request.user),
            "own_key": str(self.request.user.pk),
            "notices": get_messages(self.request),
            "address": self.request.get_full_path(),
            **({} if fetched else self._around()),
            **context,
        }
        return self.piece(template, context, status=status)

    def piece(self, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        """Render a template of ``templates/django_messenger/panel/`` and nothing around it."""
        name = f"django_messenger/panel/{template}"
        return render(self.request, name, context, status=status)

    def _admit(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(self._page_after_login())
        if not get_policy().has_permission(request.user, self.action):
            return self.page("denied.html", {"permission": PERMISSIONS[self.action]}, status=403)
        return csrf_protect(super().dispatch)(request, *args, **kwargs)

    def _page_after_login(self) -> str:
        """What was posted is gone by then; the page it was posted to is not, if it is one."""
        if self.request.method in ("GET", "HEAD"):
            return self.request.get_full_path()
        return self.request.path if hasattr(self, "get") else reverse("messenger_panel:list")

    def _around(self) -> dict[str, Any]:
        """Return what stands around ``dm_main``: the navigation, and what the script reads."""
        user = self.request.user
        return {
            "dm_config": script_config(user),
            "sections": sections_for(user),
            "section": self.section,
            "availability": availability_of(user),
        }

    def _unavailable(self) -> HttpResponse:
        context = {"theme": conf.THEME}
        name = "django_messenger/panel/unavailable.html"
        response = render(self.request, name, context, status=503)
        response["Retry-After"] = "5"
        return response
