"""Only the visitors' part, mounted alone."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [path("api/widget/", include("django_messenger.widget.urls"))]
