"""Writes the pages of docs/reference/ that the code knows best: ``python -m tools.reference``.

A test compares the committed pages with what this would write.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

PAGES = Path(__file__).resolve().parent.parent / "docs" / "reference"

NOTE = "% Written by `python -m tools.reference` from the code; change it there.\n"

SETTINGS = """
# Settings

Everything is set in one dict, `MESSENGER`, in your Django settings. Every key is optional:

```python
MESSENGER = {
    "MAX_MESSAGE_LENGTH": 4000,
    "THROTTLE_RATES": {"bootstrap": "20/m/ip"},
}
```

`manage.py check` knows every key: it names unknown ones, with the one you may have meant, and
values out of bounds ([E001 and E002](checks.md)). Options are read when they are used, so
`override_settings` and [`override_messenger`](../howto/test-your-host.md) work in tests.

Times are in seconds, lengths in characters.

## Flat settings

Three settings stand outside the dict, because Django itself or a migration must see them.

### `MESSENGER_ENABLED`

*Default: off.* The switch of the whole messenger. It is read at every request: first the Django
setting of this name, else the environment variable. `1`, `true`, `yes`, `on` and `True` mean on;
anything else is off. While it is off, every URL answers 404: the JSON ones and `loader.js` with
`{"detail": "Messenger disabled"}`, the pages with your own 404 page. Another name for the switch is
chosen by [`FLAG`](#flag).

### `MESSENGER_BRANCH_MODEL`

*Default: `"<branch>"`.* The model of your branches, as `"app_label.Model"`. Choose it before the
first `migrate`, as you would `AUTH_USER_MODEL`: [](../howto/swap-branch.md).

### `MESSENGER_BRANCH_MIGRATION`

*Default: none.* The bare name of the migration that creates the branch model, such as
`"0005_branch"`, where that is not the first migration of its app.

## Options of `MESSENGER`
"""

RATES = """
The endpoints are <scopes>.

A rate is a list of limits, joined by commas: `count/period/dimension`. The period is `s`, `m`, `h`
or `d`, with a factor if you like (`5m`). The dimensions are

- `session`: one widget session,
- `ip`: one client address ([which one](../howto/deploy.md#the-address-of-the-client)), IPv6 by its
  /64,
- `inbox`: one public widget token. A full bucket of this kind refuses new visitors only, never
  those who are already talking.

Windows are fixed and aligned to the clock; the counts are exact however many processes there are. A
call over the limit is answered with 429 `throttled` and `Retry-After`. With the cache down it is
refused with 503: limits never fail open.
"""

CHECKS = """
# Checks

`manage.py check` (and `runserver`) tells what would go wrong, and each hint holds the line to
paste. `manage.py check --database default`, and every `migrate`, asks the database too, for E006
and W008. In the output every id begins with `django_messenger.`.

| id | level | what it means |
|---|---|---|
"""

CHECKS_END = """
E009 is a warning while `DEBUG` is on, because the cache of `startproject` lives in one process.

To silence a check that you have thought about:

```python
SILENCED_SYSTEM_CHECKS = ["django_messenger.W012"]
```
"""


#: Written only where drf-spectacular is installed.
OPENAPI = "openapi.yaml"
_SPECTACULAR = {
    "TITLE": "django-messenger",
    "DESCRIPTION": "The APIs of visitors and operators, at their usual paths.",
    "OAS_VERSION": "3.1.1",
}


def configure() -> None:
    """Set Django up just far enough to import the package; no database is needed."""
    import django
    from django.conf import settings

    if not settings.configured:
        apps = ["django.contrib.auth", "django.contrib.contenttypes"]
        apps += ["rest_framework", "django_messenger"]
        rest = {"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema"}
        settings.configure(INSTALLED_APPS=apps, USE_TZ=True, REST_FRAMEWORK=rest)
        django.setup()


def settings_page() -> str:
    """Return docs/reference/settings.md."""
    from django_messenger.conf import DEFAULT_BRANCH_MODEL, Options

    options = "\n".join(_option(option) for option in fields(Options))
    return NOTE + SETTINGS.replace("<branch>", DEFAULT_BRANCH_MODEL) + "\n" + options


def _option(option: Field[Any]) -> str:
    from django_messenger.conf import Options
    from django_messenger.rates import SCOPES

    default = getattr(Options(), option.name)
    lines = [f"### `{option.name}`", ""]
    facts = [f"Type: `{option.type}`."]
    if isinstance(default, dict):
        facts.append("Default: below.")
    else:
        facts.append(f"Default: `{_literal(default)}`{_readable(option.name, default)}.")
    low, high = option.metadata["low"], option.metadata["high"]
    if low is not None:
        facts.append(f"From {low} to {high}.")
    lines += [f"*{' '.join(facts)}*", "", option.metadata["doc"], ""]
    if isinstance(default, dict):
        lines += ["| endpoint | limits |", "|---|---|"]
        lines += [f"| `{key}` | `{value}` |" for key, value in default.items()]
        scopes = ", ".join(f"`{name}`" for name in SCOPES if name != "default")
        lines.append(RATES.replace("<scopes>", scopes))
    return "\n".join(lines)


def _literal(value: object) -> str:
    return json.dumps(value) if isinstance(value, str | list) else repr(value)


def _readable(name: str, seconds: object) -> str:
    """Say what a long time is in hours or days."""
    if not (isinstance(seconds, int) and name.endswith(("_TTL", "_AGE"))):
        return ""
    unit, size = ("days", 86400) if seconds >= 2 * 86400 else ("hours", 3600)
    return f" ({seconds // size} {unit})"


def checks_page() -> str:
    """Return docs/reference/checks.md."""
    from django_messenger.checks import CHECKS as MEANINGS

    levels = {"E": "error", "W": "warning"}
    rows = (f"| {number} | {levels[number[0]]} | {text} |" for number, text in MEANINGS.items())
    return NOTE + CHECKS + "\n".join(rows) + "\n" + CHECKS_END


def openapi_page() -> str:
    """Return docs/reference/openapi.yaml."""
    import yaml

    return f"# Written by `python -m tools.reference`.\n{yaml.safe_dump(schema(), sort_keys=False)}"


def schema() -> dict[str, Any]:
    """Return the OpenAPI document of both APIs as it would be written now."""
    from django.utils import translation
    from drf_spectacular.generators import SchemaGenerator
    from drf_spectacular.renderers import OpenApiJsonRenderer
    from drf_spectacular.settings import patched_settings

    import django_messenger
    import django_messenger.contrib.spectacular

    chosen = {**_SPECTACULAR, "VERSION": django_messenger.__version__}
    with patched_settings(chosen), translation.override("en"):
        generator: Any = SchemaGenerator(urlconf="django_messenger.urls")  # type: ignore[no-untyped-call]
        made = generator.get_schema(public=True)
    document: dict[str, Any] = json.loads(OpenApiJsonRenderer().render(made, renderer_context={}))
    return document


WRITERS: dict[str, Callable[[], str]] = {
    "settings.md": settings_page,
    "checks.md": checks_page,
    OPENAPI: openapi_page,
}


def is_stale(name: str) -> bool:
    """Tell whether a page differs from what would be written now."""
    page = PAGES / name
    return not page.exists() or page.read_text() != WRITERS[name]()


def main() -> int:
    """Write what is stale; returns the exit code."""
    configure()
    for name, write in WRITERS.items():
        if name == OPENAPI and not importlib.util.find_spec("drf_spectacular"):
            print(f"left docs/reference/{name} as it is: drf-spectacular is not installed")
        elif is_stale(name):
            (PAGES / name).write_text(write())
            print(f"wrote docs/reference/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
