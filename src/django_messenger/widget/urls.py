"""The visitors' URLs, mounted at ``api/widget/``."""

from __future__ import annotations

from django.urls import path

from django_messenger.widget import views
from django_messenger.widget.loader import loader

app_name = "messenger_widget"

urlpatterns = [
    path("config/", views.ConfigView.as_view(), name="config"),
    path("bootstrap/", views.BootstrapView.as_view(), name="bootstrap"),
    path("send/", views.SendView.as_view(), name="send"),
    path("poll/", views.PollView.as_view(), name="poll"),
    path("read/", views.ReadView.as_view(), name="read"),
    path("typing/", views.TypingView.as_view(), name="typing"),
    path("stream/", views.StreamView.as_view(), name="stream"),
    path("loader.js", loader, name="loader"),
]
