"""The documentation as the tests read it: its pages, and the code in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
DOCS = ROOT / "docs"

_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>\w+)\n(?P<text>.*?)^(?P=indent)```$", re.DOTALL | re.MULTILINE
)


@dataclass(frozen=True)
class Block:
    """A fenced piece of code; ``line`` is where its fence stands."""

    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def pages() -> list[Path]:
    """Every page that people read."""
    return sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


def read(name: str) -> str:
    """The text of a page, by its path below docs/."""
    return (DOCS / name).read_text()


def blocks(page: Path, language: str = "") -> list[Block]:
    """The code of a page, of one language or of all."""
    text = page.read_text()
    found = [
        Block(
            page.relative_to(ROOT).as_posix(),
            text.count("\n", 0, match.start()) + 1,
            match["language"],
            re.sub(rf"^{match['indent']}", "", match["text"], flags=re.MULTILINE),
        )
        for match in _FENCE.finditer(text)
    ]
    return [block for block in found if language in ("", block.language)]


def sample(name: str, holding: str, language: str = "python") -> str:
    """The one block of a page below docs/ that holds a certain text."""
    found = [block.text for block in blocks(DOCS / name, language) if holding in block.text]
    assert len(found) == 1, f"{len(found)} blocks of {name} hold {holding!r}"
    return found[0]


def run(code: str, **names: Any) -> dict[str, Any]:
    """Execute a sample with some names given; returns all names afterwards."""
    exec(compile(code, "<sample>", "exec"), names)
    return names


def section(name: str, heading: str) -> str:
    """The text of a page from a heading to the next of the same depth."""
    text = read(name)
    start = re.search(rf"^(#+) {re.escape(heading)}$", text, re.MULTILINE)
    assert start, f"{name} has no heading {heading!r}"
    end = re.search(rf"^#{{1,{len(start[1])}}} ", text[start.end() :], re.MULTILINE)
    return text[start.end() : start.end() + end.start() if end else None]


def rows(name: str, heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without its head."""
    lines = [line for line in section(name, heading).splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    return cells[2:]


def code_words(text: str) -> list[str]:
    """What stands in backticks."""
    return re.findall(r"`([^`]+)`", text)
