"""``manage.py check`` for the chat: each mistake has an id, and a hint with the line to paste."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import wraps
from typing import TYPE_CHECKING, Any, Final

from django.apps import apps
from django.conf import settings
from django.core import checks
from django.core.cache import caches
from django.core.checks import CheckMessage, Tags
from django.core.exceptions import ImproperlyConfigured
from django.core.validators import slug_re
from django.db import DEFAULT_DB_ALIAS, connections, router
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import CreateModel, RenameModel, SeparateDatabaseAndState
from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.urls import get_resolver

from django_messenger.access import AccessPolicy
from django_messenger.bus.base import Bus
from django_messenger.bus.memory import MemoryBus
from django_messenger.conf import (
    DEFAULT_BRANCH_MODEL,
    Options,
    branch_model,
    conf,
    find_problems,
    import_option,
)
from django_messenger.flags import FALSE_WORDS, TRUE_WORDS, read_flag
from django_messenger.models import Inbox
from django_messenger.panel.cards import ContactCard, HostAction
from django_messenger.panel.frame import HEAD, blocks_of

if TYPE_CHECKING:
    from django.apps import AppConfig

    Check = Callable[..., list[CheckMessage]]

#: Every id with what it means; ``docs/reference/checks.md`` is made from it.
CHECKS: Final[dict[str, str]] = {
    "E001": "`MESSENGER` holds an unknown key, or `THROTTLE_RATES` an unknown endpoint.",
    "E002": "An option of `MESSENGER` has a bad value.",
    "E003": "The flag's value is neither a clear yes nor a clear no; the messenger stays off.",
    "E004": "A dotted path cannot be imported, does not name what it should (an access policy, a"
    " bus, cards, actions), or the name of a card or an action is taken or fits into no address.",
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
    "W016": "Push hints stay within one process (`MemoryBus`) outside `DEBUG`.",
    "E017": "A database router sends the messenger's writes elsewhere than to `default`.",
    "E018": "`MESSENGER['BASE_TEMPLATE']` cannot be read, or lacks the block of `CONTENT_BLOCK` or"
    " `HEAD_BLOCK`.",
}

#: Options that hold dotted paths, and what each class must derive from.
_BASES: Final[dict[str, type | None]] = {
    "ACCESS_POLICY": AccessPolicy,
    "OPERATOR_AUTHENTICATION": None,
    "BUS": Bus,
    "CONTACT_CARDS": ContactCard,
    "ACTIONS": HostAction,
}
_PARTS: Final = {"messenger_widget", "messenger_operators", "messenger_panel"}
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


def _unless_broken(check: Callable[..., Iterator[CheckMessage]]) -> Check:
    """Run a check only if the options can be read; ``check_options`` says what is wrong else."""

    @wraps(check)
    def guarded(
        app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
    ) -> list[CheckMessage]:
        return [] if check_options() else list(check(**kwargs))

    return guarded


@_unless_broken
def check_flag(**kwargs: Any) -> Iterator[CheckMessage]:
    """E003: the value of the switch."""
    value = read_flag()
    words = TRUE_WORDS | FALSE_WORDS
    known = value.strip().lower() in words if isinstance(value, str) else value in (None, 0, 1)
    if not known:
        message = f"{conf.FLAG} = {value!r} is neither on nor off; the messenger stays off."
        yield _report("E003", message, f"Write {conf.FLAG} = True or {conf.FLAG} = False.")


@_unless_broken
def check_imports(**kwargs: Any) -> Iterator[CheckMessage]:
    """E004, W016: dotted paths."""
    for key, wanted in _BASES.items():
        default = getattr(Options(), key)
        line = f'MESSENGER = {{"{key}": {default!r}}}'
        try:
            found = None if getattr(conf, key) == default else import_option(key)
        except ImproperlyConfigured as error:
            yield _report("E004", str(error), f"Write {line} or correct the path.")
            continue
        paths = getattr(conf, key) if isinstance(found, list) else [getattr(conf, key)]
        classes = found if isinstance(found, list) else [found] if found else []
        broken = [p for p, c in zip(paths, classes, strict=False) if not _is_complete(c, wanted)]
        if wanted and broken:
            message = f'MESSENGER["{key}"]: {broken[0]} is not a complete {wanted.__name__}.'
            hint = f"or derive it from {wanted.__module__}.{wanted.__name__}"
            yield _report("E004", message, f"Write {line} {hint}.")
        elif repeated := _repeated_name(classes):
            message = f'MESSENGER["{key}"]: two classes have the name {repeated!r}.'
            yield _report("E004", message, f"Give one of them another name, or write {line}.")
        elif unfit := _unfit_name(classes):
            message = f'MESSENGER["{key}"]: the name {unfit[0]!r} fits into no address.'
            hint = f"Use letters a to z, digits, - and _, or write {line}."
            yield _report("E004", message, hint)
        elif found is MemoryBus and not settings.DEBUG:
            message = "Push hints of MemoryBus reach only the process that wrote."
            yield _report("W016", message, f"Write {line} unless there is one process only.")


@_unless_broken
def check_base_template(**kwargs: Any) -> Iterator[CheckMessage]:
    """E018: the page around the panel."""
    default = Options()
    try:
        blocks = blocks_of(conf.BASE_TEMPLATE)
    except ImproperlyConfigured:  # no engine, so no pages
        return
    except (TemplateDoesNotExist, TemplateSyntaxError) as error:
        message = f'MESSENGER["BASE_TEMPLATE"]: {conf.BASE_TEMPLATE!r} cannot be read ({error!r}).'
        line = f'MESSENGER = {{"BASE_TEMPLATE": "{default.BASE_TEMPLATE}"}}'
        yield _report("E018", message, f"Write {line} or correct the template.")
        return
    wanted = ["CONTENT_BLOCK"] if blocks and HEAD in blocks else ["CONTENT_BLOCK", "HEAD_BLOCK"]
    for key in wanted:
        name = getattr(conf, key)
        if blocks is not None and name not in blocks:
            yield _no_such_block(key, name, blocks)


def _no_such_block(key: str, name: str, blocks: Collection[str]) -> CheckMessage:
    """Tell that a template has no such block, and which of its own may be meant."""
    likely = ("head", "css", "styles") if key == "HEAD_BLOCK" else ("main", "body", "page")
    near = get_close_matches(name.replace("_", ""), sorted(blocks), n=1, cutoff=0.5)
    meant = [*near, *(other for other in likely if other in blocks), *sorted(blocks), name]
    template = conf.BASE_TEMPLATE
    message = f'{template} has no block {name!r}, which MESSENGER["{key}"] names.'
    hint = f'Write MESSENGER = {{"{key}": "{meant[0]}"}}'
    return _report("E018", message, f"{hint} or add {{% block {name} %}}{{% endblock %}} to it.")


def _repeated_name(classes: Sequence[Any]) -> str:
    """Return a name in addresses that two cards or two actions have."""
    names = [one.name for one in classes if hasattr(one, "name")]
    return next((name for name in names if names.count(name) > 1), "")


def _unfit_name(classes: Sequence[Any]) -> list[str]:
    """Return the first name of a card or an action that cannot stand in an address, in a list."""
    names = [one.name for one in classes if hasattr(one, "name")]
    return [name for name in names if not slug_re.fullmatch(str(name))][:1]


def _is_complete(found: Any, wanted: type | None) -> bool:
    if wanted is None:
        return True
    is_class = isinstance(found, type) and issubclass(found, wanted)
    return is_class and not getattr(found, "__abstractmethods__", None)


@_unless_broken
def check_branch_migration(**kwargs: Any) -> Iterator[CheckMessage]:
    """E005: fresh databases need the branch table before ours."""
    if branch_model() == DEFAULT_BRANCH_MODEL:
        return
    app, _, name = branch_model().partition(".")
    # Not the graph: a wrong name in the setting keeps it from being built.
    loader = MigrationLoader(None, load=False)
    loader.load_disk()
    own = {key[1]: found for key, found in loader.disk_migrations.items() if key[0] == app}
    makers = sorted(key for key, found in own.items() if _creates(found.operations, name))
    first = [key for key, found in own.items() if app not in dict(found.dependencies)]
    given = getattr(settings, "MESSENGER_BRANCH_MIGRATION", None)
    named = [given] if given else first
    if makers and not set(makers).intersection(named):
        message = f"{branch_model()} is made by the migration {makers[0]} of {app!r}."
        yield _report("E005", message, f'Write MESSENGER_BRANCH_MIGRATION = "{makers[0]}".')


def _creates(operations: Sequence[Any], name: str) -> bool:
    """Tell whether a model has its name since these operations."""
    for operation in operations:
        if isinstance(operation, SeparateDatabaseAndState):
            if _creates(operation.state_operations, name):
                return True
        elif isinstance(operation, CreateModel | RenameModel):
            made = operation.name if isinstance(operation, CreateModel) else operation.new_name
            if made.lower() == name.lower():
                return True
    return False


@_unless_broken
def check_url_conf(**kwargs: Any) -> Iterator[CheckMessage]:
    """W013: routes are always registered; the flag switches them."""
    if not getattr(settings, "ROOT_URLCONF", None) or _PARTS & get_resolver().app_dict.keys():
        return
    hint = 'Add path("", include("django_messenger.urls")) to urlpatterns.'
    yield _report("W013", "No part of the messenger is in the URLconf.", hint)


@_unless_broken
def check_session_cache(**kwargs: Any) -> Iterator[CheckMessage]:
    """E009 to W012: the cache that keeps sessions and limits."""
    alias = conf.SESSION_CACHE
    if alias not in settings.CACHES:
        message = f'MESSENGER["SESSION_CACHE"] names {alias!r}, which is not in CACHES.'
        yield _report("E011", message, 'Write MESSENGER = {"SESSION_CACHE": "default"}.')
        return
    module = type(caches[alias]).__module__
    if module.removeprefix("django.core.cache.backends.") in _UNSHARED:
        message = f"The cache {alias!r} ({module}) cannot carry widget sessions."
        yield _report("E009", message, f"Write {_cache_line(alias)}.", warn=settings.DEBUG)
    elif "redis" in module.lower():
        yield from _check_redis(alias, ours="django_redis" in module)


def _cache_line(alias: str) -> str:
    return (
        f'CACHES["{alias}"] = {{"BACKEND": "django_redis.cache.RedisCache",'
        ' "LOCATION": REDIS_URL, "OPTIONS": {"SOCKET_TIMEOUT": 0.5, "SOCKET_CONNECT_TIMEOUT": 0.5}}'
    )


def _options_line(alias: str, wanted: Mapping[str, object]) -> str:
    """The line that adds to a cache's options; those there are may hold a password."""
    operator = "|=" if "OPTIONS" in settings.CACHES[alias] else "="
    return f'CACHES["{alias}"]["OPTIONS"] {operator} {wanted!r}'


