"""The samples of the documentation do what the text around them says."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import re
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, Group
from django.core.checks import run_checks
from django.db import connections
from django.db.utils import ConnectionHandler
from django.template import Context, Template
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse

from django_messenger.access import PERMISSIONS, get_policy
from django_messenger.conf import Options
from django_messenger.exceptions import InvalidTransition
from django_messenger.models import Conversation, Message
from django_messenger.services.conversations import change_conversation
from django_messenger.services.identity import verify_identity
from django_messenger.services.operators import role_group
from django_messenger.signals import conversation_opened
from django_messenger.test import assert_policy_consistent, override_messenger
from django_messenger.validators import validate_appearance, validate_origins
from django_messenger.widget.origin import is_listed
from tests import factories
from tests.docs.samples import DOCS, blocks, code_words, rows, run, sample

Capture = Any
needs_django_redis = pytest.mark.skipif(
    not importlib.util.find_spec("django_redis"), reason="the extra redis is not installed"
)

djangos_user = pytest.mark.skipif(
    settings.AUTH_USER_MODEL != "auth.User", reason="the sample is for Django's own user model"
)


@pytest.fixture
def host_app(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The host's app ``crm`` that the samples speak of; its models need only a name."""
    package, models = ModuleType("crm"), ModuleType("crm.models")
    models.Deal = models.Lead = Group  # type: ignore[attr-defined]
    for module in (package, models):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    return package


