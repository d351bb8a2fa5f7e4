"""The visitors' URLs, mounted at ``api/widget/``."""

from __future__ import annotations

from django.urls import path

from django_messenger.widget import views
from django_messenger.widget.hosted import chat
from django_messenger.widget.loader import loader

app_name = "messenger_widget"

urlpatterns = [
    path("config/", views.ConfigView.as_view(), name="config"),
    path("bootstrap/", views.BootstrapView.as_view(), name="bootstrap"),
    path("send/", views.SendView.as_view(), name="send"),
    path("poll/", views.PollView.as_view(), name="poll"),
    path("read/", views.ReadView.as_view(), name="read"),
    path("typing/", views.TypingView.as_view(), name="typing"),
    path("history/", views.HistoryView.as_view(), name="history"),
    path("identify/", views.IdentifyView.as_view(), name="identify"),
    path("rate/", views.RateView.as_view(), name="rate"),
    path("end-session/", views.EndSessionView.as_view(), name="end-session"),
    path("stream/", views.StreamView.as_view(), name="stream"),
    path("loader.js", loader, name="loader"),
    path("chat/<str:widget_token>/", chat, name="chat"),
]
