"""``{% messenger_widget %}``: one script tag, escaped, with nonce and signed identity."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any
from unittest.mock import patch

import django
import jwt
import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.template import Context, RequestContext, Template, TemplateSyntaxError
from django.test import Client, RequestFactory, override_settings
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from django_messenger import store
from django_messenger.exceptions import Unavailable
from django_messenger.models import Inbox
from django_messenger.services.identity import verify_identity
from django_messenger.services.inboxes import save_inbox
from tests.factories import make_user
from tests.widget.client import PAGE, Widget, committing

TAG = "{% load messenger %}{% messenger_widget inbox %}"


class Script(HTMLParser):
    """The attributes of the only tag there is."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[Any] = []
        self.feed(html)
        self.close()
        (self.found,) = self.tags

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        assert tag == "script"
        self.tags.append(dict(attrs))


def render(source: str = TAG, **context: Any) -> str:
    return Template(source).render(Context(context))


def attributes(source: str = TAG, **context: Any) -> dict[str, str | None]:
    found: dict[str, str | None] = Script(render(source, **context)).found
    return found


@pytest.fixture
def trusted(inbox: Inbox) -> Inbox:
    """An inbox that takes signed identities."""
    inbox.identity_mode, inbox.identity_secret = Inbox.IdentityMode.OPTIONAL, "s" * 40
    with committing():
        save_inbox(inbox)
    return inbox


@pytest.mark.parametrize("by_token", [False, True])
def test_one_script(inbox: Inbox, by_token: bool) -> None:
    with translation.override("ru"):
        found = attributes(inbox=inbox.widget_token if by_token else inbox)
    assert found == {
        "async": None,
        "src": "/api/widget/loader.js",
        "data-widget-token": "shop-token",
        "data-lang": "ru",
    }
    assert Client().get(found["src"] or "").status_code == 200


def test_nothing_while_off(inbox: Inbox, django_assert_num_queries: Any) -> None:
    with override_settings(MESSENGER_ENABLED=False), django_assert_num_queries(0):
        assert render(inbox=inbox) == render(inbox="shop-token") == ""


def test_nothing_for_an_inbox_that_is_not_there(inbox: Inbox) -> None:
    for token in ("", "other-token", "<script>", None, 5, "x" * 500):
        assert render(inbox=token) == ""
    inbox.is_active = False
    with committing():
        save_inbox(inbox)
    assert render(inbox=inbox) == render(inbox="shop-token") == ""


