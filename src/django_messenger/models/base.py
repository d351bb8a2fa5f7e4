"""What several models share."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from django_messenger.constraints import Immutable


def public_id_field() -> models.UUIDField[uuid.UUID | str, uuid.UUID]:
    """The only identifier that leaves the server; it cannot be guessed or counted."""
    return models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)


class ImmutableFieldsModel(models.Model):
    """A model whose ``Immutable`` constraints also speak up in ``clean()`` and ``save()``.

    The database refuses the change in any case; here it becomes a ``ValidationError`` that names
    the field.
    """

    class Meta:
        abstract = True

    def clean(self) -> None:
        """Check the immutable fields against the stored row, and what JSON fields hold.

        Raises:
            ValidationError: an immutable field has been changed, or a JSON field holds nothing of
                the wrong kind.
        """
        super().clean()
        self._check_immutable(None)
        self._check_empty_json()

    def save(self, **kwargs: Any) -> None:
        """Save the row; keyword arguments as for ``Model.save``.

        Raises:
            ValidationError: an immutable field has been changed.
        """
        self._check_immutable(kwargs.get("update_fields"))
        super().save(**kwargs)

    def _check_immutable(self, update_fields: Any) -> None:
        if self._state.adding:
            return
        for constraint in self._meta.constraints:
            if isinstance(constraint, Immutable):
                written = update_fields is None or not set(constraint.fields).isdisjoint(
                    update_fields
                )
                if written:
                    constraint.validate(type(self), self, using=self._state.db)

    def _check_empty_json(self) -> None:
        """Refuse an empty value of another kind: Django asks no validator about empty ones."""
        for field in self._meta.concrete_fields:
            if isinstance(field, models.JSONField):
                value, kind = getattr(self, field.attname), type(field.get_default())
                if not value and not isinstance(value, kind):
                    text = field.error_messages["invalid"]
                    raise ValidationError({field.name: ValidationError(text, code="invalid")})
