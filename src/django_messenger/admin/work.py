"""What operators' work leaves behind: to be looked at by those who must know what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Q

from django_messenger.access import get_policy
from django_messenger.admin.base import KeptAdmin, ReadOnlyAdmin
from django_messenger.admin.conversations import visible
from django_messenger.models import AssignmentLog, ContactMerge, MessageRevision, SavedView

if TYPE_CHECKING:
    from django.db.models import QuerySet


@admin.register(MessageRevision)
class MessageRevisionAdmin(KeptAdmin):
    """What messages said before they were edited or removed."""

    fields = ("message", "body", "removed", "by", "reason", "created_at")
    list_display = ("created_at", "message", "removed", "by", "reason")
    list_select_related = ("message", "by")
    list_filter = ("removed",)

    def in_scope(self, user: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(message__conversation__in=visible(user))


@admin.register(AssignmentLog)
class AssignmentLogAdmin(KeptAdmin):
    """Who got a conversation from whom, and why."""

    fields = (
        "conversation",
        "cause",
        "previous",
        "assignee",
        "by",
        "reason",
        "trace",
        "created_at",
    )
    list_display = ("created_at", "conversation", "cause", "previous", "assignee", "by")
    list_select_related = ("conversation__contact", "previous", "assignee", "by")
    list_filter = ("cause",)

    def in_scope(self, user: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(conversation__in=visible(user))


@admin.register(ContactMerge)
class ContactMergeAdmin(KeptAdmin):
    """Which contacts became one."""

    branch_path = "contact__branch"
    fields = ("contact", "merged", "by", "moved", "created_at", "undone_by", "undone_at")
    list_display = ("created_at", "contact", "merged", "by", "undone_at")
    list_select_related = ("contact", "merged", "by")


@admin.register(SavedView)
class SavedViewAdmin(ReadOnlyAdmin):
    """Saved views. Deleting a user deletes theirs, hence deletion is allowed."""

    fields = ("name", "user", "branch", "query", "created_at")
    list_display = ("name", "user", "branch")
    list_select_related = ("user", "branch")

    def in_scope(self, user: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
        shared = Q(branch__in=get_policy().branches_for(user))
        return rows.filter(shared | Q(user=user.pk))
