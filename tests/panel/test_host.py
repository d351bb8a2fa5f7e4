"""How the panel fits into hosts of different kinds."""

from __future__ import annotations

from typing import Any

from django_messenger.models import Conversation
from tests.factories import make_conversation
from tests.panel.conftest import World, client_of
from tests.panel.pages import visit

OFFICE = "/office/chat/"
HOST_BASE = """<html><head>{% block dm_head %}{% endblock %}</head><body>
<main><h1 class="host">Our CRM</h1>{% block content %}{% endblock %}</main></body></html>"""


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
