"""Labels and canned responses, of one branch or of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Q

from django_messenger.access import get_policy
from django_messenger.admin.base import ScopedAdmin
from django_messenger.models import CannedResponse, Label

if TYPE_CHECKING:
    from django.db.models import ForeignKey, QuerySet
    from django.http import HttpRequest


class SharedAdmin(ScopedAdmin):
    """Rows of one branch, and rows for all, which only superusers change."""

    fixed_fields = ("branch",)
    list_select_related = ("branch",)
    list_filter = (("branch", admin.RelatedOnlyFieldListFilter),)

    def in_scope(self, user: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(Q(branch=None) | Q(branch__in=get_policy().branches_for(user)))

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "branch" and not request.user.is_superuser:
            field.required = True
        return field

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_within(request, obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_within(request, obj) and super().has_delete_permission(request, obj)

    @staticmethod
    def _is_within(request: HttpRequest, obj: Any) -> bool:
        return obj is None or obj.branch_id is not None or bool(request.user.is_superuser)


@admin.register(Label)
class LabelAdmin(SharedAdmin):
    """Labels."""

    fields = ("branch", "name", "color")
    list_display = ("name", "branch", "color")
    search_fields = ("name",)


@admin.register(CannedResponse)
class CannedResponseAdmin(SharedAdmin):
    """Canned responses."""

    fields = ("branch", "shortcut", "texts")
    list_display = ("shortcut", "branch")
    search_fields = ("shortcut", "texts")
