"""The switch: off means 404 on every route, at no cost, for everybody and under any middleware."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, override_settings

from tests.factories import make_operator, make_user
from tests.security.routes import METHODS, Route, find_routes
from tests.widget.client import through_asgi

DISABLED = {"detail": "Messenger disabled"}
ROUTES = list(find_routes())
PAGES = [route for route in ROUTES if route.is_page]
CALLS = [route for route in ROUTES if not route.is_page]
TEMPLATES = Path(__file__).parent / "templates"
LOGIN_REQUIRED = "django.contrib.auth.middleware.LoginRequiredMiddleware"

#: Without a widget token they know no chat.
UNKNOWN_WIDGET = {"messenger_widget:config", "messenger_widget:bootstrap"}

each_route = pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)


@pytest.fixture
def off(settings: Any) -> Iterator[None]:
    """The messenger switched off, in a host with an error page of its own."""
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [TEMPLATES]}]
    with override_settings(MESSENGER_ENABLED=False):
        yield


@pytest.fixture
def clients(db: Any) -> dict[str, Client]:
    """Somebody unknown, an operator, a superuser, and somebody whose session is not theirs."""
    found = {"nobody": Client(), "forged": Client()}
    for name, user in (("operator", make_operator()), ("root", make_user(superuser=True))):
        found[name] = Client()
        found[name].force_login(user)
    found["forged"].cookies["sessionid"] = "x" * 32
    return found


def ask(client: Client, method: str, route: Route) -> Any:
    body = json.dumps({"widget_token": "x", "body": "x"})
    return client.generic(method, route.url(), body, "application/json")


def test_there_are_routes_of_all_three_faces() -> None:
    assert {route.part for route in ROUTES} == {
        "messenger_widget",
        "messenger_operators",
        "messenger_panel",
    }


@each_route
def test_off_is_404_whoever_asks_and_costs_no_query(
    route: Route, off: None, clients: dict[str, Client], django_assert_num_queries: Any
) -> None:
    for client in clients.values():
        for method in METHODS:
            with django_assert_num_queries(0):
                response = ask(client, method, route)
            assert response.status_code == 404, method
            if method == "HEAD":
                assert response.content == b""
            elif route.is_page:
                assert response.content == (TEMPLATES / "404.html").read_bytes()
            else:
                assert response.headers["Content-Type"] == "application/json"
                assert json.loads(response.content) == DISABLED
            assert not response.cookies.keys() - {"sessionid"}


@pytest.mark.parametrize("route", PAGES, ids=lambda route: route.name)
def test_pages_look_like_any_other_address_that_is_not_there(
    route: Route, off: None, clients: dict[str, Client]
) -> None:
    if not route.is_page:
        assert ask(
            clients["nobody"], "GET", route
        ).content == b'{"detail":"Messenger disabled"}' or (
            json.loads(ask(clients["nobody"], "GET", route).content) == DISABLED
        )
        return
    for client in clients.values():
        here, nowhere = ask(client, "GET", route), client.get("/no/such/page/")
        assert (here.status_code, here.content) == (nowhere.status_code, nowhere.content)


@each_route
def test_neither_middleware_nor_cache_nor_database_is_asked(
    route: Route, off: None, settings: Any
) -> None:
    """No database mark on this test: the first query would fail it."""
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, LOGIN_REQUIRED]
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.memcached.PyMemcacheCache",
            "LOCATION": "127.0.0.1:1",
        }
    }
    client = Client(enforce_csrf_checks=True)
    for method in METHODS:
        response = ask(client, method, route)
        assert response.status_code == 404, method
        assert route.is_page or method == "HEAD" or json.loads(response.content) == DISABLED


@each_route
def test_a_browser_that_logs_out_meanwhile_is_not_sent_to_the_login(
    route: Route, off: None, clients: dict[str, Client], settings: Any
) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, LOGIN_REQUIRED]
    for client in clients.values():
        assert ask(client, "GET", route).status_code == 404


@pytest.mark.parametrize("route", CALLS, ids=lambda route: route.name)
def test_through_asgi_too(route: Route, off: None, clients: dict[str, Client]) -> None:
    for method in ("GET", "POST"):
        answer = through_asgi(method, route.url(), b"{}", {"content-type": "application/json"}, "")
        assert (answer.status, answer.json) == (404, DISABLED)


@each_route
def test_on_is_not_404_for_want_of_the_switch(route: Route, clients: dict[str, Client]) -> None:
    """What the tests above see is the switch, not a route that answers 404 in any case."""
    response = ask(clients["root"], "GET", route)
    assert b"Messenger disabled" not in response.content
    if not route.holders and route.name not in UNKNOWN_WIDGET:
        assert response.status_code != 404


def test_pages_elsewhere_may_read_that_it_is_off(off: None) -> None:
    for path in ("/api/widget/poll/", "/api/widget/config/"):
        response = Client().get(path, headers={"Origin": "https://shop.example"})
        assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_it_is_read_at_every_request() -> None:
    for enabled, status in ((True, 400), (False, 404), (True, 400)):
        with override_settings(MESSENGER_ENABLED=enabled):
            assert Client().get("/api/widget/poll/").status_code == status
