"""What the script that strangers' pages load promises: one small file that stands alone."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import django_messenger

LOADER = Path(django_messenger.__file__).parent / "static" / "django_messenger" / "loader.js"
#: Bytes after gzip. Launcher and chat together; the design allows 15 kB for the two.
BUDGET = 12_000


def test_size() -> None:
    assert len(gzip.compress(LOADER.read_bytes(), 9)) <= BUDGET


def test_stands_alone() -> None:
    """Any static storage may serve it: nothing in it names another file."""
    source = LOADER.read_text()

    for word in ("sourceMappingURL", "url(", "@import", "import(", "import.meta"):
        assert word not in source
    assert not re.search(r"^\s*(import|export)\b", source, re.MULTILINE)


def test_calls_nobody_else() -> None:
    addresses = set(re.findall(r"https?://[^\s'\"`]+", LOADER.read_text()))

    assert addresses == {"https://crm.example/api/widget/loader.js", "http://www.w3.org/2000/svg"}


def test_leaves_no_trace_and_builds_no_markup() -> None:
    """No text becomes markup or code, no cookie is set, nothing is logged."""
    source = LOADER.read_text()

    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(",
                 "new Function", "cookie", "console.", "alert(", "sendBeacon"):  # fmt: skip
        assert word not in source