def test_by_token_it_costs_no_query_while_the_cache_knows_it(
    inbox: Inbox, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        render(inbox="shop-token")
    with django_assert_num_queries(0):
        render(inbox="shop-token")


def test_the_page_does_not_depend_on_the_cache(inbox: Inbox) -> None:
    with patch.object(store, "get", side_effect=Unavailable):
        assert attributes(inbox="shop-token")["data-widget-token"] == "shop-token"


# --- Attributes -----------------------------------------------------------------------------------


def test_every_attribute(inbox: Inbox) -> None:
    source = (
        "{% load messenger %}{% messenger_widget inbox lang='de' position='left' title='Fragen'"
        " color='#ff0000' layer='top' hide_launcher=True strings=strings open_on='#help'"
        " private=False %}"
    )
    found = attributes(source, inbox=inbox, strings={"send": 'S"e<n>d'})
    strings = found.pop("data-strings")
    assert json.loads(strings or "") == {"send": 'S"e<n>d'}
    assert found == {
        "async": None,
        "src": "/api/widget/loader.js",
        "data-widget-token": "shop-token",
        "data-lang": "de",
        "data-position": "left",
        "data-title": "Fragen",
        "data-color": "#ff0000",
        "data-layer": "top",
        "data-hide-launcher": None,
        "data-open-on": "#help",
    }


@pytest.mark.parametrize("by_token", [False, True])
def test_the_button_looks_as_the_inbox_wants_from_the_start(inbox: Inbox, by_token: bool) -> None:
    inbox.appearance = {"color": "#a8491f", "position": "left"}
    with committing():
        save_inbox(inbox)
    given = inbox.widget_token if by_token else inbox
    found = attributes(inbox=given)
    assert (found["data-color"], found["data-position"]) == ("#a8491f", "left")

    source = "{% load messenger %}{% messenger_widget inbox color='#000000' position='right' %}"
    found = attributes(source, inbox=given)
    assert (found["data-color"], found["data-position"]) == ("#000000", "right")


def test_everything_is_escaped(inbox: Inbox) -> None:
    evil = "\"'></script><script>alert(1)</script>&amp;"
    source = "{% load messenger %}{% messenger_widget inbox title=evil lang=evil strings=evil %}"
    found = attributes(source, inbox=inbox, evil=evil)
    assert found["data-title"] == found["data-lang"] == found["data-strings"] == evil
    assert render(source, inbox=inbox, evil=evil).count("<script") == 1


def test_a_mistake_is_named(inbox: Inbox) -> None:
    with pytest.raises(TemplateSyntaxError, match=r"knows no 'colour'.*color"):
        render("{% load messenger %}{% messenger_widget inbox colour='red' %}", inbox=inbox)


# --- Identity -------------------------------------------------------------------------------------

FOR_USER = "{% load messenger %}{% messenger_widget inbox user=user %}"


@pytest.mark.parametrize("by_token", [False, True])
def test_a_user_is_vouched_for(trusted: Inbox, by_token: bool) -> None:
    user = make_user("ann@example.com")
    found = attributes(FOR_USER, inbox="shop-token" if by_token else trusted, user=user)
    token = found["data-identity"] or ""
    identity = verify_identity(trusted, token)
    assert identity is not None
    assert (identity.external_id, identity.email) == (str(user.pk), user.email)
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 600
    widget = Widget(trusted, origin=PAGE).start(identity=token)
    assert widget.bootstrap(identity=token).json["contact"]["trust"] == "verified"
    assert "s" * 40 not in str(found)


def test_nobody_else_is(trusted: Inbox) -> None:
    user = make_user()
    assert "data-identity" not in attributes(TAG, inbox=trusted, user=user)
    for nobody in (AnonymousUser(), None, ""):
        if nobody == "":
            continue
        assert "data-identity" not in attributes(FOR_USER, inbox=trusted, user=nobody)
    trusted.identity_mode = Inbox.IdentityMode.OFF
    assert "data-identity" not in attributes(FOR_USER, inbox=trusted, user=user)
    trusted.identity_mode, trusted.identity_secret = Inbox.IdentityMode.OPTIONAL, ""
    assert "data-identity" not in attributes(FOR_USER, inbox=trusted, user=user)


# --- Nonce ----------------------------------------------------------------------------------------


class LateNonce(SimpleLazyObject):
    """As in django-csp: false until somebody reads it, and only then in the policy."""

    def __bool__(self) -> bool:
        return False


def test_the_nonce_of_django_csp(inbox: Inbox) -> None:
    request = RequestFactory().get("/")
    request.csp_nonce = LateNonce(lambda: "abc123==")  # type: ignore[attr-defined]
    html = Template(TAG).render(RequestContext(request, {"inbox": inbox}))
    assert Script(html).found["nonce"] == "abc123=="


@pytest.mark.skipif(django.VERSION < (6, 0), reason="Django 5.2 has no policy of its own")
@pytest.mark.parametrize("by_processor", [False, True])
def test_the_nonce_of_django(inbox: Inbox, by_processor: bool) -> None:
    from django.middleware.csp import ContentSecurityPolicyMiddleware
    from django.template.context_processors import csp
    from django.utils.csp import CSP

    def page(request: Any) -> HttpResponse:
        processors = [csp] if by_processor else []
        context = RequestContext(request, {"inbox": inbox}, processors)
        return HttpResponse(Template(TAG).render(context))

    with override_settings(SECURE_CSP={"script-src": [CSP.NONCE]}):
        response = ContentSecurityPolicyMiddleware(page)(RequestFactory().get("/"))
    nonce = Script(response.content.decode()).found["nonce"]  # type: ignore[union-attr]
    assert len(nonce) > 10
    assert response.headers["Content-Security-Policy"] == f"script-src 'nonce-{nonce}'"


def test_no_policy_no_nonce(inbox: Inbox) -> None:
    html = Template(TAG).render(RequestContext(RequestFactory().get("/"), {"inbox": inbox}))
    assert "nonce" not in html
