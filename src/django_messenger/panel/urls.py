"""The operators' pages: ``path("messenger/", include("django_messenger.panel.urls"))``."""

from __future__ import annotations

from django.urls import path

from django_messenger.panel import views

app_name = "messenger_panel"

urlpatterns = [
    path("", views.ConversationListView.as_view(), name="list"),
    path("<uuid:public_id>/", views.ConversationView.as_view(), name="conversation"),
]
