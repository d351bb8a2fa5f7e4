"""Branches never change: refused by Python where Python is asked, by PostgreSQL everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Model
from django.forms import modelform_factory

from django_messenger.models import Contact, Conversation, Inbox
from tests.factories import make_branch, make_contact, make_inbox
from tests.models.rows import conversation_row

pytestmark = pytest.mark.django_db

Change = Callable[[Model, str, Any], None]


def by_clean(row: Model, field: str, value: Any) -> None:
    setattr(row, field, value)
    row.clean()


def by_full_clean(row: Model, field: str, value: Any) -> None:
    setattr(row, field, value)
    row.full_clean()


def by_save(row: Model, field: str, value: Any) -> None:
    setattr(row, field, value)
    row.save()


def by_save_of_the_field(row: Model, field: str, value: Any) -> None:
    setattr(row, field, value)
    row.save(update_fields=[field])


def by_save_of_a_deferred_row(row: Model, field: str, value: Any) -> None:
    row = type(row)._default_manager.only("pk").get(pk=row.pk)
    setattr(row, field, value)
    row.save()


def by_save_of_a_new_object(row: Model, field: str, value: Any) -> None:
    values = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields}
    values.pop("change_xid", None)
    values[row._meta.get_field(field).attname] = value.pk
    type(row)(**values).save()


def by_save_base(row: Model, field: str, value: Any) -> None:
    setattr(row, field, value)
    row.save_base()


def by_update(row: Model, field: str, value: Any) -> None:
    type(row)._default_manager.filter(pk=row.pk).update(**{field: value})


def by_bulk_update(row: Model, field: str, value: Any) -> None:
    setattr(row, field, value)
    type(row)._default_manager.bulk_update([row], [field])


def by_update_or_create(row: Model, field: str, value: Any) -> None:
    type(row)._default_manager.update_or_create(pk=row.pk, defaults={field: value})


def by_upsert(row: Model, field: str, value: Any) -> None:
    setattr(row, field, value)
    type(row)._default_manager.bulk_create(
        [row], update_conflicts=True, update_fields=[field], unique_fields=["id"]
    )


def by_sql(row: Model, field: str, value: Any) -> None:
    column = row._meta.get_field(field).column
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {row._meta.db_table} SET {column} = %s WHERE id = %s", [value.pk, row.pk]
        )


def by_form(row: Model, field: str, value: Any) -> None:
    form = modelform_factory(type(row), fields=[field])({field: value.pk}, instance=row)
    if not form.is_valid():
        raise ValidationError(form.errors.as_json())
    form.save()


WAYS: list[Change] = [
    by_clean,
    by_full_clean,
    by_save,
    by_save_of_the_field,
    by_save_of_a_deferred_row,
    by_save_of_a_new_object,
    by_save_base,
    by_update,
    by_bulk_update,
    by_update_or_create,
    by_upsert,
    by_sql,
    by_form,
]
#: What Python refuses before the database is asked, with an error that names the field.
POLITE = {
    by_clean,
    by_full_clean,
    by_save,
    by_save_of_the_field,
    by_save_of_a_deferred_row,
    by_update_or_create,
    by_form,
}
FIELDS = [(Inbox, "branch"), (Contact, "branch"), (Conversation, "inbox"), (Conversation, "branch")]


def row_and_value(model: type[Model], field: str) -> tuple[Model, Model]:
    """A stored row, and something else for its field that is good in itself."""
    other = make_branch("South")
    inbox = make_inbox(make_branch("North"))
    if model is Inbox:
        return inbox, other
    if model is Contact:
        return make_contact(inbox.branch), other
    return conversation_row(inbox), other if field == "branch" else make_inbox(inbox.branch)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("model", "field"), FIELDS)
def test_it_cannot_be_changed(model: type[Model], field: str, way: Change) -> None:
    if way is by_form and not model._meta.get_field(field).editable:
        with pytest.raises(Exception, match="cannot be specified"):
            modelform_factory(model, fields=[field])
        return
    row, value = row_and_value(model, field)
    column = row._meta.get_field(field).attname
    before = getattr(row, column)
    if way is by_save_of_a_new_object and (model, field) == (Conversation, "branch"):
        way(row, field, value)  # a conversation that looks new takes the branch of its inbox
        assert getattr(model._default_manager.get(pk=row.pk), column) == before
        return

    def change() -> None:
        with transaction.atomic():
            way(row, field, value)
            connection.check_constraints()

    with pytest.raises((ValidationError, IntegrityError)) as caught:
        change()

    assert getattr(model._default_manager.get(pk=row.pk), column) == before
    if way in POLITE:
        assert isinstance(caught.value, ValidationError)
        assert field in str(caught.value)


@pytest.mark.parametrize(("model", "field"), FIELDS)
def test_naming_the_same_value_is_no_change(model: type[Model], field: str) -> None:
    row, _ = row_and_value(model, field)
    same = getattr(row, field)
    for way in set(WAYS) - {by_form, by_full_clean}:
        way(row, field, same)
    connection.check_constraints()


def test_other_fields_can_be_changed() -> None:
    conversation = conversation_row()
    inbox = conversation.inbox
    inbox.name = "New name"
    inbox.save()
    conversation.priority = "high"
    conversation.save()
    Conversation.objects.filter(pk=conversation.pk).update(status="resolved")
    stored = Conversation.objects.select_related("inbox").get(pk=conversation.pk)
    assert (stored.inbox.name, stored.priority, stored.status) == ("New name", "high", "resolved")


def test_saving_other_fields_does_not_write_a_forged_branch() -> None:
    inbox = make_inbox()
    before = inbox.branch
    inbox.branch = make_branch()
    inbox.name = "New name"
    inbox.save(update_fields=["name"])
    stored = Inbox.objects.get(pk=inbox.pk)
    assert (stored.branch, stored.name) == (before, "New name")
