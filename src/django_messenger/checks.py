"""``manage.py check`` for the chat: each mistake has an id, and a hint with the line to paste."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from django.apps import apps
from django.conf import settings
from django.core import checks
from django.core.cache import InvalidCacheBackendError, caches
from django.core.checks import CheckMessage, Tags
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, router
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import CreateModel
from django.urls import NoReverseMatch, reverse

from django_messenger.access import AccessPolicy
from django_messenger.conf import (
    DEFAULT_BRANCH_MODEL,
    branch_model,
    conf,
    find_problems,
    import_option,
)
from django_messenger.flags import FALSE_WORDS, TRUE_WORDS, read_flag
from django_messenger.models import Inbox

if TYPE_CHECKING:
    from django.apps import AppConfig
    from django.core.cache.backends.base import BaseCache

#: Every id with what it means; ``docs/reference/checks.md`` is made from it.
CHECKS: Final[dict[str, str]] = {
    "E001": "`MESSENGER` holds an unknown key.",
    "E002": "An option of `MESSENGER` has a bad value.",
    "E003": "The flag's value is neither a clear yes nor a clear no; the messenger stays off.",
    "E004": "A dotted path cannot be imported, or the access policy is none.",
    "E005": "The branch model is not made by its app's first migration, and"
    " `MESSENGER_BRANCH_MIGRATION` does not name the one that makes it.",
    "E006": "The database's foreign keys point at another table than `MESSENGER_BRANCH_MODEL`:"
    " the setting was changed after `migrate`.",
    "E007": "The database is not PostgreSQL.",
    "W008": "The database lower-cases ASCII only (ctype `C`): searching Cyrillic text would fail.",
    "E009": "The session cache is private to a process, keeps nothing, or does not count"
    " atomically. An error outside `DEBUG`, a warning within.",
    "E010": "The session cache hides its errors: sessions would be lost in silence.",
    "E011": "`MESSENGER['SESSION_CACHE']` names no cache.",
    "W012": "The session cache has no socket timeout: a frozen server would block workers.",
    "W013": "No part of the messenger is in the URLconf.",
    "W014": "ASGI with persistent database connections and no pool: connections leak.",
    "W015": "Persistent database connections without health checks: errors after a restart.",
}

_UNSHARED: Final = ("locmem", "dummy", "db", "filebased")


def _report(number: str, message: str, hint: str, *, warn: bool = False) -> CheckMessage:
    """Make the message of a check; ``warn`` softens an error while ``DEBUG`` is on."""
    kind = checks.Warning if warn or number.startswith("W") else checks.Error
    return kind(message, hint=hint, id=f"django_messenger.{number}")


def check_options(**kwargs: Any) -> list[CheckMessage]:
    """E001, E002: keys and values of ``MESSENGER``."""
    return [
        _report("E001" if problem.kind == "unknown" else "E002", problem.message, problem.hint)
        for problem in find_problems(getattr(settings, "MESSENGER", {}))
    ]


def check_flag(**kwargs: Any) -> Iterator[CheckMessage]:
    """E003: the value of the switch."""
    value = read_flag()
    words = TRUE_WORDS | FALSE_WORDS
    known = value.strip().lower() in words if isinstance(value, str) else value in (None, 0, 1)
    if not known:
        message = f"{conf.FLAG} = {value!r} is neither on nor off; the messenger stays off."
        yield _report("E003", message, f"Write {conf.FLAG} = True or {conf.FLAG} = False.")


def check_imports(**kwargs: Any) -> Iterator[CheckMessage]:
    """E004: dotted paths."""
    for key in ("ACCESS_POLICY", "OPERATOR_AUTHENTICATION"):
        try:
            found = import_option(key)
        except ImproperlyConfigured as error:
            yield _report("E004", str(error), f'Correct the path in MESSENGER["{key}"].')
            continue
        if key == "ACCESS_POLICY" and not _is_policy(found):
            message = f"{conf.ACCESS_POLICY} is not a complete AccessPolicy."
            hint = "Derive it from django_messenger.access.BranchAccessPolicy."
            yield _report("E004", message, hint)


def _is_policy(found: Any) -> bool:
    is_class = isinstance(found, type) and issubclass(found, AccessPolicy)
    return is_class and not getattr(found, "__abstractmethods__", None)


def check_branch_migration(**kwargs: Any) -> Iterator[CheckMessage]:
    """E005: fresh databases need the branch table before ours."""
    if branch_model() == DEFAULT_BRANCH_MODEL:
        return
    app, _, name = branch_model().partition(".")
    loader = MigrationLoader(None)
    makers = [
        key[1]
        for key, migration in loader.disk_migrations.items()
        if key[0] == app and _creates(migration.operations, name)
    ]
    given = getattr(settings, "MESSENGER_BRANCH_MIGRATION", None)
    first = {key[1] for key in loader.graph.root_nodes(app)} if makers else set()
    if makers and given not in makers and (given or not first.intersection(makers)):
        message = f"{branch_model()} is made by the migration {makers[0]} of {app!r}."
        yield _report("E005", message, f'Write MESSENGER_BRANCH_MIGRATION = "{makers[0]}".')


def _creates(operations: Sequence[Any], name: str) -> bool:
    return any(
        isinstance(operation, CreateModel) and operation.name.lower() == name.lower()
        for operation in operations
    )


def check_url_conf(**kwargs: Any) -> Iterator[CheckMessage]:
    """W013: routes are always registered; the flag switches them."""
    if not getattr(settings, "ROOT_URLCONF", None):
        return
    for name in (
        "messenger_widget:bootstrap",
        "messenger_operators:me",
        "messenger_panel:conversations",
    ):
        try:
            reverse(name)
        except NoReverseMatch:
            continue
        return
    hint = 'Add path("", include("django_messenger.urls")) to urlpatterns.'
    yield _report("W013", "No part of the messenger is in the URLconf.", hint)


def check_session_cache(**kwargs: Any) -> Iterator[CheckMessage]:
    """E009 to W012: the cache that keeps sessions and limits."""
    alias = conf.SESSION_CACHE
    try:
        cache = caches[alias]
    except InvalidCacheBackendError:
        message = f'MESSENGER["SESSION_CACHE"] names {alias!r}, which is not in CACHES.'
        yield _report("E011", message, 'Write MESSENGER = {"SESSION_CACHE": "default"}.')
        return
    module = type(cache).__module__
    hint = (
        f'CACHES["{alias}"] = {{"BACKEND": "django_redis.cache.RedisCache",'
        ' "LOCATION": REDIS_URL, "OPTIONS": {"SOCKET_TIMEOUT": 1, "SOCKET_CONNECT_TIMEOUT": 1}}'
    )
    if module.removeprefix("django.core.cache.backends.") in _UNSHARED:
        message = f"The cache {alias!r} ({module}) cannot carry widget sessions."
        yield _report("E009", message, f"Write {hint}.", warn=settings.DEBUG)
    elif "redis" in module.lower():
        yield from _check_redis(alias, cache, hint)


def _check_redis(alias: str, cache: BaseCache, hint: str) -> Iterator[CheckMessage]:
    options = settings.CACHES[alias].get("OPTIONS", {})
    ignored = options.get(
        "IGNORE_EXCEPTIONS", getattr(settings, "DJANGO_REDIS_IGNORE_EXCEPTIONS", False)
    )
    if ignored:
        message = f"The cache {alias!r} ignores its errors: sessions would be lost in silence."
        line = f'CACHES["{alias}"]["OPTIONS"]["IGNORE_EXCEPTIONS"] = False'
        yield _report("E010", message, f"Write {line}, or give the messenger a cache of its own.")
    flat = {**options, **options.get("CONNECTION_POOL_KWARGS", {})}
    if not any(name.lower() == "socket_timeout" for name in flat):
        message = f"The cache {alias!r} has no socket timeout."
        yield _report("W012", message, f"Write {hint}.")


def check_connections(**kwargs: Any) -> Iterator[CheckMessage]:
    """E007, W014, W015: which database, and how connections live."""
    alias = router.db_for_write(Inbox)
    connection = connections[alias]
    if connection.vendor != "postgresql":
        message = f"The database {alias!r} is {connection.vendor}; the messenger needs PostgreSQL."
        hint = f'DATABASES["{alias}"]["ENGINE"] = "django.db.backends.postgresql"'
        yield _report("E007", message, f"Write {hint}.")
        return
    config = connection.settings_dict
    if config["CONN_MAX_AGE"] == 0:
        return
    if _serves_asgi() and not config["OPTIONS"].get("pool"):
        message = f"Under ASGI the persistent connections of {alias!r} are never used again."
        pool = '"OPTIONS": {"pool": {"min_size": 2, "max_size": 10, "timeout": 5}}'
        hint = f'DATABASES["{alias}"] |= {{"CONN_MAX_AGE": 0, {pool}}}'
        yield _report("W014", message, f"Write {hint}.")
    elif not config["CONN_HEALTH_CHECKS"]:
        message = f"Connections of {alias!r} persist, but nobody asks whether they still live."
        hint = f'DATABASES["{alias}"]["CONN_HEALTH_CHECKS"] = True'
        yield _report("W015", message, f"Write {hint}.")


def _serves_asgi() -> bool:
    asgi_apps = ("daphne", "channels")
    return bool(getattr(settings, "ASGI_APPLICATION", None)) or any(
        map(apps.is_installed, asgi_apps)
    )


def check_database(databases: Iterable[str] | None = None, **kwargs: Any) -> Iterator[CheckMessage]:
    """E006, W008: what only the database itself can tell (``check --database``)."""
    alias = router.db_for_write(Inbox)
    connection = connections[alias]
    if alias not in (databases or ()) or connection.vendor != "postgresql":
        return
    table = Inbox._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SELECT lower('Я') = 'я'")
        if not cursor.fetchone()[0]:
            message = f"The database {alias!r} has ctype C: Cyrillic search would find nothing."
            hint = "Create it with CREATE DATABASE … LOCALE 'C.UTF-8' TEMPLATE template0."
            yield _report("W008", message, hint)
        if table not in connection.introspection.table_names(cursor):
            return
        relations = connection.introspection.get_relations(cursor, table)
    # An index, not an unpacking: Django 6.1 made the tuples longer.
    target = relations.get("branch_id", (None, None))[1]
    wanted = apps.get_model(branch_model())._meta.db_table
    if target is not None and target != wanted:
        message = f"{table}.branch_id refers to {target}, not to {wanted} of {branch_model()}."
        model = next((m for m in apps.get_models() if m._meta.db_table == target), None)
        label = model._meta.label if model else DEFAULT_BRANCH_MODEL
        hint = f'Write MESSENGER_BRANCH_MODEL = "{label}", or move the data by a migration.'
        yield _report("E006", message, hint)


def _unless_broken(check: Callable[..., Any]) -> Callable[..., list[CheckMessage]]:
    """Run a check only if the options can be read; ``check_options`` says what is wrong else."""

    def guarded(
        app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
    ) -> list[CheckMessage]:
        return [] if check_options() else list(check(**kwargs))

    return guarded


def register() -> None:
    """Register every check; called once when the app is ready."""
    checks.register(check_options, Tags.compatibility)
    for check in (check_flag, check_imports, check_branch_migration, check_session_cache):
        checks.register(_unless_broken(check), Tags.compatibility)
    checks.register(_unless_broken(check_connections), Tags.compatibility)
    checks.register(_unless_broken(check_url_conf), Tags.urls)
    checks.register(_unless_broken(check_database), Tags.database)
