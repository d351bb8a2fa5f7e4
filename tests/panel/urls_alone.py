"""A host that mounts the panel alone, at a path of its own, and lets people choose a language."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("office/chat/", include("django_messenger.panel.urls")),
    path("language/", include("django.conf.urls.i18n")),
]
