"""What every page of the admin shares: the access policy above Django's permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin, messages
from django.http import HttpResponseRedirect

from django_messenger.access import get_branch_model, get_policy
from django_messenger.exceptions import InvalidInput, MessengerError
from django_messenger.selectors.operators import visible_branches

if TYPE_CHECKING:
    from django.db.models import ForeignKey, QuerySet
    from django.http import HttpRequest, HttpResponse

    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin


class ScopedAdmin(ModelAdmin):
    """Shows only the rows of the branches that the policy gives to the user.

    Attributes:
        branch_path: lookup from a row to its branch.
        fixed_fields: what can be set at creation only.
        secret_fields: what the query string must not ask about.
    """

    branch_path: ClassVar[str] = "branch"
    fixed_fields: ClassVar[tuple[str, ...]] = ()
    secret_fields: ClassVar[frozenset[str]] = frozenset()
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return self.in_scope(request.user, super().get_queryset(request))

    def in_scope(self, user: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow to what the user may see."""
        return rows.filter(**{f"{self.branch_path}__in": get_policy().branches_for(user)})

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return fields if obj is None else (*fields, *self.fixed_fields)

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.related_model is get_branch_model():
            kwargs["queryset"] = visible_branches(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        # Without this, ?secret__startswith=a would tell the secret letter by letter.
        asked = lookup.split("__", 1)[0]
        return asked not in self.secret_fields and super().lookup_allowed(lookup, value, request)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except MessengerError as error:
            for text in error_texts(error):
                self.message_user(request, text, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())


class ReadOnlyAdmin(ScopedAdmin):
    """Rows that only the services write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class KeptAdmin(ReadOnlyAdmin):
    """Rows that are not deleted by hand either."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def error_texts(error: MessengerError) -> list[str]:
    """Return what an error says, one text per problem."""
    if isinstance(error, InvalidInput) and error.errors:
        return [str(problem.message) for problems in error.errors.values() for problem in problems]
    return [str(error.detail)]
