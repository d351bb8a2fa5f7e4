"""The panel in a host's own page, whose style sheet speaks of every element."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import Page, expect

from django_messenger.models import Conversation
from django_messenger.test import override_messenger
from tests.browser.test_panel import check, conversation, open_page, path_of, server, vera

__all__ = ["conversation", "open_page", "server", "vera"]

pytestmark = pytest.mark.browser

#: What Bootstrap and its like say of plain elements, and classes with short names.
STYLES = """
*, ::before, ::after { box-sizing: border-box; }
html { font-size: 16px; } body { margin: 0; font: 1rem/1.5 Georgia, serif; color: #212529; }
h1, h2, h3 { margin: 0 0 .5rem; font-weight: 500; line-height: 1.2; color: maroon; }
h1, h2, h3 { text-transform: uppercase; }
h1 { font-size: 2.5rem; } h2 { font-size: 2rem; }
p { margin: 0 0 1rem; } ul, ol { padding-left: 2rem; margin: 0 0 1rem; list-style: square; }
dl { margin-bottom: 1rem; } dt { font-weight: 700; } dd { margin: 0 0 .5rem; }
a { color: #0d6efd; text-decoration: underline; } a:hover { color: #dc3545; text-decoration: none; }
label { display: inline-block; margin-bottom: .5rem; }
legend { float: left; width: 100%; font-size: 1.5rem; }
button { border-radius: 0; text-transform: uppercase; letter-spacing: .1em; margin: 4px; }
input, button, select, textarea { margin: 4px; font: inherit; box-shadow: 0 0 0 1px teal; }
input { height: 60px; border: 3px solid teal; }
fieldset { border: 3px groove teal; padding: 1rem; } svg { vertical-align: middle; }
.row { display: flex; flex-wrap: wrap; margin: 0 -12px; }
.btn { padding: 1rem; } .card { border: 9px solid red; }
.navbar { display: flex; gap: 1rem; align-items: center;
  height: 3.5rem; padding: 0 1rem; background: #212529; }
.navbar a { color: #fff; }
:root { --dm-height: calc(100dvh - 3.5rem); }
"""
BASE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{% block title %}CRM{% endblock %}</title>
<link rel="stylesheet" href="/static/crm.css">{% block css %}{% endblock %}</head>
<body><header><nav class="navbar" aria-label="CRM">
<a href="/">CRM</a><a href="/deals/">Deals</a></nav></header>
<main>{% block main %}{% endblock %}</main></body></html>"""


@pytest.fixture
def host(tmp_path: Path, settings: Any, transactional_db: None) -> Iterator[None]:
    """Put the host's page around the panel."""
    (tmp_path / "crm.css").write_text(STYLES)
    settings.STATICFILES_DIRS = [tmp_path]
    template = {**django_settings.TEMPLATES[0], "APP_DIRS": False}
    loaders = [
        ("django.template.loaders.locmem.Loader", {"crm/base.html": BASE}),
        "django.template.loaders.app_directories.Loader",
    ]
    settings.TEMPLATES = [{**template, "OPTIONS": {**template["OPTIONS"], "loaders": loaders}}]
    names = {"BASE_TEMPLATE": "crm/base.html", "CONTENT_BLOCK": "main", "HEAD_BLOCK": "css"}
    with override_messenger(**names):
        yield


def look_of(page: Page, selector: str) -> dict[str, str]:
    """What a host's rules for elements would change."""
    names = [
        "marginTop",
        "marginBottom",
        "padding",
        "textTransform",
        "letterSpacing",
        "boxShadow",
        "color",
    ]
    names += ["fontSize", "borderTopWidth", "listStyleType", "textDecorationLine"]
    script = "(node, names) => { const s = getComputedStyle(node);"
    script += " return Object.fromEntries(names.map(n => [n, s[n]])) }"
    return dict(page.locator(selector).first.evaluate(script, names))


PIECES = [
    ".dm-head__name",
    ".dm-card__title",
    ".dm-facts dt",
    ".dm-facts dd",
    ".dm-composer__send",
    ".dm-composer__text",
    "#dm-priority",
    ".dm-row__link",
    ".dm-views ul",
    ".dm-line__body",
    ".dm-check",
    ".dm-checks",
    ".dm-filters__q",
    ".dm-field__name",
]


@pytest.mark.usefixtures("host")
@pytest.mark.parametrize("width", [1440, 900, 360])
def test_the_panel_in_a_hosts_page_is_accessible(
    open_page: Callable[..., Page], vera: Any, conversation: Conversation, width: int
) -> None:
    page = open_page(vera, "/messenger/", viewport={"width": width, "height": 800})
    expect(page.locator(".navbar")).to_be_visible()
    check(page)
    page.locator(".dm-row__link").first.click()
    expect(page.locator("#dm-name")).to_be_focused()
    check(page)
    page.locator("#dm-text").fill("Good day!")
    page.locator(".dm-composer__send").click()
    expect(page.locator(".dm-line__body", has_text="Good day!")).to_be_visible()
    expect(page.locator(".navbar")).to_be_visible()


def test_rules_of_the_host_for_elements_do_not_reach_the_panel(
    request: pytest.FixtureRequest,
    open_page: Callable[..., Page],
    vera: Any,
    conversation: Conversation,
) -> None:
    def looks() -> dict[str, dict[str, str]]:
        viewport = {"width": 1440, "height": 900}
        page = open_page(vera, path_of(conversation), viewport=viewport)
        found = {piece: look_of(page, piece) for piece in PIECES}
        page.locator(".dm-row__link").first.hover()
        found["hover"] = look_of(page, ".dm-row__link")
        return found

    alone = looks()
    request.getfixturevalue("host")
    assert looks() == alone
