"""People on both sides: contacts with their browsers, and operators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from django_messenger.access import get_branch_model, get_policy
from django_messenger.admin.base import ReadOnlyAdmin, ScopedAdmin
from django_messenger.models import Contact, Operator, Visitor
from django_messenger.selectors.operators import visible_branches
from django_messenger.services.contacts import save_contact
from django_messenger.services.operators import give_role
from django_messenger.services.visitors import revoke_visitor

if TYPE_CHECKING:
    from django.db.models import ManyToManyField, QuerySet
    from django.http import HttpRequest

    OperatorModelForm = forms.ModelForm[Operator]
else:
    OperatorModelForm = forms.ModelForm


@admin.register(Contact)
class ContactAdmin(ScopedAdmin):
    """Contacts: who they are may be corrected, where they belong may not."""

    fixed_fields = ("branch", "external_id")
    fields = (
        "branch",
        "external_id",
        "name",
        "email",
        "phone",
        "trust",
        "attributes",
        "blocked_at",
        "erased_at",
        "merged_into",
        "created_at",
    )
    readonly_fields = ("trust", "erased_at", "merged_into", "created_at")
    list_display = ("__str__", "email", "phone", "trust", "branch", "created_at")
    list_select_related = ("branch",)
    list_filter = ("trust", ("branch", admin.RelatedOnlyFieldListFilter))
    search_fields = ("name", "email", "phone", "external_id")

    def save_model(self, request: HttpRequest, obj: Contact, form: Any, change: Any) -> None:
        save_contact(obj)


@admin.register(Visitor)
class VisitorAdmin(ReadOnlyAdmin):
    """Browsers: to be looked at, and to be logged out."""

    branch_path = "inbox__branch"
    secret_fields = frozenset({"token_hash"})
    fields = ("inbox", "contact", "created_at", "last_seen_at", "expires_at", "revoked_at")
    list_display = ("contact", "inbox", "last_seen_at", "expires_at", "revoked_at")
    list_display_links = ("last_seen_at",)
    list_select_related = ("contact", "inbox")
    list_filter = (("inbox", admin.RelatedOnlyFieldListFilter),)
    search_fields = ("contact__name", "contact__email")
    actions = ("revoke",)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Tell whether the user may end sessions: it takes the permission to change visitors."""
        return super(ScopedAdmin, self).has_change_permission(request)

    @admin.action(
        permissions=["revoke"], description=_("End the sessions of the selected visitors")
    )
    def revoke(self, request: HttpRequest, queryset: QuerySet[Visitor]) -> None:
        """End the sessions of some browsers and make their tokens worthless."""
        visitors = list(queryset)
        for visitor in visitors:
            revoke_visitor(visitor=visitor)
        text = ngettext(
            "The sessions of %(count)d visitor have ended.",
            "The sessions of %(count)d visitors have ended.",
            len(visitors),
        )
        self.message_user(request, text % {"count": len(visitors)}, messages.SUCCESS)


class OperatorForm(OperatorModelForm):
    """An operator, with the role as a way to the right group."""

    role = forms.ChoiceField(
        label=_("role"),
        required=False,
        choices=[
            ("", _("Leave the user's groups as they are")),
            ("operator", _("Operator")),
            ("supervisor", _("Supervisor")),
        ],
        help_text=_("Puts the user into the group whose permissions the role needs."),
    )


@admin.register(Operator)
class OperatorAdmin(ScopedAdmin):
    """Operators. Branches that the user may not see stay as they are."""

    form = OperatorForm
    fixed_fields = ("user",)
    fields = ("user", "display_name", "branches", "is_active", "availability", "capacity", "role")
    list_display = ("display_name", "user", "is_active", "availability", "capacity")
    list_select_related = ("user",)
    list_filter = ("is_active", "availability")
    search_fields = ("display_name",)
    raw_id_fields = ("user",)
    _without_role: ClassVar = fields[:-1]

    def in_scope(self, user: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
        if user.is_superuser:
            return rows
        shared = get_policy().branches_for(user).filter(pk=OuterRef("branches"))
        ids = Operator.objects.filter(Exists(shared)).values("pk")
        return rows.filter(pk__in=ids)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        # Groups carry more than our permissions: only superusers give them away.
        return self.fields if request.user.is_superuser else self._without_role

    def formfield_for_manytomany(
        self, db_field: ManyToManyField[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.related_model is get_branch_model():
            kwargs["queryset"] = visible_branches(request.user)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        operator = form.instance
        visible = visible_branches(request.user).values("pk")
        hidden = list(operator.branches.exclude(pk__in=visible))
        super().save_related(request, form, formsets, change)
        operator.branches.add(*hidden)
        role = form.cleaned_data.get("role")
        # A form takes declared fields also where the page does not show them.
        if role and request.user.is_superuser:
            give_role(user=operator.user, role=role)
