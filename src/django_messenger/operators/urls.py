"""The operator API: ``path("api/messenger/", include("django_messenger.operators.urls"))``."""

from __future__ import annotations

from django.urls import path

from django_messenger.operators.views import (
    contacts,
    conversations,
    directory,
    inboxes,
    presence,
    search,
    stream,
    views,
    work,
)

app_name = "messenger_operators"

# Ids are taken as text: a malformed one then looks exactly like an unknown one.
urlpatterns = [
    path("me/", presence.Me.as_view(), name="me"),
    path("me/presence/", presence.Presence.as_view(), name="me-presence"),
    path("operators/", presence.Team.as_view(), name="operators"),
    path("stream/", stream.Stream.as_view(), name="stream"),
    path("inboxes/", inboxes.InboxList.as_view(), name="inboxes"),
    path("inboxes/<str:public_id>/", inboxes.InboxDetail.as_view(), name="inbox"),
    path(
        "inboxes/<str:public_id>/rotate-token/",
        inboxes.InboxRotateToken.as_view(),
        name="inbox-rotate-token",
    ),
    path("conversations/", conversations.ConversationList.as_view(), name="conversations"),
    path(
        "conversations/changes/",
        conversations.ConversationChanges.as_view(),
        name="conversation-changes",
    ),
    path("conversations/bulk/", work.Bulk.as_view(), name="conversations-bulk"),
    path(
        "conversations/<str:public_id>/",
        conversations.ConversationDetail.as_view(),
        name="conversation",
    ),
    path(
        "conversations/<str:public_id>/messages/",
        conversations.ConversationMessages.as_view(),
        name="conversation-messages",
    ),
    path(
        "conversations/<str:public_id>/messages/<str:message_id>/",
        work.OneMessage.as_view(),
        name="conversation-message",
    ),
    path(
        "conversations/<str:public_id>/messages/<str:message_id>/remove/",
        work.RemoveMessage.as_view(),
        name="conversation-message-remove",
    ),
    path(
        "conversations/<str:public_id>/unread/", work.Unread.as_view(), name="conversation-unread"
    ),
    path(
        "conversations/<str:public_id>/assignments/",
        work.Assignments.as_view(),
        name="conversation-assignments",
    ),
    path(
        "conversations/<str:public_id>/hand-over/",
        work.HandOver.as_view(),
        name="conversation-hand-over",
    ),
    path("conversations/<str:public_id>/draft/", work.Drafts.as_view(), name="conversation-draft"),
    path(
        "conversations/<str:public_id>/assign/",
        conversations.ConversationAssign.as_view(),
        name="conversation-assign",
    ),
    path(
        "conversations/<str:public_id>/read/",
        conversations.ConversationRead.as_view(),
        name="conversation-read",
    ),
    path(
        "conversations/<str:public_id>/typing/",
        conversations.ConversationTyping.as_view(),
        name="conversation-typing",
    ),
    path("search/", search.Search.as_view(), name="search"),
    path("contacts/", directory.ContactList.as_view(), name="contacts"),
    path("contacts/<str:public_id>/", contacts.ContactDetail.as_view(), name="contact"),
    path("contacts/<str:public_id>/block/", contacts.BlockContact.as_view(), name="contact-block"),
    path(
        "contacts/<str:public_id>/unblock/",
        contacts.UnblockContact.as_view(),
        name="contact-unblock",
    ),
    path("contacts/<str:public_id>/merge/", contacts.MergeContact.as_view(), name="contact-merge"),
    path(
        "contacts/<str:public_id>/unmerge/",
        contacts.UnmergeContact.as_view(),
        name="contact-unmerge",
    ),
    path("saved-views/", views.Views.as_view(), name="saved-views"),
    path("saved-views/<str:view_id>/", views.OneView.as_view(), name="saved-view"),
    path("hand-over-inboxes/", work.HandOverInboxes.as_view(), name="hand-over-inboxes"),
    path("canned-responses/", directory.CannedResponseList.as_view(), name="canned-responses"),
    path("labels/", directory.LabelList.as_view(), name="labels"),
]
