"""The transaction id column. Migrations import this module: its path is frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    _IntField = models.Field[int, int]
else:
    _IntField = models.Field


class CurrentXid(models.Func):
    """``pg_current_xact_id()``: the id of the running transaction, taking one if need be."""

    function = "pg_current_xact_id"
    arity = 0

    def __init__(self, **extra: Any) -> None:
        super().__init__(output_field=Xid8Field(), **extra)


class Xid8Field(_IntField):
    """PostgreSQL's 64-bit transaction id (``xid8``), an ``int`` in Python."""

    description = "PostgreSQL transaction id"

    def db_type(self, connection: Any) -> str:
        return "xid8"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> int | None:
        return None if value is None else int(value)

    def to_python(self, value: Any) -> int | None:
        return None if value is None else int(value)

    def get_prep_value(self, value: Any) -> Any:
        # xid8 compares with no integer type; an untyped literal takes the column's type.
        value = super().get_prep_value(value)
        return str(value) if isinstance(value, int) else value
