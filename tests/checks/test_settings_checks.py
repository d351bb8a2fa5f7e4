"""Checks that look at the settings alone: each can be provoked, and its own hint mends it."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, run_checks
from django.db import connections
from django.test import override_settings
from django.urls import include, path

from django_messenger.access import AccessPolicy, get_branch_model
from django_messenger.checks import CHECKS, check_connections
from django_messenger.test import override_messenger
from tests.checks.hosts import line_in

REDIS = "redis://127.0.0.1:6379/0"
TIMEOUTS = {"SOCKET_TIMEOUT": 1, "SOCKET_CONNECT_TIMEOUT": 1}
DJANGO_REDIS = "django.core.cache.backends.redis.RedisCache"
OURS = "django_redis.cache.RedisCache"
has_django_redis = importlib.util.find_spec("django_redis") is not None
needs_django_redis = pytest.mark.skipif(
    not has_django_redis, reason="the extra redis is not installed"
)


class HalfPolicy(AccessPolicy):
    """A policy that somebody has not finished."""

    def branches_for(self, user: Any) -> Any:
        return get_branch_model()._default_manager.none()


class NoPolicy:
    """A class that answers none of the questions."""


class EmptyURLs:
    urlpatterns: list[Any] = []


def caches(backend: str, location: str = REDIS, **options: Any) -> dict[str, Any]:
    return {"default": {"BACKEND": backend, "LOCATION": location, "OPTIONS": options}}


GOOD_CACHES = caches(DJANGO_REDIS, socket_timeout=1, socket_connect_timeout=1)


@pytest.fixture(autouse=True)
def good_host(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Begin each test with settings that no check complains of."""
    monkeypatch.delenv("MESSENGER_ENABLED", raising=False)
    with override_settings(CACHES=GOOD_CACHES, MESSENGER={}, MESSENGER_ENABLED=True, DEBUG=False):
        yield


def findings() -> dict[str, CheckMessage]:
    """What the checks say, by number."""
    found = [message for message in run_checks() if message.id.startswith("django_messenger.")]
    by_number = {message.id.rpartition(".")[2]: message for message in found}
    assert len(by_number) == len(found), found
    assert by_number.keys() <= CHECKS.keys()
    return by_number


def only(number: str) -> CheckMessage:
    """The one thing that is wrong."""
    found = findings()
    assert list(found) == [number], found
    assert found[number].hint
    return found[number]


def pasted(line: str, **names: Any) -> dict[str, Any]:
    """The settings that a line defines or changes, when it is pasted below ``names``."""
    exec(line, {"REDIS_URL": REDIS, "path": path, "include": include}, names)
    return names


def test_a_well_configured_project_has_none() -> None:
    assert findings() == {}


def test_every_id_has_a_test() -> None:
    texts = [found.read_text() for found in Path(__file__).parent.glob("test_*.py")]
    assert all(any(f'"{number}"' in text for text in texts) for number in CHECKS)


# --- MESSENGER -----------------------------------------------------------------------------------


def test_unknown_key() -> None:
    with override_settings(MESSENGER={"MAX_MESAGE_LENGTH": 10}):
        message = only("E001")
    assert "MAX_MESAGE_LENGTH" in message.msg
    assert "MAX_MESSAGE_LENGTH" in str(message.hint)


def test_unknown_endpoint() -> None:
    with override_settings(MESSENGER={"THROTTLE_RATES": {"sned": "30/m/ip"}}):
        message = only("E001")
    assert '["sned"] is no endpoint' in message.msg
    assert '"send"' in str(message.hint)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("MAX_MESSAGE_LENGTH", 0),
        ("MAX_MESSAGE_LENGTH", "2000"),
        ("MAX_MESSAGE_LENGTH", True),
        ("TRUSTED_PROXY_COUNT", -1),
        ("SESSION_TTL", 59),
        ("SESSION_CACHE", ""),
        ("OPERATOR_AUTHENTICATION", []),
        ("OPERATOR_AUTHENTICATION", [1]),
        ("THROTTLE_RATES", {"send": "lots"}),
        ("THROTTLE_RATES", {"send": 30}),
        ("THROTTLE_RATES", {"bootstrap": "1/m/planet"}),
    ],
)
def test_bad_value(key: str, value: Any) -> None:
    with override_settings(MESSENGER={key: value}):
        message = only("E002")
    assert key in message.msg
    with override_settings(**pasted(line_in(str(message.hint)))):
        assert findings() == {}


