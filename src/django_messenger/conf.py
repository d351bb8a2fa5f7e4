"""Every setting of the package, typed, with its default, bounds and meaning.

Hosts write one dict, ``MESSENGER``; code reads ``conf.MAX_MESSAGE_LENGTH``. Only three settings
are flat, because Django or a migration must see them: ``MESSENGER_BRANCH_MODEL``,
``MESSENGER_BRANCH_MIGRATION`` and the flag itself (``MESSENGER_ENABLED`` by default).

Migrations import :func:`branch_model` and :func:`branch_dependency`: their path is frozen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.db import migrations
from django.utils.module_loading import import_string

from django_messenger.rates import SCOPES, parse_rate

if TYPE_CHECKING:
    from django.db.migrations.migration import SwappableTuple

DEFAULT_BRANCH_MODEL: Final = "django_messenger.Branch"

DEFAULT_THROTTLE_RATES: Final[Mapping[str, str]] = {
    "bootstrap": "10/m/ip, 600/m/inbox",
    "send": "30/m/session, 60/m/ip, 3000/m/inbox",
    "poll": "60/m/session, 600/m/ip",
    "default": "120/m/session, 600/m/ip",
}


THEMES: Final = ("auto", "light", "dark")


def _option(
    default: Any,
    doc: str,
    *,
    low: int | None = None,
    high: int | None = None,
    choices: Sequence[str] = (),
) -> Any:
    metadata = {"doc": doc, "low": low, "high": high, "choices": choices}
    if isinstance(default, dict | list):
        return field(default_factory=default.copy, metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class Options:
    """The keys of ``MESSENGER``. Times are in seconds, lengths in characters (code points)."""

    FLAG: str = _option(
        "MESSENGER_ENABLED",
        "Name of the switch: a Django setting of that name, else an environment variable, else"
        " off. Read at every request.",
    )
    ACCESS_POLICY: str = _option(
        "django_messenger.access.BranchAccessPolicy",
        "Dotted path of the class that decides who sees and does what.",
    )
    OPERATOR_AUTHENTICATION: list[str] = _option(
        ["rest_framework.authentication.SessionAuthentication"],
        "Dotted paths of the DRF authentication classes of the operator API.",
    )
    MAX_MESSAGE_LENGTH: int = _option(
        2000, "Longest message, in characters after NFC normalisation.", low=1, high=100_000
    )
    EDIT_WINDOW: int = _option(
        15 * 60, "How long operators may edit or remove their own messages.", low=0, high=30 * 86400
    )
    ASSIGN_ON_REPLY: bool = _option(
        True, "Whether a reply to a conversation of nobody's makes it the sender's."
    )
    RELEASE_AFTER: int = _option(
        10 * 60,
        "How long an operator must be gone until visitors who wait for them go back to the queue,"
        " in inboxes that assign automatically.",
        low=60,
        high=86400,
    )
    THROTTLE_RATES: dict[str, str] = _option(
        dict(DEFAULT_THROTTLE_RATES),
        "Limits per endpoint of the widget API, `count/period/dimension` joined by commas;"
        " dimensions `session`, `ip`, `inbox`. Keys given here replace single defaults; an empty"
        " text lifts the limit. Endpoints not listed share `default`.",
    )
    TRUSTED_PROXY_COUNT: int = _option(
        0,
        "How many proxies of yours append to `X-Forwarded-For`. 0 trusts no header.",
        low=0,
        high=10,
    )
    SESSION_CACHE: str = _option(
        "default", "Alias in `CACHES` that keeps widget sessions, throttles and cursors."
    )
    SESSION_TTL: int = _option(
        12 * 3600, "Life of an idle widget session, prolonged by use.", low=60, high=30 * 86400
    )
    SESSION_MAX_AGE: int = _option(
        7 * 86400, "Absolute life of a widget session.", low=60, high=365 * 86400
    )
    VISITOR_TTL: int = _option(
        180 * 86400, "Life of an unused visitor token.", low=3600, high=3650 * 86400
    )
    HONEYPOT_FIELD: str = _option(
        "website", "Form field that people never see; a message that fills it is quarantined."
    )
    BUS: str = _option(
        "auto",
        "Dotted path of the class that carries push hints between processes;"
        " `django_messenger.bus.redis.RedisBus`, `django_messenger.bus.postgres.PostgresBus`,"
        " `django_messenger.bus.memory.MemoryBus` (one process) and"
        " `django_messenger.bus.memory.NoBus` (polling only) are there. `auto` takes Redis where"
        " the session cache is one, else PostgreSQL.",
    )
    STREAM_LIFE: int = _option(
        240, "Longest life of a push stream; the client then asks anew.", low=1, high=300
    )
    STREAM_HEARTBEAT: int = _option(
        20, "Pause between the heartbeats of a push stream.", low=1, high=25
    )
    STREAMS_PER_SESSION: int = _option(
        3, "Open push streams per widget session.", low=0, high=1_000_000
    )
    STREAMS_PER_IP: int = _option(
        10, "Open push streams per client address.", low=0, high=1_000_000
    )
    STREAMS_PER_PROCESS: int = _option(
        5000, "Open push streams per server process.", low=0, high=1_000_000
    )
    BASE_TEMPLATE: str = _option(
        "django_messenger/base.html",
        "Template of yours that the operators' pages extend, such as `crm/base.html`.",
    )
    CONTENT_BLOCK: str = _option(
        "content", "Block of `BASE_TEMPLATE` that the operators' pages fill."
    )
    HEAD_BLOCK: str = _option(
        "extra_head",
        "Block within the `<head>` of `BASE_TEMPLATE` that takes our style sheets and scripts. A"
        " template with a block `dm_head` needs none.",
    )
    THEME: str = _option(
        "auto",
        "Colours of the operators' pages: `light`, `dark`, or `auto` for those of the system.",
        choices=THEMES,
    )
    CONTACT_CARDS: list[str] = _option(
        [],
        "Dotted paths of the classes of your cards beside a conversation, derived from"
        " `django_messenger.panel.cards.ContactCard`.",
    )
    ACTIONS: list[str] = _option(
        [],
        "Dotted paths of the classes of your buttons in the menu of a conversation, derived from"
        " `django_messenger.panel.cards.HostAction`.",
    )


_FIELDS: Final = {option.name: option for option in fields(Options)}


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in ``MESSENGER``: what is wrong, and the line that mends it."""

    key: str
    kind: str
    message: str
    hint: str


