"""The pages themselves: fresh, well linked, and with code that is code."""

from __future__ import annotations

import ast
import json
import re

import pytest

from tests.docs.samples import ROOT, Block, blocks, pages
from tools import reference

LINK = re.compile(r"\[[^\]]*\]\((?!https?:|#)([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("name", [name for name in reference.WRITERS if name != reference.OPENAPI])
def test_generated_pages_are_fresh(name: str) -> None:
    assert not reference.is_stale(name), "run python -m tools.reference"


@pytest.mark.parametrize(
    "block", [block for page in pages() for block in blocks(page, "python")], ids=str
)
def test_python_is_python(block: Block) -> None:
    ast.parse(block.text)


@pytest.mark.parametrize(
    "block", [block for page in pages() for block in blocks(page, "json")], ids=str
)
def test_json_is_json(block: Block) -> None:
    json.loads(block.text)


def test_links_of_the_pages_at_the_root_lead_somewhere() -> None:
    dead = [
        f"{page.name}: {target}"
        for page in ROOT.glob("*.md")
        for target in LINK.findall(page.read_text())
        if not (page.parent / target).exists()
    ]
    assert dead == []


def test_no_page_speaks_of_a_place_on_somebodys_machine() -> None:
    found = [page.name for page in pages() if re.search(r"/(home|root|work)/", page.read_text())]
    assert found == []
