"""``services.messages`` is the only writer of messages, by the statement of
``services.statement``: no other module of the package makes one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import django_messenger

PACKAGE = Path(django_messenger.__file__).parent
WRITERS = {PACKAGE / "services" / name for name in ("messages.py", "statement.py")}
MAKERS = {
    "create",
    "acreate",
    "bulk_create",
    "abulk_create",
    "get_or_create",
    "aget_or_create",
    "update_or_create",
    "aupdate_or_create",
}
SQL = re.compile(r"insert\s+into\s+\"?django_messenger_message\b", re.IGNORECASE)


def makers_of_messages(source: str) -> Iterator[int]:
    """Yield the lines that make a ``Message`` row or object."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if SQL.search(node.value):
                yield node.lineno
        elif isinstance(node, ast.Call) and _makes_message(node.func):
            yield node.lineno


def _makes_message(called: ast.expr) -> bool:
    text = ast.unparse(called)
    owner, _, name = text.rpartition(".")
    if name == "Message" and owner in ("", "models"):
        return True
    # Message.objects.create, conversation.messages.bulk_create, Message._base_manager…
    of_messages = re.search(r"\bMessage\.|\bmessages$|\bmessages\.", owner + ".") is not None
    return name in MAKERS and of_messages


@pytest.mark.parametrize(
    "line",
    [
        "Message(body='x').save()",
        "models.Message(body='x')",
        "Message.objects.create(body='x')",
        "Message.objects.using('x').bulk_create([])",
        "conversation.messages.create(body='x')",
        "Message._default_manager.get_or_create(seq=1)",
        "cursor.execute('INSERT INTO django_messenger_message VALUES (1)')",
        "cursor.execute(f'insert  into \"django_messenger_message\" {x}')",
    ],
)
def test_the_search_finds_every_way(line: str) -> None:
    assert list(makers_of_messages(f"def f():\n    {line}")) == [2]


@pytest.mark.parametrize(
    "line", ["Message.objects.filter(seq=1)", "self.messages_json(x)", "MessageAdded(1, 2)"]
)
def test_the_search_finds_nothing_else(line: str) -> None:
    assert list(makers_of_messages(line)) == []


def test_nothing_but_the_writer_makes_messages() -> None:
    found = {
        f"{path.relative_to(PACKAGE)}:{line}"
        for path in PACKAGE.rglob("*.py")
        if path not in WRITERS and "migrations" not in path.parts
        for line in makers_of_messages(path.read_text())
    }
    assert found == set()
    assert all(list(makers_of_messages(path.read_text())) for path in WRITERS)
