"""What the scripts promise that strangers' pages load: small, self-contained, and up to date."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest

import django_messenger

ROOT = Path(__file__).resolve().parent.parent.parent
FRONTEND = ROOT / "frontend"
STATIC = Path(django_messenger.__file__).parent / "static" / "django_messenger"
LOADER, PANEL, SETTINGS = (STATIC / f"{name}.js" for name in ("loader", "panel", "settings"))
#: The chat by language, and what few chats need beside.
WIDGET, RUSSIAN, MORE = (STATIC / f"widget{name}.js" for name in ("", "-ru", "-more"))
STRANGERS = [LOADER, WIDGET, RUSSIAN, MORE]
EACH = pytest.mark.parametrize("script", STRANGERS, ids=lambda script: script.stem)
#: Where the build begins.
SOURCES = {"widget": "widget/en", "widget-ru": "widget/ru", "widget-more": "more/index"}


@pytest.mark.parametrize(
    ("script", "most"),
    [
        (LOADER, 3_000),
        (WIDGET, 12_000),
        (RUSSIAN, 12_288),
        (MORE, 6_144),
        (PANEL, 15_000),
        (STATIC / "panel.css", 8_000),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_size(script: Path, most: int) -> None:
    """Bytes after gzip: what a page pays for the launcher, a visitor for the chat, an operator
    for the inbox."""
    assert len(gzip.compress(script.read_bytes(), 9)) <= most


@EACH
def test_stands_alone(script: Path) -> None:
    """Any static storage may serve it: nothing in it names another file."""
    source = script.read_text()

    for word in ("sourceMappingURL", "url(", "@import", "import(", "import.meta"):
        assert word not in source
    assert not re.search(r"(^|[;}])\s*(import|export)\b", source)


def test_the_addresses_of_the_others_have_one_place() -> None:
    assert LOADER.read_text().count('"__DJANGO_MESSENGER_FILES__"') == 1


@EACH
def test_calls_nobody_else(script: Path) -> None:
    addresses = set(re.findall(r"\w+://[^\s'\"`]+", script.read_text()))

    assert addresses <= {"http://www.w3.org/2000/svg"}  # the name of a format


@EACH
def test_leaves_no_trace_and_builds_no_markup(script: Path) -> None:
    """No text becomes markup or code, no cookie is set, nothing is logged."""
    source = script.read_text()

    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(",
                 "new Function", "cookie", "console.", "alert(", "sendBeacon"):  # fmt: skip
        assert word not in source


@pytest.mark.parametrize("script", [*STRANGERS, PANEL, SETTINGS], ids=lambda script: script.stem)
def test_is_what_the_sources_make(script: Path) -> None:
    """The build notes what it has read and written; a change of either shows here."""
    noted: dict[str, str] = {}
    for line in (FRONTEND / "hashes" / f"{script.stem}.sha256").read_text().splitlines():
        digest, name = line.split("  ")
        noted[name] = digest
    made = f"../src/django_messenger/static/django_messenger/{script.name}"

    begin = SOURCES.get(script.stem, f"{script.stem}/index")
    assert {f"src/{begin}.js", made} <= set(noted)
    stale = [
        name
        for name, digest in noted.items()
        if hashlib.sha256((FRONTEND / name).read_bytes()).hexdigest() != digest
    ]
    assert not stale, "cd frontend && npm ci && npm run build"


def test_the_lock_names_no_host() -> None:
    """Everybody installs from the registry of their own."""
    lock = json.loads((FRONTEND / "package-lock.json").read_text())

    assert len(lock["packages"]) > 2
    assert "://" not in re.sub(r'"url": "[^"]*"', "", json.dumps(lock))


def test_every_text_is_documented() -> None:
    page = (ROOT / "docs" / "reference" / "widget-js.md").read_text()
    table = page.partition("## Texts")[2].partition("```")[0]
    english = "".join(
        (FRONTEND / "src" / "words" / name).read_text().partition(" = {")[2].partition("\n};")[0]
        for name in ("en.js", "en-more.js")
    )

    documented = {word for word in re.findall(r"`(\w+)`", table) if word.islower()}
    assert documented - {"texts", "appearance"} == set(re.findall(r"^  (\w+):", english, re.M))


def test_every_custom_property_is_documented() -> None:
    page = (ROOT / "docs" / "reference" / "widget-js.md").read_text()
    styles = "".join(path.read_text() for path in (FRONTEND / "src").rglob("*.css"))
    used = set(re.findall(r"var\((--dm-[\w-]+)", styles))

    assert set(re.findall(r"`(--dm-[\w-]+)`", page)) == used
