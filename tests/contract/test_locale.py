"""Both catalogues are complete and compiled.

To bring them up to date, in ``src/django_messenger``::

    django-admin makemessages -l en -l ru --add-location file --no-obsolete --no-wrap
    msgen --no-wrap -o locale/en/LC_MESSAGES/django.po locale/en/LC_MESSAGES/django.po
    django-admin compilemessages
"""

from __future__ import annotations

import ast
import gettext
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent.parent / "src" / "django_messenger"
CATALOGUES = sorted(PACKAGE.glob("locale/*/LC_MESSAGES/*.po"))
LANGUAGES = ["en", "ru"]
OPTIONS = ["--add-location", "file", "--no-obsolete", "--no-wrap"]

_LINE = re.compile(r'(?:(msg\w+)(?:\[(\d)\])? )?(".*")')
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|</?\w+>|\{\w*\}")


@dataclass
class Entry:
    """One text of a catalogue."""

    fuzzy: bool = False
    id: str = ""
    plural: str = ""
    context: str = ""
    texts: dict[int, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{self.context}\x04{self.id}" if self.context else self.id


def read(path: Path) -> dict[str, Entry]:
    """Read a ``.po`` or ``.pot`` file, without its header."""
    entries = [read_entry(block) for block in path.read_text(encoding="utf-8").split("\n\n")]
    return {entry.key: entry for entry in entries if entry.id}


def read_entry(block: str) -> Entry:
    entry = Entry(fuzzy=bool(re.search(r"^#,.*\bfuzzy\b", block, re.MULTILINE)))
    texts: dict[tuple[str, int], str] = {}
    place = ("", 0)
    for line in block.splitlines():
        found = _LINE.fullmatch(line)
        if found:
            word, number, text = found.groups()
            place = (word, int(number or 0)) if word else place
            texts[place] = texts.get(place, "") + ast.literal_eval(text)
    entry.context = texts.get(("msgctxt", 0), "")
    entry.id = texts.get(("msgid", 0), "")
    entry.plural = texts.get(("msgid_plural", 0), "")
    entry.texts = {number: text for (word, number), text in texts.items() if word == "msgstr"}
    return entry


def compiled(path: Path) -> dict[str | tuple[str, int], str]:
    """Return what programs read, without the header."""
    with path.with_suffix(".mo").open("rb") as file:
        catalogue = dict(vars(gettext.GNUTranslations(file))["_catalog"])
    catalogue.pop("", None)
    return catalogue


def test_there_is_a_catalogue_for_each_language() -> None:
    assert [path.parent.parent.name for path in CATALOGUES] == LANGUAGES


@pytest.mark.parametrize("path", CATALOGUES, ids=LANGUAGES)
def test_every_text_is_translated(path: Path) -> None:
    entries = read(path)
    assert len(entries) > 250
    wanted = {"en": 2, "ru": 4}[path.parent.parent.name]
    for entry in entries.values():
        assert not entry.fuzzy, entry.key
        assert len(entry.texts) == (wanted if entry.plural else 1), entry.key
        assert all(text.strip() for text in entry.texts.values()), entry.key


@pytest.mark.parametrize("path", CATALOGUES, ids=LANGUAGES)
def test_placeholders_and_tags_survive(path: Path) -> None:
    for entry in read(path).values():
        allowed = {frozenset(_PLACEHOLDER.findall(text)) for text in (entry.id, entry.plural)}
        for text in entry.texts.values():
            assert frozenset(_PLACEHOLDER.findall(text)) in allowed, entry.key


def test_english_says_what_the_source_says() -> None:
    for entry in read(CATALOGUES[0]).values():
        assert list(entry.texts.values()) == [text for text in (entry.id, entry.plural) if text]


@pytest.mark.parametrize("path", CATALOGUES, ids=LANGUAGES)
def test_the_compiled_catalogue_is_fresh(path: Path) -> None:
    expected: dict[str | tuple[str, int], str] = {}
    for key, entry in read(path).items():
        if entry.plural:
            expected |= {(key, number): text for number, text in entry.texts.items()}
        else:
            expected[key] = entry.texts[0]
    assert compiled(path) == expected


@pytest.mark.skipif(not shutil.which("xgettext"), reason="needs the program xgettext (gettext)")
def test_the_catalogues_hold_exactly_the_texts_of_the_source(tmp_path: Path) -> None:
    copy = tmp_path / "django_messenger"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "static"))
    languages = [word for language in LANGUAGES for word in ("-l", language)]
    # -P: the folder's own selectors/ must not stand for the standard library's.
    command = [sys.executable, "-P", "-m", "django", "makemessages", "--keep-pot"]
    done = subprocess.run(
        [*command, *languages, *OPTIONS],
        cwd=copy,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr

    source = {(key, entry.plural) for key, entry in read(copy / "locale" / "django.pot").items()}
    for path in CATALOGUES:
        known = {(key, entry.plural) for key, entry in read(path).items()}
        assert known == source, path
