from __future__ import annotations

from functools import cached_property
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from django_messenger.models import Inbox
from tests.factories import make_branch, make_inbox, make_supervisor, make_user

APP = "django_messenger"


class Pages:
    """The admin's pages as one user sees them."""

    def __init__(self, user: Any) -> None:
        self.http = Client()
        self.http.force_login(user)

    def url(self, model: str, page: str = "changelist", pk: Any = None) -> str:
        """Return the URL of a page: changelist, add, change, delete or history."""
        return reverse(f"admin:{APP}_{model}_{page}", args=[] if pk is None else [pk])

    def get(self, model: str, page: str = "changelist", pk: Any = None, **query: Any) -> Any:
        """Open a page."""
        return self.http.get(self.url(model, page, pk), query)

    def post(self, model: str, page: str, pk: Any = None, **data: Any) -> HttpResponse:
        """Submit a form."""
        return self.http.post(self.url(model, page, pk), data)

    def act(self, model: str, action: str, *pks: Any) -> HttpResponse:
        """Run an action over the named rows."""
        data = {"action": action, "_selected_action": pks}
        return self.http.post(self.url(model), data, follow=True)


class World:
    """Two branches, a superuser, and a supervisor of North who may open every page."""

    @cached_property
    def north(self) -> Inbox:
        return make_inbox(make_branch("North"), name="Website North")

    @cached_property
    def south(self) -> Inbox:
        return make_inbox(make_branch("South"), name="Website South")

    @cached_property
    def admin(self) -> Pages:
        return Pages(make_user(superuser=True))

    @cached_property
    def supervisor(self) -> Any:
        user = make_supervisor(self.north.branch, name="Vera", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(content_type__app_label=APP))
        return user

    @cached_property
    def vera(self) -> Pages:
        return Pages(self.supervisor)


@pytest.fixture
def world(db: None) -> World:
    return World()
