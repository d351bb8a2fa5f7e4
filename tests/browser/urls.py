"""The visitors' part alone, and the static files, as a web server would serve them."""

from __future__ import annotations

from django.contrib.staticfiles.views import serve
from django.urls import include, path

urlpatterns = [
    path("api/widget/", include("django_messenger.widget.urls")),
    path("static/<path:path>", serve, {"insecure": True}),
]
