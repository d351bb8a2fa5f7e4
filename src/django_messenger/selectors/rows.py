"""Models from the rows of hand-written SQL, for the few statements that every call runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models import Model


def columns_of(model: type[Model]) -> str:
    """Return all columns of a model for a SELECT, in the order that ``read_row`` expects."""
    table = model._meta.db_table
    return ", ".join(f'"{table}"."{field.column}"' for field in model._meta.concrete_fields)


def read_row(
    row: Sequence[Any], models: Sequence[type[Model]], connection: BaseDatabaseWrapper
) -> list[Any]:
    """Return one object of each model, from a row that holds their columns side by side."""
    found, start = [], 0
    for model in models:
        fields = model._meta.concrete_fields
        values = list(row[start : start + len(fields)])
        for place, field in enumerate(fields):
            for convert in field.get_db_converters(connection):
                values[place] = convert(values[place], field, connection)
        names = [field.attname for field in fields]
        found.append(model.from_db(connection.alias, names, values))
        start += len(fields)
    return found
