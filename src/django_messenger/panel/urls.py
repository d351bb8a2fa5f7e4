"""The operators' pages: ``path("messenger/", include("django_messenger.panel.urls"))``."""

from __future__ import annotations

from django.urls import include, path

from django_messenger.panel import contacts, hosting, inbox, me, merging, search, talk, views

app_name = "messenger_panel"

urlpatterns = [
    path("", inbox.ConversationListView.as_view(), name="list"),
    path("rows/", inbox.RowsView.as_view(), name="rows"),
    path("views/", views.SavedViewsView.as_view(), name="views"),
    path("availability/", me.AvailabilityView.as_view(), name="availability"),
    path("reports/", include("django_messenger.panel.reports.urls")),
    path("settings/", include("django_messenger.panel.settings.urls")),
    path("search/", search.SearchView.as_view(), name="search"),
    path("contacts/", contacts.ContactListView.as_view(), name="contacts"),
    path("contacts/<uuid:public_id>/", contacts.ContactView.as_view(), name="contact"),
    path("contacts/<uuid:public_id>/merge/", merging.MergeView.as_view(), name="contact_merge"),
    path("<uuid:public_id>/", talk.ConversationView.as_view(), name="conversation"),
    path("<uuid:public_id>/tail/", talk.TailView.as_view(), name="tail"),
    path("<uuid:public_id>/canned/", talk.CannedView.as_view(), name="canned"),
    path("<uuid:public_id>/cards/<slug:name>/", hosting.CardView.as_view(), name="card"),
    path("<uuid:public_id>/actions/<slug:name>/", hosting.ActionView.as_view(), name="action"),
]
