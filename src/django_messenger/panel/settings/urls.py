"""The pages of the settings, at ``settings/`` of the panel and in its namespace."""

from __future__ import annotations

from django.urls import path

from django_messenger.panel.settings import inboxes, own

_INBOX = "inboxes/<uuid:public_id>/"

urlpatterns = [
    path("", own.OwnView.as_view(), name="settings"),
    path("inboxes/", inboxes.InboxListView.as_view(), name="inboxes"),
    path("inboxes/new/", inboxes.NewInboxView.as_view(), name="inbox_new"),
    path(_INBOX, inboxes.InboxView.as_view(), name="inbox"),
    path(f"{_INBOX}switch/", inboxes.InboxSwitchView.as_view(), name="inbox_switch"),
    path(f"{_INBOX}token/", inboxes.InboxTokenView.as_view(), name="inbox_token"),
    path(f"{_INBOX}delete/", inboxes.InboxDeleteView.as_view(), name="inbox_delete"),
    path(f"{_INBOX}<slug:part>/", inboxes.InboxView.as_view(), name="inbox_part"),
]
