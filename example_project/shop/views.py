"""Pages of the public site. They set no cookie and ask the database next to nothing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from django.views.i18n import set_language as django_set_language

from shop import catalogue

SHOPS = (catalogue.NORTH, catalogue.SOUTH)


@require_safe
def home(request: HttpRequest, shop: catalogue.Shop) -> HttpResponse:
    """Show one shop, with its branch's chat while the messenger is switched on."""
    return render(request, "shop/home.html", {"shop": shop, "shops": SHOPS})


@require_safe
def playground(request: HttpRequest) -> HttpResponse:
    """Show the page where every option of the widget can be tried."""
    return render(request, "shop/playground.html", {"shop": catalogue.NORTH, "shops": SHOPS})


# A language is no secret worth a CSRF cookie on every visitor's first page.
set_language = csrf_exempt(django_set_language)
