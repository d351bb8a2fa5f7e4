"""Addresses in texts become links, and nothing else becomes anything."""

from __future__ import annotations

import html
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_messenger.templatetags.dm_panel import dm_links

_TAG = re.compile(
    r'<a href="(https?://[^"<>]*)" target="_blank" rel="noopener noreferrer nofollow">([^<]*)</a>',
    re.IGNORECASE,
)


def links(text: str) -> list[str]:
    """Return the addresses of the links made of a text."""
    return [html.unescape(found[1]) for found in _TAG.finditer(dm_links(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("See https://example.com/a?b=c&d=e#f now", ["https://example.com/a?b=c&d=e#f"]),
        ("http://example.com.", ["http://example.com"]),
        ("(https://example.com/a)", ["https://example.com/a"]),
        ("https://example.com/wiki/A_(b)", ["https://example.com/wiki/A_(b)"]),
        ("(see https://example.com/wiki/A_(b)), too", ["https://example.com/wiki/A_(b)"]),
        ("\u00abhttps://example.com/x\u00bb\u2026", ["https://example.com/x"]),
        ("HTTPS://EXAMPLE.COM/X", ["HTTPS://EXAMPLE.COM/X"]),
        ("http://[2001:db8::1]:8000/", ["http://[2001:db8::1]:8000/"]),
        ("https://пример.рф/путь", ["https://пример.рф/путь"]),
        ("one http://a.example two http://b.example", ["http://a.example", "http://b.example"]),
        ("a\nhttps://example.com\nb", ["https://example.com"]),
    ],
)
def test_addresses_become_links(text: str, expected: list[str]) -> None:
    assert links(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "ftp://example.com",
        "www.example.com",
        "someone@example.com",
        "http://",
        "https://...",
        "http://[bad",
        "https://bank.example@evil.example/",
        "https://" + "ы" * 300 + ".example",
    ],
)
def test_other_things_do_not(text: str) -> None:
    assert links(text) == []
    assert html.unescape(dm_links(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        'https://example.com/"onmouseover="alert(1)',
        "https://example.com/'onmouseover='alert(1)",
        "https://example.com/<script>alert(1)</script>",
        "https://example.com\\@evil.example",
    ],
)
def test_a_link_cannot_break_out(text: str) -> None:
    shown = dm_links(text)
    assert html.unescape(re.sub(_TAG, r"\2", shown)) == text
    assert "<" not in re.sub(_TAG, "", shown)
    assert links(text) in (["https://example.com/"], ["https://example.com"])


def test_a_host_of_mixed_alphabets_shows_its_ascii_name() -> None:
    shown = dm_links("https://b\u0430nk.example/login")  # a Cyrillic letter
    assert ">https://xn--bnk-6cd.example/login<" in shown
    assert links("https://b\u0430nk.example/login") == ["https://b\u0430nk.example/login"]


@given(st.text() | st.text(alphabet="https://a.b()[]@\\<>\"'&#;\u0430 \n"))
def test_no_text_is_lost_and_none_gets_out(text: str) -> None:
    shown = dm_links(text)
    bare = _TAG.sub(r"\2", shown)
    assert "<" not in bare
    if "xn--" not in bare:
        assert html.unescape(bare) == html.unescape(html.escape(text))


@pytest.mark.parametrize("text", [")", "http://", "http://a)", "http://a.", "(", "http://a/(", "&"])
def test_the_time_grows_with_the_length_only(text: str) -> None:
    started = time.perf_counter()
    dm_links(("http://a.example/" + text * 200_000)[:200_000])
    assert time.perf_counter() - started < 2
