"""Reading the process environment for the settings."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured

Options = dict[str, Any]


def flag(name: str, *, default: bool = False) -> bool:
    """Return whether the variable ``name`` says yes; missing or empty means ``default``."""
    value = os.environ.get(name, "").strip().lower()
    return value in {"1", "true", "yes", "on"} if value else default


def json_object(name: str) -> Options:
    """Return the JSON object in the variable ``name``, an empty one where it is missing.

    Raises:
        ImproperlyConfigured: the text is no JSON or no object.
    """
    text = os.environ.get(name, "").strip()
    if not text:
        return {}
    try:
        value = json.loads(text)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} does not hold JSON: {error}") from error
    if not isinstance(value, dict):
        raise ImproperlyConfigured(f"{name} must hold a JSON object, like {{}}.")
    return value


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> Options:
    """Return ``base`` with ``changes`` laid over it, nested mappings key by key."""
    result = dict(base)
    for key, value in changes.items():
        old = result.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            value = merged(old, value)
        result[key] = value
    return result
