"""How the panel fits into hosts of different kinds."""

from __future__ import annotations

from typing import Any

import pytest

from django_messenger.models import Conversation
from django_messenger.test import override_messenger
from tests.factories import make_conversation, make_user
from tests.panel.conftest import World, client_of
from tests.panel.pages import Page, visit

OFFICE = "/office/chat/"
HOST_BASE = """<html><head>{% block dm_head %}{% endblock %}</head><body>
<main><h1 class="host">Our CRM</h1>{% block content %}{% endblock %}</main></body></html>"""

#: A host with names of its own; one template extends the other.
CRM_BASE = """<html><head><title>{% block name %}CRM{% endblock %}</title>
{% block css %}<link rel="stylesheet" href="/static/crm.css">{% endblock %}</head>
<body><nav>Our CRM</nav>{% block page %}{% endblock %}</body></html>"""
CRM_CHAT = """{% extends "crm/base.html" %}{% block page %}<main>{% block main %}{% endblock %}
</main>{% endblock %}"""
CRM_NAMES = {"BASE_TEMPLATE": "crm/chat.html", "CONTENT_BLOCK": "main", "HEAD_BLOCK": "css"}


def with_templates(settings: Any, **templates: str) -> None:
    """Let the host have templates of its own, ``__`` for a slash in their names."""
    found = {f"{name.replace('__', '/')}.html": text for name, text in templates.items()}
    template = {**settings.TEMPLATES[0], "APP_DIRS": False}
    loaders = [
        ("django.template.loaders.locmem.Loader", found),
        "django.template.loaders.app_directories.Loader",
    ]
    template["OPTIONS"] = {**template["OPTIONS"], "loaders": loaders}
    settings.TEMPLATES = [template]


def test_the_panel_lives_alone_at_any_path(
    settings: Any, world: World, conversation: Conversation
) -> None:
    settings.ROOT_URLCONF = "tests.panel.urls_alone"
    listing = visit(client_of(world.anna), OFFICE)
    assert listing.status == 200
    assert '"changes": ""' in listing.html
    assert "Log out" not in listing.buttons
    page = listing.follow(str(conversation.contact)).send("Good day!")
    assert page.url == f"{OFFICE}{conversation.public_id}/"
    assert page.press("Resolve").url.startswith(OFFICE)


def test_the_operators_api_is_asked_where_the_host_has_it(world: World) -> None:
    page = visit(client_of(world.anna))
    assert '"changes": "/api/messenger/conversations/changes/"' in page.html
    assert "Log out" in page.buttons


def test_the_language_can_be_chosen_where_the_host_lets_people_choose(
    settings: Any, world: World
) -> None:
    assert "Русский" not in visit(client_of(world.anna)).buttons
    settings.ROOT_URLCONF = "tests.panel.urls_alone"
    page = visit(client_of(world.anna), OFFICE, view="mine").press("Русский")
    assert page.url == f"{OFFICE}?view=mine"
    assert "Диалоги" in page.text
    assert "Conversations" in page.press("English").text


def test_a_host_may_have_a_language_that_django_does_not_know(settings: Any, world: World) -> None:
    settings.ROOT_URLCONF = "tests.panel.urls_alone"
    settings.LANGUAGES = [("en", "English"), ("tlh", "Klingon")]
    assert "tlh" in visit(client_of(world.anna), OFFICE).buttons


def test_a_host_puts_its_own_page_around_it(
    settings: Any, world: World, conversation: Conversation
) -> None:
    with_templates(settings, django_messenger__base=HOST_BASE)
    for url in ("/messenger/", f"/messenger/{conversation.public_id}/"):
        page = visit(client_of(world.anna), url)
        assert page.text.startswith("Our CRM")
        assert "Is anybody there?" in page.text
        assert "Skip to content" not in page.text
    assert "Reply sent." in page.send("Good day!").text


def test_a_host_replaces_a_single_piece(
    settings: Any, world: World, conversation: Conversation
) -> None:
    with_templates(settings, django_messenger__panel___contact="<p>Customer 42</p>")
    page = visit(client_of(world.anna), conversation)
    assert "Customer 42" in page.text
    assert "Anonymous" not in page.text


