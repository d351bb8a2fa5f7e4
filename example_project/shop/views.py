"""Pages of the public site. They set no cookie and ask the database nothing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from django.views.i18n import set_language as django_set_language

from django_messenger.flags import is_enabled
from shop import catalogue


@require_safe
def home(request: HttpRequest, shop: catalogue.Shop) -> HttpResponse:
    """Show one shop, with its branch's chat while the messenger is switched on."""
    context = {
        "shop": shop,
        "shops": (catalogue.NORTH, catalogue.SOUTH),
        "chat_enabled": is_enabled(),
    }
    return render(request, "shop/home.html", context)


# A language is no secret worth a CSRF cookie on every visitor's first page.
set_language = csrf_exempt(django_set_language)
