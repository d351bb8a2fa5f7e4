"""What people install: the content of the archives, and the wheel in a brand-new project."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from email.parser import Parser
from pathlib import Path

import pytest

from tests.databases import blank_database

pytestmark = pytest.mark.package

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = ROOT / "src" / "django_messenger"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

SETTINGS = """
import os
from urllib.parse import urlsplit

INSTALLED_APPS += ["rest_framework", "django_messenger"]
url = urlsplit(os.environ["DATABASE_URL"])
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": url.hostname,
        "NAME": url.path[1:],
        "PASSWORD": url.password or "",
        "PORT": url.port,
        "USER": url.username,
    }
}
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": os.environ["REDIS_URL"],
        "KEY_PREFIX": "new-host",
        "OPTIONS": {"SOCKET_CONNECT_TIMEOUT": 1, "SOCKET_TIMEOUT": 1},
    }
}
LOGIN_URL = "/admin/login/"
MESSENGER_ENABLED = True
"""

URLS = """
from django.contrib import admin
from django.urls import include, path

urlpatterns = [path("admin/", admin.site.urls), path("", include("django_messenger.urls"))]
"""

ROUND_TRIP = """
import django

django.setup()

from django.test import Client
from django_messenger.models import Branch, Inbox

branch = Branch.objects.create(name="Main", slug="main")
inbox = Inbox.objects.create(branch=branch, name="Website")
client = Client(SERVER_NAME="localhost")

def call(name, status, **fields):
    data = {"widget_token": inbox.widget_token, **fields}
    response = client.post(f"/api/widget/{name}/", data, content_type="application/json")
    assert response.status_code == status, (name, response.status_code, response.content)
    return response.json()

session = call("bootstrap", 201)["widget_session_token"]
call("send", 201, widget_session_token=session, body="Здравствуйте!", client_id="1")
polled = call("poll", 200, widget_session_token=session)
assert [message["body"] for message in polled["messages"]] == ["Здравствуйте!"], polled
loader = client.get("/api/widget/loader.js")
assert loader.status_code == 200, loader
print("round trip done")
"""


def run(*command: str | Path, cwd: Path, env: dict[str, str] | None = None) -> str:
    """Run a command outside this test run's own Python environment; returns what it prints."""
    outside = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "DJANGO", "VIRTUAL_ENV", "TOX", "MESSENGER"))
    }
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**outside, **(env or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}"
    return done.stdout


@pytest.fixture(scope="session")
def uv() -> str:
    beside = Path(sys.executable).parent / "uv"
    found = str(beside) if beside.exists() else shutil.which("uv")
    assert found, "uv is not installed"
    return found


@pytest.fixture(scope="session")
def archives(uv: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist, and the wheel that is built from the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    run(uv, "build", "--quiet", "--out-dir", folder, ROOT, cwd=folder)
    return folder


@pytest.fixture(scope="session")
def wheel(archives: Path) -> Path:
    (found,) = archives.glob("django_messenger-*.whl")
    return found


def package_files() -> set[str]:
    """Every file of the package in this checkout, as the wheel names it."""
    return {
        path.relative_to(PACKAGE.parent).as_posix()
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == package_files()


@pytest.mark.parametrize(
    "pattern",
    [
        "py.typed",
        "migrations/0001_initial.py",
        "locale/ru/LC_MESSAGES/django.mo",
        "static/django_messenger/*.js",
        "templates/django_messenger/**/*.html",
    ],
)
def test_what_a_host_cannot_do_without_is_there(pattern: str) -> None:
    assert list(PACKAGE.glob(pattern))


def test_every_translation_is_compiled() -> None:
    sources = list(PACKAGE.rglob("*.po"))
    assert sources
    assert all(source.with_suffix(".mo").exists() for source in sources)


def test_the_metadata_say_what_pyproject_says(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = Parser().parsestr(archive.read(name).decode())
        assert any(name.endswith("licenses/LICENSE") for name in archive.namelist())
    assert metadata["Name"] == "django-messenger"
    assert metadata["Version"] == PROJECT["version"]
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Requires-Python"] == PROJECT["requires-python"]


def test_the_sdist_can_be_tested(archives: Path) -> None:
    (sdist,) = archives.glob("django_messenger-*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"LICENSE", "README.md", "pyproject.toml", "run", "tox.ini", "uv.lock"} <= names
    assert {"tests/conftest.py", "tools/services.py", "docker-compose.test.yml"} <= names
    assert not any(name.startswith((".ci", ".venv", ".tox", ".data")) for name in names)


@dataclass
class NewHost:
    """A project made by ``startproject``, with the wheel installed beside Django."""

    folder: Path
    python: Path
    env: dict[str, str]

    def manage(self, *arguments: str) -> str:
        return run(self.python, "manage.py", *arguments, cwd=self.folder, env=self.env)


@pytest.fixture(scope="module")
def new_host(uv: str, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewHost]:
    folder = tmp_path_factory.mktemp("host")
    python = folder / "venv" / "bin" / "python"
    run(uv, "venv", "--quiet", "--python", sys.executable, folder / "venv", cwd=folder)
    needed = [f"django-messenger[redis] @ {wheel.as_uri()}", "psycopg[binary]"]
    run(uv, "pip", "install", "--quiet", "--python", python, *needed, cwd=folder)
    run(python, "-m", "django", "startproject", "host", folder, cwd=folder)
    settings = folder / "host" / "settings.py"
    settings.write_text(settings.read_text() + SETTINGS)
    (folder / "host" / "urls.py").write_text(URLS)
    (folder / "round_trip.py").write_text(ROUND_TRIP)
    with blank_database("new_host") as url:
        env = {
            "DATABASE_URL": url,
            "REDIS_URL": os.environ["REDIS_URL"],
            "DJANGO_SETTINGS_MODULE": "host.settings",
        }
        yield NewHost(folder, python, env)


def test_a_new_project_works_with_the_wheel(new_host: NewHost) -> None:
    assert "no issues" in new_host.manage("check", "--fail-level", "WARNING")
    new_host.manage("migrate", "--verbosity", "0")
    assert "no issues" in new_host.manage(
        "check", "--fail-level", "WARNING", "--database", "default"
    )
    new_host.manage("makemigrations", "--check", "--dry-run")
    printed = run(new_host.python, "round_trip.py", cwd=new_host.folder, env=new_host.env)
    assert "round trip done" in printed
