"""Models from the rows of hand-written SQL, for the few statements that every call runs."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models import Model

    Row = TypeVar("Row", bound=Model)


@cache
def columns_of(model: type[Model], table: str) -> str:
    """Return all columns of a model for a SELECT from ``table``, in the order of ``read_row``."""
    return ", ".join(f'{table}."{field.column}"' for field in model._meta.concrete_fields)


def read_row(model: type[Row], row: Sequence[Any], connection: BaseDatabaseWrapper) -> Row:
    """Return the object whose columns stand in a row."""
    names, converted = _shape(model)
    values = list(row)
    for place, field in converted:
        values[place] = field.from_db_value(values[place], field, connection)
    return model.from_db(connection.alias, names, values)


@cache
def _shape(model: type[Model]) -> tuple[list[str], list[tuple[int, Any]]]:
    """Return the names of the columns, and the fields that read their values in their own way."""
    fields = model._meta.concrete_fields
    converted = [(n, field) for n, field in enumerate(fields) if hasattr(field, "from_db_value")]
    return [field.attname for field in fields], converted
