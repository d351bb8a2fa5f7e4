"""The chat on the host's own pages: what waits to be read, and conversations of a customer."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.db import connection
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from django_messenger.models import Conversation
from django_messenger.selectors import unread
from django_messenger.services.conversations import assign_conversation, read_conversation
from tests.factories import make_contact, make_conversation, make_inbox, make_user, say
from tests.panel.conftest import World

BADGE = "{% load messenger %}{% messenger_unread_badge %}"
LIST = "{% load messenger %}{% messenger_conversations_for customer %}"


def render(text: str, user: Any = None, **values: Any) -> str:
    request = RequestFactory().get("/")
    request.user = user or AnonymousUser()
    return Template(text).render(Context({"request": request, **values}))


def badge(user: Any = None) -> str:
    cache.delete(f"dm:unread:{getattr(user, 'pk', '')}")
    html = render(BADGE, user)
    return html.partition(">")[2].partition("<")[0]


@pytest.fixture
def customer(world: World) -> Any:
    """Somebody whom the host knows by a number."""
    contact = make_contact(world.north.branch, name="Maria", external_id="C-1", trust="verified")
    make_conversation(world.north, contact, body="About <b>my</b> order")
    return SimpleNamespace(messenger_external_id="C-1")


def test_the_badge_counts_what_is_unread(world: World, conversation: Conversation) -> None:
    other = make_conversation(make_inbox(world.north.branch))
    assert badge(world.anna) == "2"
    read_conversation(user=world.anna, conversation=conversation, read_seq=conversation.revision)
    assert badge(world.anna) == "1"
    say(conversation, "Hello?")
    assert badge(world.anna) == "2"
    assign_conversation(user=world.vera, conversation=other, assignee=world.vera, expected=None)
    assert (badge(world.anna), badge(world.vera)) == ("1", "2")


def test_the_badge_is_nothing_for_others(
    settings: Any, world: World, conversation: Conversation
) -> None:
    assert badge(world.anna) == "1"
    for user in (None, make_user(), world.boris):
        assert badge(user) == ""
    assert Template(BADGE).render(Context({})) == ""
    settings.MESSENGER_ENABLED = False
    assert badge(world.anna) == ""


def test_the_badge_ends_at_a_number(
    monkeypatch: pytest.MonkeyPatch, world: World, conversation: Conversation
) -> None:
    monkeypatch.setattr(unread, "MOST", 2)
    monkeypatch.setattr("django_messenger.templatetags.messenger.MOST", 2)
    make_conversation(make_inbox(world.north.branch))
    make_conversation(make_inbox(world.north.branch))
    assert badge(world.anna) == "1+"


def test_the_badge_costs_no_query_for_some_seconds(
    world: World, conversation: Conversation
) -> None:
    badge(world.anna)
    with CaptureQueriesContext(connection) as queries:
        assert ">1<" in render(BADGE, world.anna)
    assert len(queries) == 0
    with CaptureQueriesContext(connection) as queries:
        assert render(BADGE) == ""
    assert len(queries) == 0


def test_conversations_of_a_customer(world: World, customer: Any) -> None:
    html = render(LIST, world.anna, customer=customer)
    conversation = Conversation.objects.get()
    assert f'href="/messenger/{conversation.public_id}/"' in html
    assert "About &lt;b&gt;my&lt;/b&gt; order" in html
    assert "All conversations" not in html
    several = SimpleNamespace(messenger_external_id=lambda: ["C-1", "C-2"])
    assert "About" in render(LIST, world.anna, customer=several)


def test_many_conversations_of_a_customer(world: World, customer: Any) -> None:
    contact = Conversation.objects.get().contact
    for _ in range(12):
        make_conversation(make_inbox(world.north.branch), contact)
    with CaptureQueriesContext(connection) as queries:
        html = render(LIST, world.anna, customer=customer)
    assert html.count("<li>") == 10
    assert f"/messenger/contacts/{contact.public_id}/" in html
    assert len(queries) <= 6


def test_a_user_is_known_by_the_primary_key(world: World) -> None:
    user = make_user()
    contact = make_contact(world.north.branch, external_id=str(user.pk), trust="verified")
    make_conversation(world.north, contact, body="It is me")
    assert "It is me" in render(LIST, world.anna, customer=user)


def test_others_see_no_conversations(settings: Any, world: World, customer: Any) -> None:
    for user in (None, make_user(), world.boris):
        assert render(LIST, user, customer=customer) == ""
    for nobody in (None, SimpleNamespace(messenger_external_id="")):
        make_conversation(make_inbox(world.north.branch))
        assert render(LIST, world.anna, customer=nobody) == ""
    assert render(LIST, world.anna, customer=SimpleNamespace(messenger_external_id="C-9")) == ""
    settings.MESSENGER_ENABLED = False
    assert render(LIST, world.anna, customer=customer) == ""


def test_an_object_that_says_nothing_of_itself_is_an_error(world: World) -> None:
    with pytest.raises(TemplateSyntaxError, match="messenger_external_id"):
        render(LIST, world.anna, customer=world.north.branch)


def test_a_host_without_the_panel(settings: Any, world: World, customer: Any) -> None:
    settings.ROOT_URLCONF = "tests.browser.urls"
    assert render(LIST, world.anna, customer=customer) == ""


def test_customers_may_have_any_external_id_or_none(world: World) -> None:
    key = uuid4()
    contact = make_contact(world.north.branch, external_id=str(key), trust="verified")
    make_conversation(world.north, contact, body="It is me")
    for known in (key, iter([key])):
        customer = SimpleNamespace(messenger_external_id=known)
        assert "It is me" in render(LIST, world.anna, customer=customer)
    assert render(LIST, world.anna, customer=SimpleNamespace(messenger_external_id=None)) == ""