# --- Deploying -----------------------------------------------------------------------------------


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The settings of docs/howto/deploy.md."""
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:6379/0")
    names = run(sample("howto/deploy.md", "SECURE_PROXY_SSL_HEADER"))
    return {name: value for name, value in names.items() if name.isupper()}


def complaints(databases: dict[str, Any], monkeypatch: pytest.MonkeyPatch, **others: Any) -> Any:
    """What our checks say of these settings, those for ``--deploy`` included."""
    wanted = ConnectionHandler(databases)["default"].settings_dict
    monkeypatch.setattr(connections["default"], "settings_dict", wanted)
    with override_settings(DEBUG=False, **others):
        found = run_checks(include_deployment_checks=True)
    return [message for message in found if message.id.startswith("django_messenger")]


@needs_django_redis
@pytest.mark.parametrize("server", ["ASGI", "WSGI"])
def test_deployed_settings_have_no_complaints(
    server: str, deployed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(sample("howto/deploy.md", f"under {server}"), **deployed)
    if server == "ASGI":
        deployed["ASGI_APPLICATION"] = "crm.asgi.application"
    assert complaints(deployed.pop("DATABASES"), monkeypatch, **deployed) == []


@needs_django_redis
def test_a_cache_of_its_own(deployed: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    databases = deployed.pop("DATABASES")
    deployed["CACHES"]["default"]["OPTIONS"]["IGNORE_EXCEPTIONS"] = True
    assert [m.id for m in complaints(databases, monkeypatch, **deployed)] == [
        "django_messenger.E010"
    ]
    run(sample("howto/deploy.md", 'CACHES["messenger"]'), os=os, **deployed)
    assert complaints(databases, monkeypatch, **deployed) == []


@pytest.mark.django_db
def test_own_pages_behind_a_proxy(deployed: dict[str, Any]) -> None:
    inbox = factories.make_inbox()
    headers = {"Host": "testserver", "Origin": "https://testserver", "X-Forwarded-Proto": "https"}

    def status() -> int:
        url, fields = reverse("messenger_widget:bootstrap"), {"widget_token": inbox.widget_token}
        return Client().post(url, fields, "application/json", headers=headers).status_code

    assert status() == 403
    with override_settings(SECURE_PROXY_SSL_HEADER=deployed["SECURE_PROXY_SSL_HEADER"]):
        assert status() == 201


def test_the_proxy_lets_streams_through() -> None:
    config = sample("howto/deploy.md", "proxy_pass", "nginx")
    place = re.search(r"location ~ (\S+) \{(.*?)\}", config, re.DOTALL)
    assert place
    for name in ("messenger_widget:stream", "messenger_operators:stream"):
        assert re.search(place[1], reverse(name))
    timeout = re.search(r"proxy_read_timeout (\d+)s", place[2])
    assert timeout
    assert int(timeout[1]) > Options.STREAM_HEARTBEAT
    assert config.count("{") == config.count("}")


def test_the_wrapped_application_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", settings.SETTINGS_MODULE)
    application = run(sample("howto/deploy.md", "with_messenger"))["application"]
    arriving = [{"type": "http.request", "body": b"", "more_body": False}]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return arriving.pop() if arriving else await asyncio.Future()

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/nowhere/",
        "headers": [],
        "query_string": b"",
    }
    asyncio.run(application(scope, receive, send))
    assert sent[0]["status"] == 404


# --- Access --------------------------------------------------------------------------------------


def test_the_table_of_permissions_is_complete() -> None:
    table = rows("howto/access-policy.md", "Decide who sees what")
    assert {code_words(row[0])[0]: code_words(row[1])[0] for row in table} == PERMISSIONS


@pytest.fixture
def policy_of_the_sample(host_app: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    module = ModuleType("crm.chat")
    exec(sample("howto/access-policy.md", "class HeadOfficePolicy"), module.__dict__)
    monkeypatch.setitem(sys.modules, "crm.chat", module)
    option = run(sample("howto/access-policy.md", "ACCESS_POLICY"))["MESSENGER"]
    with override_messenger(**option):
        yield get_policy()


@djangos_user
@pytest.mark.django_db
def test_a_policy_of_ones_own(policy_of_the_sample: Any) -> None:
    north, south = factories.make_branch(), factories.make_branch()
    talks = [factories.make_conversation(factories.make_inbox(b)) for b in (north, south)]
    anna, stranger = factories.make_operator(north), factories.make_user()
    chief, retired = factories.make_user(), factories.make_user(is_active=False)
    head_office = Group.objects.create(name="Head office")
    for user in (chief, retired):
        user.groups.add(head_office, role_group("operator"))
    users = [anna, stranger, chief, retired, factories.make_user(superuser=True)]

    assert_policy_consistent(policy_of_the_sample, users, talks)
    visible = [
        policy_of_the_sample.filter_conversations(user, Conversation.objects.all()).count()
        for user in users
    ]
    assert visible == [1, 0, 2, 0, 2]
    run(sample("howto/test-your-host.md", "assert_policy_consistent"))[
        "test_our_policy_agrees_with_itself"
    ]()


# --- Signed identity -----------------------------------------------------------------------------


@djangos_user
@pytest.mark.django_db
def test_signing_and_changing_the_secret() -> None:
    page = "howto/signed-identity.md"
    user = factories.make_user(superuser=True, email="anna@example.com")
    inbox = factories.make_inbox()
    names = run(sample(page, "import secrets"), user=user, inbox=inbox)
    inbox.refresh_from_db()
    names = run(sample(page, "sign_identity"), **{**names, "inbox": inbox})
    old = names["token"]
    identity = verify_identity(inbox, old)
    assert identity is not None
    assert identity.external_id == str(user.pk)

    run(sample(page, "identity_secret_previous"), **names)
    inbox.refresh_from_db()
    new = run(sample(page, "sign_identity"), **names)["token"]
    assert verify_identity(inbox, old) == verify_identity(inbox, new) == identity


# --- Events --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_receiver_hears_of_new_conversations(
    host_app: ModuleType, django_capture_on_commit_callbacks: Capture
) -> None:
    receiver = run(sample("howto/events.md", "@receiver"))["note_lead"]
    inbox = factories.make_inbox()
    contact = factories.make_contact(inbox.branch, name="Olga from the oak shop")
    try:
        with django_capture_on_commit_callbacks(execute=True):
            factories.say(factories.make_conversation(inbox, contact))
    finally:
        conversation_opened.disconnect(receiver)
    assert Group.objects.filter(name="Olga from the oak shop").count() == 1


@pytest.mark.django_db
def test_a_deal_and_the_reply_are_stored_together(host_app: ModuleType) -> None:
    offer_deal = run(sample("howto/events.md", "def offer_deal"))["offer_deal"]
    user = factories.make_user(superuser=True)
    conversation = factories.make_conversation()
    offer_deal(user, conversation, "oak table")
    assert Group.objects.filter(name="oak table").exists()
    assert conversation.messages.filter(body__contains="oak table").count() == 1

    change_conversation(user=user, conversation=conversation, status="closed")
    with pytest.raises(InvalidTransition):
        offer_deal(user, conversation, "pine table")
    assert not Group.objects.filter(name="pine table").exists()


# --- Testing -------------------------------------------------------------------------------------


def test_overriding_options() -> None:
    names = run(sample("howto/test-your-host.md", "test_long_messages"))
    names["test_long_messages"]()
    names["test_without_a_limit_on_sending"]()


@pytest.mark.django_db
def test_making_a_conversation() -> None:
    make = run(sample("howto/test-your-host.md", "def make_conversation"))["make_conversation"]
    conversation = make(factories.make_branch(), "Good day")
    assert list(Message.objects.filter(conversation=conversation).values_list("body")) == [
        ("Good day",)
    ]


# --- Embedding -----------------------------------------------------------------------------------


def test_the_look_of_the_sample_is_valid() -> None:
    inbox = ModuleType("inbox")
    run(sample("howto/theming.md", "inbox.appearance"), inbox=inbox)
    validate_appearance(inbox.appearance)


def test_origins_of_the_table_allow_what_it_says() -> None:
    table = rows("howto/embed.md", "Which sites may use an inbox")
    listed = [code_words(row[0])[0] for row in table]
    validate_origins(listed)
    exact, subdomains, ports = listed
    assert is_listed("https://example.com", [exact])
    assert not is_listed("https://shop.example.com", [exact])
    assert is_listed("https://shop.example.com", [subdomains])
    assert not is_listed("https://example.com", [subdomains])
    assert is_listed("http://localhost:5173", [ports])


@pytest.mark.django_db
def test_the_tags_of_the_samples_render() -> None:
    inbox, request = factories.make_inbox(), RequestFactory().get("/")
    request.user = AnonymousUser()
    found = blocks(DOCS / "howto/embed.md", "django")
    assert len(found) == 2
    for block in found:
        template = Template("{% load messenger %}" + block.text)
        html = template.render(Context({"inbox": inbox, "request": request}))
        assert html.strip().startswith("<script "), block
