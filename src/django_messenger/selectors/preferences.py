"""What an operator has set for their own panel: it follows the person from browser to browser."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from django_messenger.selectors.operators import operator_of


@dataclass(frozen=True, slots=True)
class Preferences:
    """How a person wants the panel to behave.

    Attributes:
        sound: play a sound when a visitor writes.
        notify: show notifications of the desktop.
        keys: single keys are shortcuts.
        enter: Enter sends, and Shift+Enter begins a new line; else Ctrl+Enter sends.
    """

    sound: bool = False
    notify: bool = False
    keys: bool = True
    enter: bool = False


def preferences_of(user: Any) -> Preferences:
    """Return what the user has set, with the defaults for the rest."""
    operator = operator_of(user)
    stored: Any = operator.preferences if operator else {}
    kept = stored if isinstance(stored, dict) else {}
    known = (field.name for field in fields(Preferences))
    return Preferences(**{name: kept[name] for name in known if isinstance(kept.get(name), bool)})
