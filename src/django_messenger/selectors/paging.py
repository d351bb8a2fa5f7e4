"""Pages of a list by keyset: each costs the same however deep it lies, and rows that come or go
meanwhile make none twice and none missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from django.core import signing
from django.db.models import F, Model, OrderBy, Q, Subquery
from django.utils.translation import gettext_lazy as _

from django_messenger.exceptions import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

PAGE: Final = 50

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Sort:
    """The order of a list: by one column, ties by primary key in the same direction.

    ``nullable`` columns have their NULLs at the end; without ``field`` the key alone decides.
    """

    field: str = ""
    descending: bool = False
    nullable: bool = False

    def apply(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        """Return the rows in this order."""
        ties = "-pk" if self.descending else "pk"
        if not self.field:
            return rows.order_by(ties)
        nulls_last = True if self.nullable else None
        column = OrderBy(F(self.field), descending=self.descending, nulls_last=nulls_last)
        return rows.order_by(column, ties)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows in order, and the cursors of the pages around, None where there is no such page."""

    rows: Sequence[Row]
    next: str | None
    previous: str | None


def read_page(
    rows: QuerySet[Row],
    sort: Sort,
    cursor: str = "",
    *,
    size: int = PAGE,
    is_wide: bool = False,
) -> Page[Row]:
    """Return the page at ``cursor``, the first one without.

    Cursors are signed and fit one kind of list only; they hold no primary key where the model has
    a public one.

    Args:
        is_wide: rows take much together, and there are thousands: their keys are sorted alone in
            a query before. PostgreSQL would join all of them before it sorts.

    Raises:
        InvalidInput: this list never gave out such a cursor.
    """
    salt = f"django_messenger.page.{rows.model._meta.label}.{sort.field}"
    places, backwards = sort.apply(rows), False
    if cursor:
        backwards, value, identity = _decode(cursor, salt)
        places = places.filter(_beyond(rows.model, sort, value, identity, backwards=backwards))
    ordered = (places.reverse() if backwards else places)[: size + 1]
    if is_wide:
        keys = list(ordered.values_list("pk", flat=True))
        page = sort.apply(rows.filter(pk__in=keys))
        ordered = page.reverse() if backwards else page
    found = list(ordered)
    more = len(found) > size
    found = found[:size][::-1] if backwards else found[:size]

    def cursor_at(row: Row, *, backwards: bool) -> str:
        return _encode(row, sort, salt, backwards=backwards)

    after, before = (bool(cursor), more) if backwards else (more, bool(cursor))
    return Page(
        rows=found,
        next=cursor_at(found[-1], backwards=False) if found and after else None,
        previous=cursor_at(found[0], backwards=True) if found and before else None,
    )


def read_page_or_first(
    rows: QuerySet[Row],
    sort: Sort,
    cursor: str,
    *,
    size: int = PAGE,
    is_wide: bool = False,
) -> Page[Row]:
    """Return what ``read_page`` does, and the first page where the cursor is none of this list:
    addresses that people have kept begin again."""
    try:
        return read_page(rows, sort, cursor, size=size, is_wide=is_wide)
    except InvalidInput:
        return read_page(rows, sort, size=size, is_wide=is_wide)


def _identity_field(model: type[Model]) -> str:
    return "public_id" if hasattr(model, "public_id") else "pk"


def _encode(row: Model, sort: Sort, salt: str, *, backwards: bool) -> str:
    value = getattr(row, sort.field) if sort.field else None
    if isinstance(value, datetime):
        value = value.isoformat()
    identity = str(getattr(row, _identity_field(type(row))))
    return signing.Signer(salt=salt).sign_object([backwards, value, identity])


def _decode(cursor: str, salt: str) -> Any:
    try:
        return signing.Signer(salt=salt).unsign_object(cursor)
    except (signing.BadSignature, ValueError) as error:
        raise InvalidInput.of("cursor", _("This cursor is not valid.")) from error


def _beyond(model: type[Model], sort: Sort, value: Any, identity: str, *, backwards: bool) -> Q:
    """Describe the rows past a place in the direction of reading."""
    than = "lt" if sort.descending != backwards else "gt"
    row = model._default_manager.filter(**{_identity_field(model): identity})
    tied = Q(**{f"pk__{than}": Subquery(row.values("pk"))})
    if not sort.field:
        return tied
    if value is None:
        nulls = Q(**{f"{sort.field}__isnull": True}) & tied
        return nulls | Q(**{f"{sort.field}__isnull": False}) if backwards else nulls
    # The first term says nothing new, but lets PostgreSQL start in the index at the place.
    past = Q(**{f"{sort.field}__{than}e": value}) & (Q(**{f"{sort.field}__{than}": value}) | tied)
    if sort.nullable and not backwards:
        past |= Q(**{f"{sort.field}__isnull": True})
    return past