def test_a_host_without_messages_and_context_processors(
    settings: Any, world: World, conversation: Conversation
) -> None:
    name = "django.contrib.messages.middleware.MessageMiddleware"
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if each != name]
    template = settings.TEMPLATES[0]
    settings.TEMPLATES = [{**template, "OPTIONS": {"context_processors": []}}]
    page = visit(client_of(world.anna), conversation).send("Good day!")
    assert "Good day!" in page.text
    assert "Undo" in page.press("Resolve").buttons


def test_a_host_without_a_csrf_middleware_is_safe_too(
    settings: Any, world: World, conversation: Conversation
) -> None:
    name = "django.middleware.csrf.CsrfViewMiddleware"
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if each != name]
    client = client_of(world.anna, enforce_csrf_checks=True)
    assert client.post(f"/messenger/{conversation.public_id}/").status_code == 403
    assert "Good day!" in visit(client, conversation).send("Good day!").text


def test_a_host_without_time_zones(settings: Any, world: World) -> None:
    settings.USE_TZ = False
    conversation = make_conversation(world.north, body="Is anybody there?")
    client = client_of(world.anna)
    assert "Waiting: < 1 min" in visit(client).text
    page = visit(client, conversation)
    assert "Today" in page.text
    assert "Snoozed." in page.press("Tomorrow at 9:00").text


@pytest.fixture
def crm(settings: Any) -> Any:
    """A host with a base template whose blocks have other names."""
    with_templates(settings, crm__base=CRM_BASE, crm__chat=CRM_CHAT)
    with override_messenger(**CRM_NAMES):
        yield


def in_crm(page: Page) -> Page:
    """Check that a page stands in the host's, with our styles after the host's."""
    assert page.text.startswith("Our CRM")
    head, _, body = page.html.partition("</head>")
    assert head.index("crm.css") < head.index("django_messenger/panel.css")
    assert head.count("django_messenger/panel.js") == 1
    assert "<main>" in body
    assert "dm-skip" not in body
    return page


@pytest.mark.usefixtures("crm")
def test_a_base_template_whose_blocks_have_other_names(
    world: World, conversation: Conversation
) -> None:
    client = client_of(world.anna)
    page = in_crm(visit(client)).follow(str(conversation.contact))
    page = in_crm(page).send("Good day!")
    assert "Reply sent." in in_crm(page).text
    assert in_crm(visit(client, conversation)).status == 200
    fetched = client.get("/messenger/", headers={"X-Requested-With": "fetch"}).content.decode()
    assert "Our CRM" not in fetched
    assert 'id="dm-panes"' in fetched


@pytest.mark.usefixtures("crm")
def test_who_may_not_see_it_is_told_so_in_the_hosts_page(world: World) -> None:
    page = in_crm(visit(client_of(make_user())))
    assert page.status == 403
    assert "django_messenger.view_conversation" in page.text


@pytest.mark.usefixtures("crm")
def test_the_sections_stand_above_the_panel_in_a_hosts_page(world: World) -> None:
    page = visit(client_of(world.vera))
    assert '<nav class="dm-root dm-tabs"' in page.html
    assert page.links["Inbox"] == "/messenger/"


def test_the_base_template_is_read_anew_with_other_settings(settings: Any, world: World) -> None:
    client = client_of(world.anna)
    with_templates(settings, crm__base=CRM_BASE, crm__chat=CRM_CHAT)
    with override_messenger(**CRM_NAMES):
        assert "Our CRM" in visit(client).text
    assert "Our CRM" not in visit(client).text
    with override_messenger(**{**CRM_NAMES, "BASE_TEMPLATE": "crm/base.html"}):
        assert 'id="dm-panes"' not in visit(client).html


@pytest.mark.parametrize("theme", ["auto", "light", "dark"])
def test_the_theme_stands_on_every_root(
    world: World, conversation: Conversation, theme: str
) -> None:
    with override_messenger(THEME=theme):
        html = visit(client_of(world.anna), conversation).html
    roots = [part for part in html.split("<") if "dm-root" in part.partition(">")[0]]
    assert len(roots) >= 4
    assert [root for root in roots if f'data-theme="{theme}"' not in root] == []