def find_problems(raw: object) -> Iterator[Problem]:
    """Yield what is wrong with a value of the setting ``MESSENGER``."""
    if not isinstance(raw, Mapping):
        yield Problem("", "type", "MESSENGER must be a dict.", "Write MESSENGER = {}.")
        return
    for key, value in raw.items():
        if key not in _FIELDS:
            yield _unknown_key(str(key))
        else:
            yield from _bad_value(key, value)


def _unknown_key(key: str) -> Problem:
    near = get_close_matches(key.upper(), _FIELDS, n=1)
    hint = f'Did you mean MESSENGER["{near[0]}"]?' if near else f"Known keys: {', '.join(_FIELDS)}."
    return Problem(key, "unknown", f'MESSENGER["{key}"] is not an option.', hint)


def _bad_value(key: str, value: object) -> Iterator[Problem]:
    wanted = type(_default(key))
    line = f'Write MESSENGER = {{"{key}": {_default(key)!r}}} or leave the key out.'
    if not isinstance(value, wanted) or isinstance(value, bool) != (wanted is bool):
        message = f'MESSENGER["{key}"] must be {wanted.__name__}, not {type(value).__name__}.'
        yield Problem(key, "value", message, line)
    elif isinstance(value, int) and wanted is int:
        low, high = _FIELDS[key].metadata["low"], _FIELDS[key].metadata["high"]
        if not low <= value <= high:
            message = f'MESSENGER["{key}"] must lie between {low} and {high}, not {value}.'
            yield Problem(key, "value", message, line)
    elif isinstance(value, str):
        choices = _FIELDS[key].metadata["choices"]
        if not value.strip():
            yield Problem(key, "value", f'MESSENGER["{key}"] must not be empty.', line)
        elif choices and value not in choices:
            message = f'MESSENGER["{key}"] must be one of {", ".join(choices)}, not {value!r}.'
            yield Problem(key, "value", message, line)
    elif isinstance(value, list):
        empty = not value and _default(key)
        if empty or not all(isinstance(item, str) for item in value):
            yield Problem(key, "value", f'MESSENGER["{key}"] must be a list of texts.', line)
    elif isinstance(value, dict):
        yield from _bad_rates(value)