@pytest.mark.parametrize("value", [None, [], "on"])
def test_messenger_is_no_dict(value: Any) -> None:
    with override_settings(MESSENGER=value):
        message = only("E002")
    with override_settings(**pasted(line_in(str(message.hint)))):
        assert findings() == {}


def test_several_mistakes_at_once() -> None:
    mistakes = {"MAX_MESAGE_LENGTH": 10, "SESSION_TTL": 1, "SESSION_CACHE": "nowhere"}
    with override_settings(MESSENGER=mistakes):
        assert list(findings()) == ["E001", "E002"]


# --- The switch ----------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["maybe", "enabled", 2, [], "-1", object()])
def test_flag_is_neither_yes_nor_no(value: Any) -> None:
    with override_settings(MESSENGER_ENABLED=value):
        message = only("E003")
    with override_settings(**pasted(line_in(str(message.hint)))):
        assert findings() == {}


@pytest.mark.parametrize("value", ["", "No", " off ", "TRUE", "yes", 1, 0, None])
def test_flag_is_clear(value: Any) -> None:
    with override_settings(MESSENGER_ENABLED=value):
        assert findings() == {}


def test_flag_of_another_name_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_CHAT", "perhaps")
    with override_messenger(FLAG="CRM_CHAT"):
        message = only("E003")
        assert "CRM_CHAT" in message.msg
        with override_settings(**pasted(line_in(str(message.hint)))):
            assert findings() == {}


# --- Dotted paths --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("ACCESS_POLICY", "crm.nowhere.Policy"),
        ("ACCESS_POLICY", "NoDots"),
        ("ACCESS_POLICY", f"{__name__}.NoPolicy"),
        ("ACCESS_POLICY", f"{__name__}.HalfPolicy"),
        ("ACCESS_POLICY", f"{__name__}.caches"),
        ("OPERATOR_AUTHENTICATION", ["rest_framework.authentication.Nothing"]),
        ("BUS", "django_messenger.bus.carrier_pigeon.Bus"),
        ("BUS", "django_messenger.bus.base.Bus"),
    ],
)
def test_dotted_path(key: str, value: Any) -> None:
    with override_settings(MESSENGER={key: value}):
        message = only("E004")
    assert str(value if isinstance(value, str) else value[0]) in message.msg
    with override_settings(**pasted(line_in(str(message.hint)))):
        assert findings() == {}


def test_bus_of_one_process() -> None:
    with override_messenger(BUS="django_messenger.bus.memory.MemoryBus"):
        with override_settings(DEBUG=True):
            assert findings() == {}
        message = only("W016")
    with override_settings(**pasted(line_in(str(message.hint)))):
        assert findings() == {}


@pytest.mark.parametrize("name", ["redis.RedisBus", "postgres.PostgresBus", "memory.NoBus"])
def test_bus_that_is_good_enough(name: str) -> None:
    with override_messenger(BUS=f"django_messenger.bus.{name}"):
        assert findings() == {}


class Elsewhere:
    """A router that sends everything to a second database."""

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return "other"


def test_models_routed_elsewhere() -> None:
    # Asked alone: older checks of Django's own want to connect wherever a router points.
    with override_settings(DATABASE_ROUTERS=[f"{__name__}.Elsewhere"]):
        (message,) = check_connections()
    assert message.id.endswith("E017")
    assert "db_for_write" in str(message.hint)
    assert findings() == {}


# --- The branch ----------------------------------------------------------------------------------

LATE = {
    "INSTALLED_APPS": list(dict.fromkeys([*settings.INSTALLED_APPS, "tests.hosts.zz_late"])),
    "MESSENGER_BRANCH_MODEL": "zz_late.Branch",
    "MESSENGER_BRANCH_MIGRATION": None,
}
FIRST = {
    "INSTALLED_APPS": list(dict.fromkeys([*settings.INSTALLED_APPS, "tests.hosts.crm"])),
    "MESSENGER_BRANCH_MODEL": "crm.Branch",
}


@pytest.mark.parametrize("given", [None, "", "0001_initial", "0009_nowhere"])
def test_branch_is_not_made_by_the_first_migration(given: str | None) -> None:
    with override_settings(**{**LATE, "MESSENGER_BRANCH_MIGRATION": given}):
        message = only("E005")
    mended = {**LATE, **pasted(line_in(str(message.hint)))}
    assert mended["MESSENGER_BRANCH_MIGRATION"] == "0002_branch"
    with override_settings(**mended):
        assert findings() == {}


@pytest.mark.parametrize("given", [None, "0001_initial"])
def test_branch_of_the_first_migration(given: str | None) -> None:
    with override_settings(**FIRST, MESSENGER_BRANCH_MIGRATION=given):
        assert findings() == {}


