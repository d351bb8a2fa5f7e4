"""Conversations and what was said in them: to be looked at. The panel is the place to work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from django_messenger.access import get_policy
from django_messenger.admin.base import KeptAdmin, ReadOnlyAdmin, ScopedAdmin
from django_messenger.exceptions import MessengerError
from django_messenger.models import Consent, Conversation, Message, Rating, ReadMark
from django_messenger.services.conversations import change_conversation
from django_messenger.text import preview_of

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest


def visible(user: Any) -> QuerySet[Conversation]:
    """Return the conversations that the user may see, in the admin as everywhere."""
    return get_policy().filter_conversations(user, Conversation.objects.all())


@admin.register(Conversation)
class ConversationAdmin(KeptAdmin):
    """Conversations; several at once may be resolved or closed."""

    fields = (
        "contact",
        "inbox",
        "branch",
        "status",
        "priority",
        "assignee",
        "labels",
        "messages_link",
        "preview",
        "unanswered",
        "last_message_at",
        "waiting_since",
        "first_response_at",
        "snoozed_until",
        "resolved_at",
        "resolved_by",
        "rating",
        "source_url",
        "referrer",
        "locale",
        "attributes",
        "revision",
        "created_at",
    )
    readonly_fields = ("messages_link",)
    list_display = ("contact", "inbox", "status", "priority", "assignee", "last_message_at")
    list_display_links = ("contact",)
    list_select_related = ("contact", "inbox", "assignee")
    list_filter = ("status", "priority", ("inbox", admin.RelatedOnlyFieldListFilter))
    search_fields = ("contact__name", "contact__email", "contact__phone", "preview")
    actions = ("resolve", "close")

    def in_scope(self, user: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
        return get_policy().filter_conversations(user, rows.filter(last_message_at__isnull=False))

    @admin.display(description=_("messages"))
    def messages_link(self, conversation: Conversation) -> str:
        """Lead to the messages of this conversation."""
        url = reverse(f"{self.admin_site.name}:django_messenger_message_changelist")
        return format_html(
            '<a href="{}?conversation__id__exact={}">{}</a>',
            url,
            conversation.pk,
            gettext("Show the messages"),
        )

    def has_status_permission(self, request: HttpRequest) -> bool:
        """Tell whether the user may resolve and close: as in the panel."""
        return super(ScopedAdmin, self).has_change_permission(request)

    @admin.action(permissions=["status"], description=_("Resolve the selected conversations"))
    def resolve(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> None:
        """Resolve those of the conversations whose status allows it."""
        self._change(request, queryset, Conversation.Status.RESOLVED)

    @admin.action(permissions=["status"], description=_("Close the selected conversations"))
    def close(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> None:
        """Close those of the conversations whose status allows it."""
        self._change(request, queryset, Conversation.Status.CLOSED)

    def _change(self, request: HttpRequest, queryset: QuerySet[Conversation], status: str) -> None:
        changed, refused = 0, 0
        for conversation in queryset:
            try:
                change_conversation(user=request.user, conversation=conversation, status=status)
            except MessengerError:
                refused += 1
            else:
                changed += 1
        if changed:
            text = ngettext(
                "%(count)d conversation was changed.",
                "%(count)d conversations were changed.",
                changed,
            )
            self.message_user(request, text % {"count": changed}, messages.SUCCESS)
        if refused:
            text = ngettext(
                "The status of %(count)d conversation does not allow this.",
                "The status of %(count)d conversations does not allow this.",
                refused,
            )
            self.message_user(request, text % {"count": refused}, messages.WARNING)


@admin.register(Message)
class MessageAdmin(KeptAdmin):
    """Messages, those in quarantine included."""

    fields = (
        "conversation",
        "kind",
        "author_contact",
        "author_user",
        "author_name",
        "body",
        "created_at",
        "edited_at",
        "removed_at",
        "quarantined_at",
        "seq",
        "revision",
    )
    list_display = ("created_at", "conversation", "kind", "author_name", "beginning")
    list_select_related = ("conversation__contact",)
    list_filter = ("kind", ("quarantined_at", admin.EmptyFieldListFilter))
    search_fields = ("body",)
    ordering = ("-pk",)

    def in_scope(self, user: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(conversation__in=visible(user))

    @admin.display(description=_("text"))
    def beginning(self, message: Message) -> str:
        """Return the first words; nothing of a removed message."""
        return "" if message.removed_at else preview_of(message.body, length=80)


@admin.register(Rating)
class RatingAdmin(KeptAdmin):
    """What visitors thought of it."""

    fields = ("conversation", "score", "comment", "operator", "rated_at")
    list_display = ("rated_at", "conversation", "score", "operator")
    list_select_related = ("conversation__contact", "operator")
    list_filter = ("score",)

    def in_scope(self, user: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(conversation__in=visible(user))


@admin.register(Consent)
class ConsentAdmin(KeptAdmin):
    """What visitors agreed to."""

    fields = ("contact", "conversation", "text", "url", "locale", "version", "given_at")
    list_display = ("given_at", "contact", "url", "locale")
    list_select_related = ("contact",)

    def in_scope(self, user: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(conversation__in=visible(user))


@admin.register(ReadMark)
class ReadMarkAdmin(ReadOnlyAdmin):
    """Read marks. Deleting a user deletes theirs, hence deletion is allowed."""

    fields = ("conversation", "user", "read_seq")
    list_display = ("user", "conversation", "read_seq")
    list_select_related = ("conversation__contact", "user")

    def in_scope(self, user: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(conversation__in=visible(user))
