"""OpenAPI descriptions of both APIs for drf-spectacular.

SPECTACULAR_SETTINGS = {
    "PREPROCESSING_HOOKS": ["django_messenger.contrib.spectacular.describe"],
}
"""

from __future__ import annotations

from typing import Any

from django_messenger.contrib.spectacular import fields, operations

__all__ = ["describe", "fields", "operations"]


def describe(endpoints: list[Any], **kwargs: Any) -> list[Any]:
    """Leave the endpoints as they are: naming this hook is what brings the descriptions in."""
    return endpoints
