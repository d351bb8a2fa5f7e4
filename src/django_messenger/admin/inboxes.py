"""Inboxes, and the default branch where the host has none of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from django_messenger.access import get_policy
from django_messenger.admin.base import ModelAdmin, ScopedAdmin
from django_messenger.models import Branch, Inbox
from django_messenger.services.inboxes import rotate_widget_token, save_inbox

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

    ModelForm = forms.ModelForm[Inbox]
else:
    ModelForm = forms.ModelForm


class SecretField(forms.CharField):
    """A secret that goes in and never out; an empty answer keeps the present one."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password", "size": 60})
        super().__init__(**{"required": False, "widget": widget, "strip": False, **kwargs})

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(data)


class InboxForm(ModelForm):
    """The settings of an inbox."""

    identity_secret = SecretField(
        label=_("identity secret"),
        max_length=200,
        help_text=_("Leave it empty to keep the present one."),
    )
    identity_secret_previous = SecretField(
        label=_("previous identity secret"),
        max_length=200,
        help_text=_(
            "Still accepted, so that a secret can be changed without an interruption."
            " Leave it empty to keep the present one."
        ),
    )
    forget_previous_secret = forms.BooleanField(
        label=_("forget the previous identity secret"), required=False
    )

    def clean_identity_secret(self) -> str:
        """Keep the present secret where none is given."""
        return self.cleaned_data["identity_secret"] or self.instance.identity_secret

    def clean_identity_secret_previous(self) -> str:
        """Keep the present secret where none is given."""
        given = self.cleaned_data["identity_secret_previous"]
        return given or self.instance.identity_secret_previous

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("forget_previous_secret"):
            cleaned["identity_secret_previous"] = ""
        return cleaned


@admin.register(Inbox)
class InboxAdmin(ScopedAdmin):
    """Inboxes are set up here; their branch is chosen once."""

    form = InboxForm
    fixed_fields = ("branch", "widget_token", "previous_widget_token_until", "created_at")
    secret_fields = frozenset(
        {"identity_secret", "identity_secret_previous", "widget_token", "previous_widget_token"}
    )
    list_display = ("name", "branch", "is_active", "identity_mode", "created_at")
    list_select_related = ("branch",)
    list_filter = ("is_active", ("branch", admin.RelatedOnlyFieldListFilter))
    search_fields = ("name",)
    actions = ("rotate_tokens",)
    _settings: ClassVar = (
        (None, {"fields": ("branch", "name", "is_active", "widget_token")}),
        (_("Widget"), {"fields": ("allowed_origins", "locale", "time_zone", "appearance")}),
        (
            _("Before the first message"),
            {"fields": (*Inbox.QUESTIONS.values(), "ask_consent", "consent_url")},
        ),
        (_("What the widget has"), {"fields": tuple(Inbox.SWITCHES.values())}),
        (_("Conversations"), {"fields": ("reopen_hours", "assignment")}),
        (
            _("Signed identity"),
            {
                "fields": (
                    "identity_mode",
                    "identity_secret",
                    "identity_secret_previous",
                    "forget_previous_secret",
                )
            },
        ),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return self._settings
        if not self.has_change_permission(request, obj):
            # A page that only shows would show the secrets too.
            return self._settings[:-1]
        times = ("previous_widget_token_until", "created_at")
        return (*self._settings, (_("Times"), {"fields": times}))

    def save_model(self, request: HttpRequest, obj: Inbox, form: Any, change: Any) -> None:
        save_inbox(obj)

    @admin.action(
        permissions=["change"], description=_("Give the selected inboxes a new widget token")
    )
    def rotate_tokens(self, request: HttpRequest, queryset: QuerySet[Inbox]) -> None:
        """Rotate the tokens of some inboxes; the old ones work for another week."""
        inboxes = list(queryset)
        for inbox in inboxes:
            rotate_widget_token(user=request.user, inbox=inbox)
        text = ngettext(
            "%(count)d inbox has a new widget token; the old one works for another week.",
            "%(count)d inboxes have new widget tokens; the old ones work for another week.",
            len(inboxes),
        )
        self.message_user(request, text % {"count": len(inboxes)}, messages.SUCCESS)


class BranchAdmin(ModelAdmin):
    """The package's own branches."""

    list_display = ("name", "slug", "is_active")
    search_fields = ("name", "slug")
    prepopulated_fields: ClassVar = {"slug": ("name",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        branches = get_policy().branches_for(request.user)
        return super().get_queryset(request).filter(pk__in=branches.values("pk"))


if not Branch._meta.swapped:
    admin.site.register(Branch, BranchAdmin)
