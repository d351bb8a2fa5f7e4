"""All three faces at their usual paths: ``path("", include("django_messenger.urls"))``."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("api/widget/", include("django_messenger.widget.urls")),
    path("api/messenger/", include("django_messenger.operators.urls")),
    path("messenger/", include("django_messenger.panel.urls")),
]
