"""``loader.js``: one stable address, cacheable, with those of the widget's other files in it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, override_settings

import django_messenger
from django_messenger.widget import loader
from django_messenger.widget.loader import addresses
from tests.widget.client import Widget

LOADER = Path(django_messenger.__file__).parent / "static" / "django_messenger" / "loader.js"
PLACE = b'"__DJANGO_MESSENGER_FILES__"'


def expected() -> bytes:
    """The file as it is, but for the addresses in it."""
    return LOADER.read_bytes().replace(PLACE, json.dumps(addresses()).encode())


def test_the_loader(widget: Widget) -> None:
    answer = widget.call("GET", "loader.js")
    assert answer.status == 200
    assert answer.content == expected()
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=300, stale-while-revalidate=86400"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "cookie" not in answer.headers.get("vary", "").lower()


def test_the_etag_saves_the_loader(widget: Widget) -> None:
    etag = widget.call("GET", "loader.js").headers["etag"]
    kept = widget.call("GET", "loader.js", headers={"If-None-Match": etag})
    assert (kept.status, kept.content, kept.headers["etag"]) == (304, b"", etag)
    assert widget.call("GET", "loader.js", headers={"If-None-Match": '"x"'}).status == 200


def test_the_loader_travels_compressed(widget: Widget) -> None:
    small = widget.call("GET", "loader.js", headers={"Accept-Encoding": "gzip"})
    assert small.headers["content-encoding"] == "gzip"
    assert gzip.decompress(small.content) == expected()
    assert "accept-encoding" in small.headers["vary"].lower()
    again = {"Accept-Encoding": "gzip", "If-None-Match": small.headers["etag"]}
    assert widget.call("GET", "loader.js", headers=again).status == 304


def test_the_loader_is_only_read(widget: Widget) -> None:
    assert widget.call("HEAD", "loader.js").content == b""
    assert widget.call("POST", "loader.js").status == 405


@pytest.mark.django_db
def test_the_loader_touches_neither_session_nor_database(
    django_assert_num_queries: Any, settings: Any
) -> None:
    settings.MIDDLEWARE = [
        *settings.MIDDLEWARE,
        "django.contrib.auth.middleware.LoginRequiredMiddleware",
    ]
    with django_assert_num_queries(0):
        response = Client().get("/api/widget/loader.js")
    assert response.status_code == 200
    assert not response.cookies


# --- The addresses of the others ------------------------------------------------------------------


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A script with a place for the addresses."""
    path = tmp_path / "loader.js"
    path.write_bytes(b"load(" + PLACE + b")")
    monkeypatch.setattr(loader, "_FILE", path)
    return path


def written(content: bytes) -> dict[str, str]:
    """The addresses in the script."""
    found: dict[str, str] = json.loads(content.removeprefix(b"load(").removesuffix(b")"))
    return found


@pytest.mark.parametrize(
    ("static_url", "folder"),
    [
        ("static/", "/static/"),
        ("/assets/", "/assets/"),
        ("https://cdn.example/s/", "https://cdn.example/s/"),
    ],
)
def test_the_addresses_stand_in_it(script: Path, static_url: str, folder: str) -> None:
    with override_settings(STATIC_URL=static_url):
        response = Client().get("/api/widget/loader.js")
    assert written(response.content) == {
        "en": f"{folder}django_messenger/widget.js",
        "ru": f"{folder}django_messenger/widget-ru.js",
        "more": f"{folder}django_messenger/widget-more.js",
    }


def test_every_file_is_there() -> None:
    assert {LOADER.parent / address.rpartition("/")[2] for address in addresses().values()} <= set(
        LOADER.parent.glob("widget*.js")
    )


def storages(backend: str, folder: Path) -> Any:
    """Settings with another storage of static files, which are in ``folder``."""
    kinds = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": backend},
    }
    return override_settings(STORAGES=kinds, STATIC_ROOT=folder)


MANIFEST = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"


@pytest.mark.parametrize("static_url", ["/static/", "https://cdn.example/s/"])
def test_a_storage_with_hashes(script: Path, tmp_path: Path, static_url: str) -> None:
    names = ("widget", "widget-ru", "widget-more")
    paths = {
        f"django_messenger/{name}.js": f"django_messenger/{name}.0123456789ab.js" for name in names
    }
    manifest = {"version": "1.1", "paths": paths, "hash": "1"}
    (tmp_path / "staticfiles.json").write_text(json.dumps(manifest))
    with storages(MANIFEST, tmp_path), override_settings(STATIC_URL=static_url):
        response = Client().get("/api/widget/loader.js")
    assert list(written(response.content).values()) == [
        f"{static_url}django_messenger/{name}.0123456789ab.js" for name in names
    ]


def test_a_manifest_without_the_file_breaks_no_page(
    script: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with storages(MANIFEST, tmp_path):
        response = Client().get("/api/widget/loader.js")
    assert written(response.content)["en"] == "/static/django_messenger/widget.js"
    assert "collectstatic" in caplog.text


def test_the_address_is_text_in_a_script_whatever_it_holds(script: Path) -> None:
    with override_settings(STATIC_URL='https://cdn.example/"\\\u2028/'):
        content = Client().get("/api/widget/loader.js").content
    assert written(content)["en"].endswith("/django_messenger/widget.js")
    assert b"\xe2\x80\xa8" not in content


def test_the_etag_is_that_of_the_result(script: Path) -> None:
    first = Client().get("/api/widget/loader.js").headers["ETag"]
    with override_settings(STATIC_URL="/assets/"):
        second = Client().get("/api/widget/loader.js", headers={"If-None-Match": first})
    assert (second.status_code, second.headers["ETag"] != first) == (200, True)
    assert Client().get("/api/widget/loader.js").headers["ETag"] == first
