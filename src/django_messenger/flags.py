"""The switch that turns the whole messenger on and off."""

from __future__ import annotations

import os
from typing import Final

from django.conf import settings

from django_messenger.conf import conf

TRUE_WORDS: Final = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS: Final = frozenset({"", "0", "false", "no", "off"})


def read_flag() -> object:
    """Return the raw value: the Django setting named by ``MESSENGER["FLAG"]``, else the
    environment variable of that name, else ``None``."""
    name = conf.FLAG
    return getattr(settings, name, None) if hasattr(settings, name) else os.environ.get(name)


def is_enabled() -> bool:
    """Tell whether the messenger is switched on; anything but a clear yes is off.

    Never cached: the host chooses the name, and a change must bite at once.
    """
    value = read_flag()
    if isinstance(value, str):
        return value.strip().lower() in TRUE_WORDS
    return value is True or value == 1
