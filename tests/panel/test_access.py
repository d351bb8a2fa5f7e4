"""Who is let in, and what the others read instead."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import caches
from django.db import OperationalError
from django.test import Client

from django_messenger.models import Conversation, Message
from tests.factories import make_conversation, make_operator, make_user, say
from tests.panel.conftest import World, client_of
from tests.panel.pages import LIST, Page, url_of, visit

MIDDLEWARE = "django.contrib.auth.middleware.LoginRequiredMiddleware"
ERROR_PAGE = [
    ("django.template.loaders.locmem.Loader", {"404.html": "The host's own page."}),
    "django.template.loaders.app_directories.Loader",
]


def with_error_page(settings: Any) -> None:
    template = {**settings.TEMPLATES[0], "APP_DIRS": False}
    template["OPTIONS"] = {**template["OPTIONS"], "loaders": ERROR_PAGE}
    settings.TEMPLATES = [template]


@pytest.mark.parametrize("who", ["nobody", "anna"])
@pytest.mark.parametrize("middleware", [[], [MIDDLEWARE]])
def test_switched_off_every_url_shows_the_hosts_404_page(
    settings: Any,
    world: World,
    conversation: Conversation,
    who: str,
    middleware: list[str],
) -> None:
    settings.MESSENGER_ENABLED = False
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, *middleware]
    with_error_page(settings)
    client = client_of(world.anna if who == "anna" else None, enforce_csrf_checks=True)

    for url in (LIST, url_of(conversation), url_of(conversation) + "?view=mine"):
        for method in ("get", "head", "post", "put", "delete"):
            response = getattr(client, method)(url)
            assert response.status_code == 404
            assert method == "head" or response.content == b"The host's own page."


@pytest.mark.parametrize("middleware", [[], [MIDDLEWARE]])
def test_nobody_is_sent_to_the_hosts_login_and_back(
    settings: Any, conversation: Conversation, middleware: list[str]
) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, *middleware]
    response = Client().get(url_of(conversation) + "?view=mine")
    assert response.status_code == 302
    assert response["Location"] == f"/accounts/login/?next={url_of(conversation)}%3Fview%3Dmine"


def test_a_form_sent_after_the_login_has_ended_leads_back_to_the_page(
    conversation: Conversation,
) -> None:
    response = Client(enforce_csrf_checks=True).post(url_of(conversation), {"action": "resolve"})
    assert response["Location"] == f"/accounts/login/?next={url_of(conversation)}"
    conversation.refresh_from_db()
    assert conversation.status == "open"


def test_a_form_whose_address_is_no_page_leads_back_to_the_list(world: World) -> None:
    for name in ("views", "availability"):
        response = Client(enforce_csrf_checks=True).post(f"{LIST}{name}/", {"name": "Mine"})
        assert response["Location"] == f"/accounts/login/?next={LIST}"


def test_a_user_without_the_permission_reads_which_one_is_missing(
    conversation: Conversation,
) -> None:
    for url in (LIST, url_of(conversation)):
        page = visit(client_of(make_user()), url)
        assert page.status == 403
        assert "You have no access to conversations" in page.text
        assert "django_messenger.view_conversation" in page.text


def test_an_operator_without_a_branch_reads_what_is_missing(conversation: Conversation) -> None:
    page = visit(client_of(make_operator()))
    assert page.status == 200
    assert "You do not belong to any branch yet" in page.text
    assert "Is anybody there?" not in page.text


def test_an_operator_whose_row_is_switched_off_sees_nothing(
    world: World, conversation: Conversation
) -> None:
    world.anna.messenger_operator.is_active = False
    world.anna.messenger_operator.save()
    client = client_of(world.anna)
    assert "You do not belong to any branch yet" in visit(client).text
    assert visit(client, conversation).status == 404


def test_a_foreign_conversation_looks_exactly_like_an_absent_one(
    settings: Any, world: World, anna: Callable[..., Page]
) -> None:
    with_error_page(settings)
    foreign = make_conversation(world.south, body="From the south")
    absent = f"{LIST}{uuid.uuid4()}/"
    answers = [anna(url).response for url in (url_of(foreign), absent)]
    assert [response.status_code for response in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert answers[0].headers == answers[1].headers


def test_nothing_can_be_done_to_a_foreign_conversation(world: World) -> None:
    foreign = make_conversation(world.south)
    client, before = client_of(world.anna), foreign.revision
    for data in (
        {"action": "reply", "body": "Hello"},
        {"action": "reply", "body": "A note", "kind": "note"},
        {"action": "assign", "assignee": ""},
        {"action": "resolve"},
        {"action": "close"},
        {"action": "snooze", "preset": "hour"},
        {"action": "properties", "priority": "urgent"},
        {"action": "nonsense"},
    ):
        assert client.post(url_of(foreign), data).status_code == 404
    foreign.refresh_from_db()
    assert foreign.revision == before
    assert Message.objects.filter(conversation=foreign).count() == 1


def test_a_conversation_without_a_message_is_not_there(
    world: World, anna: Callable[..., Page]
) -> None:
    empty = make_conversation(world.north, body="")
    assert anna(empty).status == 404
    say(empty, "Now")
    assert anna(empty).status == 200


def test_every_form_needs_its_token(world: World, conversation: Conversation) -> None:
    client = client_of(world.anna, enforce_csrf_checks=True)
    assert client.post(url_of(conversation), {"action": "resolve"}).status_code == 403
    conversation.refresh_from_db()
    assert conversation.status == "open"

    page = visit(client, conversation).press("Resolve")
    assert page.status == 200
    conversation.refresh_from_db()
    assert conversation.status == "resolved"


def test_pages_are_private_and_never_stored(
    anna: Callable[..., Page], conversation: Conversation
) -> None:
    for url in (LIST, url_of(conversation)):
        control = anna(url).response["Cache-Control"]
        assert "no-store" in control
        assert "private" in control


def test_the_panel_works_while_the_cache_is_down(
    monkeypatch: pytest.MonkeyPatch, anna: Callable[..., Page], conversation: Conversation
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise ConnectionError("The cache is down.")

    for name in ("get", "set", "add", "incr", "delete", "get_many", "set_many", "touch"):
        monkeypatch.setattr(type(caches["default"]), name, fail)
    assert "Is anybody there?" in anna().text
    page = anna(conversation).send("Yes, good day!")
    assert page.status == 200
    assert "Yes, good day!" in page.text
    assert page.press("Resolve").status == 200
    conversation.refresh_from_db()
    assert conversation.status == "resolved"


def test_a_database_that_is_down_is_named_in_words(
    monkeypatch: pytest.MonkeyPatch, world: World, conversation: Conversation
) -> None:
    client = client_of(world.anna)

    def fail(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    for url in (LIST, url_of(conversation)):
        with monkeypatch.context() as patch:
            patch.setattr("django.db.backends.utils.CursorWrapper.execute", fail)
            response = client.get(url)
        assert response.status_code == 503
        assert int(response["Retry-After"]) >= 1
        assert b"The messenger is not available for a moment" in response.content
        assert b"server closed" not in response.content
