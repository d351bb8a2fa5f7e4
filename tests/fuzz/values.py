"""What a client may put where a field is expected, and what no answer may be."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

#: Examples run in one test's database; each is rolled back by ``undone``.
shared_database = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

#: Texts that have broken something somewhere: for parsers, for PostgreSQL, for people's eyes.
NASTY: Final = [
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ud800",
    "\udfff\ud800",
    "\ufeff",
    "\u202egnp.exe",
    "\u3164",
    "e\u0301" * 40,
    "\ufdfa" * 200,
    "\U0001f469\u200d\U0001f4bb",
    "Z" + "\u0300" * 500,
    "x" * 3000,
    "\u00df\u0130\u0149" * 50,
    "%",
    "%_\\",
    "%00",
    "'; DROP TABLE users; --",
    "{}",
    "[]",
    "null",
    "true",
    "NaN",
    "1e999",
    "-0",
    "0",
    "00",
    "1_000",
    "\u0663",
    "\u00b2",
    "2147483648",
    "9223372036854775807",
    "9223372036854775808",
    "9" * 5000,
    "none",
    "None",
    "open",
    "snoozed",
    "note",
    "operator",
    "Europe/Berlin",
    "../../etc/passwd",
    "Etc",
    "localtime",
    "https://shop.example",
    "http://[",
    "http://[::1]:99999999/",
    "https://a@b:c@d/\u2028",
    "http://\u0130.example:0/%",
    "javascript:alert(1)",
    "a@b.example",
    "a@" + "b" * 300 + ".example",
    "@",
    "\u0430@\u0441.example",
    "2026-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "2026-02-30T25:61:61Z",
    "2026-W01-1",
    "00000000-0000-0000-0000-000000000000",
    "eyJhbGciOiJub25lIn0.e30.",
    "..",
    "a.b.c",
]

#: The same for JSON; these are put into every field, whatever chance brings besides.
NASTY_VALUES: Final[list[Any]] = [
    *NASTY,
    *(None, True, False, 0, -1, 2**31, 2**63 - 1, 2**63, -(2**63) - 1, 10**30, 1.5, 1e308),
    *(float("nan"), float("inf"), [], {}, [[]], {"": None}, {"a\x00": "\ud800"}, ["\x00"]),
    *([None] * 101, {str(number): number for number in range(101)}),
    {"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}},
]

_zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_moments = st.datetimes(timezones=st.none() | _zones).map(datetime.isoformat)
_tokens = st.text(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", min_size=20, max_size=128
)
_cursors = st.tuples(st.integers(), st.text() | st.integers()).map(
    lambda pair: base64.urlsafe_b64encode(json.dumps(pair).encode()).decode().rstrip("=")
)
texts = st.one_of(
    st.sampled_from(NASTY),
    st.text(st.characters(), max_size=50),  # lone surrogates and NUL included
    st.integers().map(str),
    st.uuids().map(str),
    st.emails(),
    _moments,
    _tokens,
    _cursors,
)
leaves = st.one_of(
    st.sampled_from(NASTY_VALUES),
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    texts,
)
#: Any JSON, and what Python's writer makes of NaN.
values = st.recursive(
    leaves,
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(texts, parts, max_size=4),
    max_leaves=8,
)
#: Texts that a query string can carry.
query_texts = texts.map(lambda text: text.encode("utf-8", "replace").decode())


@contextmanager
def undone() -> Iterator[None]:
    """Roll back what an example has written."""
    with transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)


def check_answer(status: int, content: bytes) -> Any:
    """Check what holds for every answer, and return its JSON."""
    assert status < 500, content
    if not content:
        assert status in (204, 304)
        return None
    data = json.loads(content)
    if status >= 400:
        assert isinstance(data["detail"], str)
        assert isinstance(data["code"], str)
        assert b"Traceback" not in content
    if "errors" in data:
        assert status == 400
        for problems in data["errors"].values():
            assert all(problem["message"] and problem["code"] for problem in problems)
    return data
