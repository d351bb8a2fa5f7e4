"""The pages of the settings, at ``settings/`` of the panel and in its namespace."""

from __future__ import annotations

from django.urls import path

from django_messenger.panel.settings import inboxes, own, people, shortcuts

_INBOX = "inboxes/<uuid:public_id>/"

urlpatterns = [
    path("", own.OwnView.as_view(), name="settings"),
    path("inboxes/", inboxes.InboxListView.as_view(), name="inboxes"),
    path("inboxes/new/", inboxes.NewInboxView.as_view(), name="inbox_new"),
    path(_INBOX, inboxes.InboxView.as_view(), name="inbox"),
    path(f"{_INBOX}switch/", inboxes.InboxSwitchView.as_view(), name="inbox_switch"),
    path(f"{_INBOX}token/", inboxes.InboxTokenView.as_view(), name="inbox_token"),
    path(f"{_INBOX}delete/", inboxes.InboxDeleteView.as_view(), name="inbox_delete"),
    path(f"{_INBOX}preview/", inboxes.InboxPreviewView.as_view(), name="inbox_preview"),
    path(f"{_INBOX}<slug:part>/", inboxes.InboxView.as_view(), name="inbox_part"),
    path("canned/", shortcuts.CannedListView.as_view(), name="canned_list"),
    path("canned/new/", shortcuts.CannedView.as_view(), name="canned_new"),
    path("canned/<int:pk>/", shortcuts.CannedView.as_view(), name="canned_edit"),
    path("labels/", shortcuts.LabelListView.as_view(), name="label_list"),
    path("labels/new/", shortcuts.LabelView.as_view(), name="label_new"),
    path("labels/<int:pk>/", shortcuts.LabelView.as_view(), name="label_edit"),
    path("operators/", people.OperatorListView.as_view(), name="operators"),
    path("operators/new/", people.NewOperatorView.as_view(), name="operator_new"),
    path("operators/<int:pk>/", people.OperatorView.as_view(), name="operator"),
    path("operators/<int:pk>/switch/", people.SwitchView.as_view(), name="operator_switch"),
    path("branches/", people.BranchListView.as_view(), name="branches"),
]