def _bad_rates(rates: dict[Any, Any]) -> Iterator[Problem]:
    for scope, rate in rates.items():
        where = f'MESSENGER["THROTTLE_RATES"]["{scope}"]'
        if scope not in SCOPES:
            yield _unknown_scope(where, str(scope))
            continue
        default = DEFAULT_THROTTLE_RATES.get(scope, DEFAULT_THROTTLE_RATES["default"])
        line = f'Write MESSENGER = {{"THROTTLE_RATES": {{"{scope}": "{default}"}}}}.'
        try:
            parse_rate(rate)
        except (ValueError, TypeError, AttributeError) as error:
            yield Problem("THROTTLE_RATES", "value", f"{where}: {error}.", line)


def _unknown_scope(where: str, scope: str) -> Problem:
    near = get_close_matches(scope.lower().replace("_", "-"), SCOPES, n=1)
    hint = f'Did you mean "{near[0]}"?' if near else f"Known endpoints: {', '.join(SCOPES)}."
    return Problem("THROTTLE_RATES", "unknown", f"{where} is no endpoint of the widget API.", hint)


def _default(key: str) -> Any:
    return getattr(Options(), key)


class _Conf:
    """Reads options through the settings in force; built anew when a test overrides them."""

    def __init__(self) -> None:
        self._options: Options | None = None

    def __getattr__(self, name: str) -> Any:
        if name not in _FIELDS:
            raise AttributeError(name)
        value = self.__dict__[name] = getattr(self.options, name)  # the next time without a call
        return value

    @property
    def options(self) -> Options:
        """The options in force.

        Raises:
            ImproperlyConfigured: ``MESSENGER`` holds an unknown key or a bad value.
        """
        if self._options is None:
            raw = getattr(settings, "MESSENGER", {})
            for problem in find_problems(raw):
                raise ImproperlyConfigured(f"{problem.message} {problem.hint}")
            rates = {**DEFAULT_THROTTLE_RATES, **raw.get("THROTTLE_RATES", {})}
            self._options = Options(**{**raw, "THROTTLE_RATES": rates})
        return self._options

    def forget(self) -> None:
        """Drop what was read, because the settings have changed."""
        self.__dict__.clear()
        self._options = None
        _import.cache.clear()


class _ImportOnce:
    def __init__(self) -> None:
        self.cache: dict[tuple[str, str], Any] = {}

    def __call__(self, key: str, path: str) -> Any:
        if (key, path) not in self.cache:
            try:
                self.cache[key, path] = import_string(path)
            except (ImportError, TypeError, ValueError) as error:  # the latter two: "..", ".name"
                message = f'MESSENGER["{key}"]: {path!r} cannot be imported ({error}).'
                raise ImproperlyConfigured(message) from error
        return self.cache[key, path]


_import = _ImportOnce()

if TYPE_CHECKING:
    conf: Options
else:
    conf = _Conf()


def import_option(key: str) -> Any:
    """Import what the dotted path (or each path of a list) in ``MESSENGER[key]`` names.

    Raises:
        ImproperlyConfigured: the path cannot be imported; the message names the option.
    """
    value = getattr(conf, key)
    if isinstance(value, str):
        return _import(key, value)
    return [_import(key, path) for path in value]


def _reload(*, setting: str, **kwargs: Any) -> None:
    if setting == "MESSENGER":
        conf.forget()  # type: ignore[attr-defined]


setting_changed.connect(_reload, dispatch_uid="django_messenger.conf")


def branch_model() -> str:
    """Return ``MESSENGER_BRANCH_MODEL`` as ``app_label.Model``.

    Django reads a swappable setting straight from ``settings``, so the default is put there on
    first use; without it every ``makemigrations`` and ``migrate`` of the host would crash.
    """
    if not hasattr(settings, "MESSENGER_BRANCH_MODEL"):
        settings.MESSENGER_BRANCH_MODEL = DEFAULT_BRANCH_MODEL
    return str(settings.MESSENGER_BRANCH_MODEL)


def branch_dependency() -> tuple[str, str] | SwappableTuple:
    """Return the migration that creates the branch model, for ``Migration.dependencies``.

    It is the app's first one unless ``MESSENGER_BRANCH_MIGRATION`` names a later one, such as
    ``"0005_branch"``.
    """
    model = branch_model()
    name = getattr(settings, "MESSENGER_BRANCH_MIGRATION", None)
    if name and model != DEFAULT_BRANCH_MODEL:
        return (model.split(".")[0], str(name))
    return migrations.swappable_dependency(model)
