"""``chat/<widget_token>/``: the chat as a page of its own."""

from __future__ import annotations

import re
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError
from django.test import Client

from django_messenger.models import Contact, Conversation, Inbox, Visitor
from django_messenger.widget import hosted
from tests.widget.test_tag import Script

URL = "/api/widget/chat/shop-token/"


def look(**headers: str) -> tuple[str, dict[str, Any], dict[str, str]]:
    """The page, the attributes of its script, the parts of its policy."""
    response = Client().get(URL, headers=headers)
    assert response.status_code == 200
    html = response.content.decode()
    tags = re.findall(r"<script[^>]*></script>", html)
    assert len(tags) == html.count("<script") == 1
    policy = dict(
        part.strip().partition(" ")[::2]
        for part in response.headers["Content-Security-Policy"].split(";")
    )
    return html, Script(tags[0]).found, policy


def test_the_page(inbox: Inbox) -> None:
    html, script, policy = look()
    nonce = script.pop("nonce")
    assert script == {
        "async": None,
        "src": "/api/widget/loader.js",
        "data-widget-token": "shop-token",
        "data-page": None,
    }
    assert "<title>Shop</title>" in html
    assert "<noscript><p>The chat needs JavaScript." in html
    assert policy["script-src"] == f"'nonce-{nonce}' 'strict-dynamic'"
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert "unsafe" not in str(policy)
    assert look()[1]["nonce"] != nonce


def test_who_may_frame_it(inbox: Inbox) -> None:
    assert look()[2]["frame-ancestors"] == "'self' https://shop.example"
    Inbox.objects.update(allowed_origins=[])
    assert look()[2]["frame-ancestors"] == "'self'"
    assert "X-Frame-Options" not in Client().get(URL).headers


def test_headers(inbox: Inbox) -> None:
    response = Client().get(URL)
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert not response.cookies


def test_it_creates_nothing_and_asks_once(inbox: Inbox, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        Client().get(URL)
    for model in (Contact, Conversation, Visitor):
        assert not model._default_manager.exists()


@pytest.mark.parametrize(
    ("locale", "accepted", "lang", "words"),
    [
        ("", "ru,en;q=0.5", "ru", "Для чата нужен JavaScript"),
        ("", "xx", "en", "The chat needs JavaScript"),
        ("ru", "en", "ru", "Для чата нужен JavaScript"),
        ("de", "ru", "de", "The chat needs JavaScript"),
    ],
)
def test_languages(inbox: Inbox, locale: str, accepted: str, lang: str, words: str) -> None:
    Inbox.objects.update(
        locale=locale, appearance={"title": {"ru": "Спросите", "de": "Fragen Sie"}}
    )
    html, script, _ = look(Accept_Language=accepted)
    title = {"ru": "Спросите", "de": "Fragen Sie", "en": "Shop"}[lang]
    assert f'<html lang="{lang}">' in html
    assert f"<title>{title}</title>" in html
    assert words in html
    assert script.get("data-lang") == (locale or None)


def test_right_to_left(inbox: Inbox) -> None:
    Inbox.objects.update(locale="ar")
    assert '<html lang="ar" dir="rtl">' in look()[0]


def test_what_the_inbox_says_is_escaped(inbox: Inbox) -> None:
    evil = '"><script>alert(1)</script>'
    Inbox.objects.update(locale=evil[:20], appearance={"title": {"en": evil}}, name=evil)
    assert "<script>alert" not in look()[0]


@pytest.mark.parametrize("token", ["other-token", "x", "%00", "shop-token%0A", "\u0445" * 20])
def test_there_is_no_such_chat(inbox: Inbox, token: str) -> None:
    assert Client().get(f"/api/widget/chat/{token}/").status_code == 404
    Inbox.objects.update(is_active=False)
    assert Client().get(URL).status_code == 404


def test_it_is_only_read(inbox: Inbox) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(URL).status_code == 405
    assert client.head(URL).content == b""


def test_without_a_database(inbox: Inbox) -> None:
    with patch.object(hosted, "find_inbox", side_effect=OperationalError):
        response = Client().get(URL)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert "not available for a moment" in response.content.decode()
