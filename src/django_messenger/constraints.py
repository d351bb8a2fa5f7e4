"""Two walls that Django has no constraint for, kept by PostgreSQL itself.

They stand in ``Meta.constraints`` like Django's own: ``makemigrations`` writes them,
``full_clean()`` asks them, the database refuses what slips past Python. Migrations import this
module: its path is frozen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db.models.constraints import BaseConstraint
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from django.db.backends.base.schema import BaseDatabaseSchemaEditor
    from django.db.models import Model

#: One trigger function serves every table; its argument is the name of the constraint.
IMMUTABLE_FUNCTION = """
CREATE OR REPLACE FUNCTION dm_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'constraint %: immutable columns of % cannot change', TG_ARGV[0], TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_ARGV[0], TABLE = TG_TABLE_NAME;
END
$body$;
"""


class _DeferredConstraint(BaseConstraint):
    """A constraint that is created by its own statement after the table."""

    def constraint_sql(  # type: ignore[override]
        self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> str | None:
        if model is not None and schema_editor is not None:
            schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))
        return None


class Immutable(_DeferredConstraint):
    """Refuses any change of the named fields once a row exists.

    An ``UPDATE`` that does not name the columns never fires the trigger, so other writes pay
    nothing. A refusal is an ``IntegrityError`` from the database and a ``ValidationError`` from
    ``full_clean()``.
    """

    default_violation_error_message = _("This cannot be changed after creation.")

    def __init__(self, *, fields: Sequence[str], name: str, **kwargs: Any) -> None:
        self.fields = tuple(fields)
        super().__init__(name=name, **kwargs)

    def create_sql(self, model: type[Model] | None, schema_editor: Any) -> str:
        assert model is not None
        quote = schema_editor.quote_name
        columns = [quote(model._meta.get_field(name).column) for name in self.fields]  # type: ignore[union-attr]
        changed = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in columns)
        return (
            f"{IMMUTABLE_FUNCTION}"
            f"CREATE TRIGGER {quote(self.name)} BEFORE UPDATE OF {', '.join(columns)}"
            f" ON {quote(model._meta.db_table)} FOR EACH ROW WHEN ({changed})"
            f" EXECUTE FUNCTION dm_refuse_change({schema_editor.quote_value(self.name)})"
        )

    def remove_sql(self, model: type[Model] | None, schema_editor: Any) -> str:
        assert model is not None
        quote = schema_editor.quote_name
        return f"DROP TRIGGER {quote(self.name)} ON {quote(model._meta.db_table)}"

    def validate(
        self,
        model: type[Model],
        instance: Model,
        exclude: Collection[str] | None = None,
        using: str | None = None,
    ) -> None:
        """Compare with the stored row.

        Raises:
            ValidationError: a field of the constraint differs; keyed by field name.
        """
        names = [name for name in self.fields if not exclude or name not in exclude]
        if instance._state.adding or not names:
            return
        attributes = [model._meta.get_field(name).attname for name in names]  # type: ignore[union-attr]
        stored = (
            model._base_manager.using(using).filter(pk=instance.pk).values_list(*attributes).first()
        )
        changed = {
            name: ValidationError(self.get_violation_error_message(), code="immutable")
            for name, attribute, value in zip(names, attributes, stored or (), strict=False)
            if getattr(instance, attribute) != value
        }
        if changed:
            raise ValidationError(changed)

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        kwargs["fields"] = self.fields
        return path, args, kwargs

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Immutable) and self.deconstruct() == other.deconstruct()

    __hash__ = BaseConstraint.__hash__


class SameAsParent(_DeferredConstraint):
    """Keeps a column equal to the parent's by a composite foreign key.

    ``SameAsParent(parent="inbox", field="branch")`` makes ``(inbox_id, branch_id)`` refer to
    ``inbox (id, branch_id)``; the parent needs a unique constraint over that pair.
    """

    default_violation_error_message = _("This must be the same as the parent's.")

    def __init__(self, *, parent: str, field: str, name: str, **kwargs: Any) -> None:
        self.parent = parent
        self.field = field
        super().__init__(name=name, **kwargs)

    def create_sql(self, model: type[Model] | None, schema_editor: Any) -> str:
        assert model is not None
        quote = schema_editor.quote_name
        parent_field: Any = model._meta.get_field(self.parent)
        parent: Any = parent_field.related_model
        own = (parent_field.column, model._meta.get_field(self.field).column)  # type: ignore[union-attr]
        theirs = (parent._meta.pk.column, parent._meta.get_field(self.field).column)
        return (
            f"ALTER TABLE {quote(model._meta.db_table)} ADD CONSTRAINT {quote(self.name)}"
            f" FOREIGN KEY ({', '.join(map(quote, own))})"
            f" REFERENCES {quote(parent._meta.db_table)} ({', '.join(map(quote, theirs))})"
            " DEFERRABLE INITIALLY DEFERRED"
        )

    def remove_sql(self, model: type[Model] | None, schema_editor: Any) -> str:
        assert model is not None
        quote = schema_editor.quote_name
        return f"ALTER TABLE {quote(model._meta.db_table)} DROP CONSTRAINT {quote(self.name)}"

    def validate(
        self,
        model: type[Model],
        instance: Model,
        exclude: Collection[str] | None = None,
        using: str | None = None,
    ) -> None:
        """Compare the instance with its parent.

        Raises:
            ValidationError: the two differ; keyed by field name.
        """
        attribute = model._meta.get_field(self.field).attname  # type: ignore[union-attr]
        parent = getattr(instance, self.parent, None)
        if parent is None or (exclude and self.field in exclude):
            return
        if getattr(instance, attribute) != getattr(parent, attribute):
            error = ValidationError(self.get_violation_error_message(), code="not_same")
            raise ValidationError({self.field: error})

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        kwargs |= {"parent": self.parent, "field": self.field}
        return path, args, kwargs

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SameAsParent) and self.deconstruct() == other.deconstruct()

    __hash__ = BaseConstraint.__hash__
