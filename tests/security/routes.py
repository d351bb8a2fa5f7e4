"""Every route of the messenger, as the URLconf has it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse
from django.urls.converters import IntConverter

NAMESPACES = ("messenger_widget", "messenger_operators", "messenger_panel")
#: A number that no row has.
ABSENT = 987_654_321
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@dataclass(frozen=True)
class Route:
    """A route by its full name, such as ``messenger_widget:poll``, and what its path holds."""

    name: str
    holders: tuple[str, ...]
    numbers: frozenset[str] = frozenset()

    @property
    def part(self) -> str:
        """Which of the three faces it belongs to."""
        return self.name.partition(":")[0]

    @property
    def is_page(self) -> bool:
        """Whether people look at it, rather than programs."""
        return self.part == "messenger_panel" or self.name == "messenger_widget:chat"

    def url(self, **ids: Any) -> str:
        """The path, with ``ids`` for its holders; unknown ones for the rest."""
        kwargs = {
            name: ids.get(name) or (ABSENT if name in self.numbers else uuid4())
            for name in self.holders
        }
        return reverse(self.name, kwargs=kwargs)


def find_routes(patterns: Any = None, namespace: str = "") -> Iterator[Route]:
    """Walk the URLconf in force and yield the messenger's routes."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(entry, URLResolver):
            yield from find_routes(entry.url_patterns, entry.namespace or namespace)
        elif isinstance(entry, URLPattern) and namespace in NAMESPACES:
            holders = entry.pattern.converters
            numbers = (name for name, kind in holders.items() if isinstance(kind, IntConverter))
            yield Route(f"{namespace}:{entry.name}", tuple(holders), frozenset(numbers))


def methods_of(route: Route) -> set[str]:
    """The methods that a view has code for."""
    view: Any = resolve(route.url()).func
    found: Any = getattr(view, "view_class", None) or getattr(view, "cls", None)
    if found is None:
        return {"GET"}  # a function; the loader, which is only read
    names = ("get", "post", "put", "patch", "delete", "trace")
    return {name.upper() for name in names if hasattr(found, name)}