RENAMED = """
    migrations.CreateModel("Office", [("id", models.BigAutoField(primary_key=True))]),
    migrations.RenameModel("Office", "Branch"),
"""
MOVED = """
    migrations.SeparateDatabaseAndState(
        state_operations=[
            migrations.CreateModel("Branch", [("id", models.BigAutoField(primary_key=True))])
        ]
    ),
"""


@pytest.mark.parametrize(("how", "operations"), [("renamed", RENAMED), ("moved", MOVED)])
def test_branch_was_renamed_or_moved(
    how: str, operations: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / f"{how}_migrations"
    folder.mkdir()
    head = "from django.db import migrations, models\n\nclass Migration(migrations.Migration):"
    (folder / "__init__.py").touch()
    (folder / "0001_initial.py").write_text(f"{head}\n    operations = []\n")
    (folder / "0002_late.py").write_text(
        f"{head}\n    dependencies = [('zz_late', '0001_initial')]\n    operations = [{operations}]"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with override_settings(**LATE, MIGRATION_MODULES={"zz_late": folder.name}):
        message = only("E005")
    assert line_in(str(message.hint)) == 'MESSENGER_BRANCH_MIGRATION = "0002_late"'


# --- The cache -----------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", ["locmem.LocMemCache", "dummy.DummyCache", "db.DatabaseCache"])
@pytest.mark.parametrize("debug", [True, False])
def test_cache_cannot_carry_sessions(backend: str, debug: bool) -> None:
    wrong = caches(f"django.core.cache.backends.{backend}", location="somewhere")
    with override_settings(CACHES=wrong, DEBUG=debug):
        message = only("E009")
    assert message.level == (checks.WARNING if debug else checks.ERROR)
    assert_line_mends_caches(message, wrong)


def test_file_cache_cannot_carry_sessions(tmp_path: Path) -> None:
    wrong = caches("django.core.cache.backends.filebased.FileBasedCache", location=str(tmp_path))
    with override_settings(CACHES=wrong):
        assert only("E009").level == checks.ERROR


def test_another_alias_carries_the_sessions() -> None:
    local = caches("django.core.cache.backends.locmem.LocMemCache")["default"]
    both = {"default": local, "chat": GOOD_CACHES["default"]}
    with override_settings(CACHES=both):
        assert list(findings()) == ["E009"]
        with override_messenger(SESSION_CACHE="chat"):
            assert findings() == {}


@needs_django_redis
@pytest.mark.parametrize("where", ["options", "setting"])
def test_cache_hides_its_errors(where: str) -> None:
    wrong = caches(OURS, **TIMEOUTS)
    extra: dict[str, Any] = {"DJANGO_REDIS_IGNORE_EXCEPTIONS": True} if where == "setting" else {}
    if where == "options":
        wrong["default"]["OPTIONS"]["IGNORE_EXCEPTIONS"] = True
    with override_settings(CACHES=wrong, **extra):
        message = only("E010")
        assert_line_mends_caches(message, wrong)


def test_cache_has_no_name() -> None:
    with override_messenger(SESSION_CACHE="chat"):
        message = only("E011")
        assert "chat" in message.msg
    with override_settings(**pasted(line_in(str(message.hint)))):
        assert findings() == {}


@pytest.mark.parametrize(
    "backend", [DJANGO_REDIS, pytest.param(OURS, marks=needs_django_redis)], ids=["django", "ours"]
)
@pytest.mark.parametrize("options", [None, {}, {"max_connections": 5}])
def test_cache_has_no_timeout(backend: str, options: dict[str, Any] | None) -> None:
    wrong = caches(backend, **(options or {}))
    if options is None:
        del wrong["default"]["OPTIONS"]
    with override_settings(CACHES=wrong):
        message = only("W012")
    assert "max_connections" not in str(message.hint)  # options may hold a password
    assert_line_mends_caches(message, wrong)


@pytest.mark.parametrize(
    "cache",
    [
        pytest.param(caches(OURS, CONNECTION_POOL_KWARGS=TIMEOUTS), marks=needs_django_redis),
        caches(DJANGO_REDIS, location=f"{REDIS}?socket_timeout=1"),
    ],
    ids=["pool", "url"],
)
def test_cache_that_is_good_enough(cache: dict[str, Any]) -> None:
    with override_settings(CACHES=cache):
        assert findings() == {}


def assert_line_mends_caches(message: CheckMessage, wrong: dict[str, Any]) -> None:
    line = line_in(str(message.hint))
    if not has_django_redis and OURS in line:
        return  # what the line names cannot be imported here
    mended = pasted(line, CACHES={"default": dict(wrong["default"])})
    with override_settings(**mended):
        assert findings() == {}


# --- URLs and connections ------------------------------------------------------------------------


def test_nothing_of_ours_in_the_urlconf() -> None:
    with override_settings(ROOT_URLCONF=EmptyURLs):
        message = only("W013")
    _, _, rest = str(message.hint).partition("Add ")
    line = rest.partition(" to urlpatterns")[0]

    class MendedURLs:
        urlpatterns = [eval(line, {"path": path, "include": include})]

    with override_settings(ROOT_URLCONF=MendedURLs):
        assert findings() == {}


@pytest.mark.parametrize("part", ["widget", "operators", "panel"])
def test_one_part_alone_will_do(part: str) -> None:
    class URLs:
        urlpatterns = [
            path("deep/", include([path("er/", include(f"django_messenger.{part}.urls"))]))
        ]

    with override_settings(ROOT_URLCONF=URLs):
        assert findings() == {}


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Settings of the real connection that a test may change."""
    connection = connections["default"]
    changed = {**connection.settings_dict, "OPTIONS": {}, "CONN_HEALTH_CHECKS": False}
    monkeypatch.setattr(connection, "settings_dict", changed)
    return changed


@pytest.mark.parametrize("age", [60, None])
def test_persistent_connections_under_asgi(age: int | None, database: dict[str, Any]) -> None:
    database |= {"CONN_MAX_AGE": age, "CONN_HEALTH_CHECKS": True}
    assert findings() == {}
    with override_settings(ASGI_APPLICATION="host.asgi.application"):
        message = only("W014")
        pasted(line_in(str(message.hint)), DATABASES={"default": database})
        assert findings() == {}


@pytest.mark.parametrize("age", [60, None])
def test_persistent_connections_without_health_checks(
    age: int | None, database: dict[str, Any]
) -> None:
    database["CONN_MAX_AGE"] = age
    message = only("W015")
    pasted(line_in(str(message.hint)), DATABASES={"default": database})
    assert findings() == {}


# --- E018: the page around the panel --------------------------------------------------------------


def with_base(text: str, **options: str) -> Any:
    """A host whose base template is this text."""
    loaders = [("django.template.loaders.locmem.Loader", {"crm/base.html": text})]
    engine = {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {"loaders": loaders},
    }
    messenger = {"BASE_TEMPLATE": "crm/base.html", **options}
    return override_settings(TEMPLATES=[engine], MESSENGER=messenger)


def test_a_base_template_with_the_blocks_is_good() -> None:
    with with_base("{% block content %}{% endblock %}{% block extra_head %}{% endblock %}"):
        assert findings() == {}
    with with_base("{% block content %}{% endblock %}{% block dm_head %}{% endblock %}"):
        assert findings() == {}
    blocks = "{% block main %}{% endblock %}{% if a %}{% block css %}{% endblock %}{% endif %}"
    with with_base(blocks, CONTENT_BLOCK="main", HEAD_BLOCK="css"):
        assert findings() == {}


def test_a_base_template_that_only_rendering_knows_is_not_judged() -> None:
    with with_base("{% extends layout %}"):
        assert findings() == {}


@pytest.mark.parametrize("text", ["{% extends 'gone.html' %}", "{% blok %}"])
def test_e018_a_base_template_that_cannot_be_read(text: str) -> None:
    with with_base(text):
        found = only("E018")
    assert "crm/base.html" in found.msg
    mended = pasted(line_in(found.hint or ""))["MESSENGER"]
    with override_settings(MESSENGER=mended):
        assert findings() == {}


@pytest.mark.parametrize(
    ("block", "options", "key"),
    [
        ("main", {"HEAD_BLOCK": "css"}, "CONTENT_BLOCK"),
        ("extrahead", {"CONTENT_BLOCK": "css"}, "HEAD_BLOCK"),
        ("head", {"CONTENT_BLOCK": "css"}, "HEAD_BLOCK"),
    ],
)
def test_e018_a_base_template_without_the_block(
    block: str, options: dict[str, str], key: str
) -> None:
    text = f"{{% block css %}}{{% endblock %}}{{% block {block} %}}{{% endblock %}}"
    with with_base(text, **options):
        found = only("E018")
        assert f'MESSENGER["{key}"]' in found.msg
    mended = pasted(line_in(found.hint or ""))["MESSENGER"]
    assert mended == {key: block}
    with with_base(text, **options, **mended):
        assert findings() == {}
