from __future__ import annotations

import socket
from functools import cached_property
from typing import Any

import pytest

from django_messenger.models import Inbox
from tests.factories import make_branch, make_inbox, make_operator, make_supervisor, make_user


class World:
    """Two branches with an inbox each, and everybody who may or may not look into them.

    Everything is made when a test first names it.
    """

    @cached_property
    def north(self) -> Inbox:
        return make_inbox(make_branch("North"), name="North")

    @cached_property
    def south(self) -> Inbox:
        return make_inbox(make_branch("South"), name="South")

    @cached_property
    def anna(self) -> Any:
        return make_operator(self.north.branch, name="Anna")

    @cached_property
    def boris(self) -> Any:
        return make_operator(self.south.branch, name="Boris")

    @cached_property
    def vera(self) -> Any:
        return make_supervisor(self.north.branch, name="Vera")

    @cached_property
    def admin(self) -> Any:
        return make_user(superuser=True)

    @cached_property
    def stranger(self) -> Any:
        return make_user()


@pytest.fixture
def world(db: None) -> World:
    return World()


@pytest.fixture
def unused_tcp_port() -> int:
    """A port of this machine where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