def _check_redis(alias: str, *, ours: bool) -> Iterator[CheckMessage]:
    """``ours``: django-redis, whose options are upper-case and which can swallow errors."""
    config = settings.CACHES[alias]
    options = config.get("OPTIONS", {})
    ignored = options.get(
        "IGNORE_EXCEPTIONS", getattr(settings, "DJANGO_REDIS_IGNORE_EXCEPTIONS", False)
    )
    if ours and ignored:
        message = f"The cache {alias!r} ignores its errors: sessions would be lost in silence."
        line = _options_line(alias, {"IGNORE_EXCEPTIONS": False})
        yield _report("E010", message, f"Write {line}, or give the messenger a cache of its own.")
    flat = {**options, **options.get("CONNECTION_POOL_KWARGS", {})}
    in_url = "socket_timeout=" in str(config.get("LOCATION", ""))
    if not (in_url or any(name.lower() == "socket_timeout" for name in flat)):
        message = f"The cache {alias!r} has no socket timeout."
        names = ("SOCKET_TIMEOUT", "SOCKET_CONNECT_TIMEOUT")
        line = _options_line(alias, {name if ours else name.lower(): 0.5 for name in names})
        yield _report("W012", message, f"Write {line}.")


@_unless_broken
def check_connections(**kwargs: Any) -> Iterator[CheckMessage]:
    """E007, W014, W015, E017: which database, and how connections live."""
    alias = router.db_for_write(Inbox)
    if alias != DEFAULT_DB_ALIAS:
        message = f"The messenger's models are written to the database {alias!r}."
        hint = "Let db_for_write() of your router return None for the app django_messenger."
        yield _report("E017", message, hint)
        return
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
        line = f'DATABASES["{alias}"]["CONN_MAX_AGE"] = 0'
        pool = '{"pool": {"min_size": 2, "max_size": 10, "timeout": 5}}'
        yield _report("W014", message, f"Write {line}, and better still add {pool} to OPTIONS.")
    elif not config["CONN_HEALTH_CHECKS"]:
        message = f"Connections of {alias!r} persist, but nobody asks whether they still live."
        hint = f'DATABASES["{alias}"]["CONN_HEALTH_CHECKS"] = True'
        yield _report("W015", message, f"Write {hint}.")


def _serves_asgi() -> bool:
    asgi_apps = ("daphne", "channels")
    return bool(getattr(settings, "ASGI_APPLICATION", None)) or any(
        map(apps.is_installed, asgi_apps)
    )


@_unless_broken
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
        models = apps.get_models(include_swapped=True)
        label = next(
            (model._meta.label for model in models if model._meta.db_table == target),
            f"<the model of {target}>",
        )
        hint = f'Write MESSENGER_BRANCH_MODEL = "{label}", or move the data by a migration.'
        yield _report("E006", message, hint)


def register() -> None:
    """Register every check; called when the app is ready, which a test may make happen again."""
    checks.register(check_options, Tags.compatibility)
    for check in (check_flag, check_imports, check_branch_migration, check_session_cache):
        checks.register(check, Tags.compatibility)
    checks.register(check_base_template, Tags.templates)
    checks.register(check_connections, Tags.compatibility)
    checks.register(check_url_conf, Tags.urls)
    checks.register(check_database, Tags.database)
