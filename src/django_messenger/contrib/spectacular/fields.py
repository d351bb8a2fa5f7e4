"""How our own fields look in a schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from rest_framework import serializers

from django_messenger.inputs import MAX_NUMBER

if TYPE_CHECKING:
    from collections.abc import Iterable


class Choice(serializers.ChoiceField):
    """One of a few words, as a component of its own.

    A plain ``ChoiceField`` would compete with the host's enums for names such as ``StatusEnum``.
    """

    def __init__(self, component: str, values: Iterable[str], **kwargs: Any) -> None:
        self.component = component
        super().__init__(choices=[str(value) for value in values], **kwargs)


class ChoiceExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = Choice

    def get_name(self) -> str | None:
        name: str = self.target.component
        return name

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.target.choices)}


class NumberExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = "django_messenger.inputs.Number"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        return {"type": "integer", "format": "int64", "minimum": 0, "maximum": MAX_NUMBER}


class SwitchExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = "django_messenger.operators.fields.Switch"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        return {"type": "boolean"}


class ConsentExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = "django_messenger.widget.serializers.ConsentField"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        return {"type": "string", "pattern": "^(on)?$"}


class AttributesExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = "django_messenger.widget.serializers.AttributesField"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": {}}
