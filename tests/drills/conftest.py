"""A whole deployment per test session: its own stores, the example project, a real server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.drills.people import Wire
from tests.drills.stores import Stores, own_stores
from tests.drills.traffic import Traffic
from tests.drills.world import Server
from tests.realtime.client import Stream


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    """PostgreSQL and Valkey that nobody else uses."""
    with own_stores(tmp_path_factory.mktemp("stores")) as found:
        yield found


@pytest.fixture(scope="session")
def shared_server(stores: Stores, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The example project under uvicorn, without limits."""
    found = Server(tmp_path_factory.mktemp("server") / "log", stores.env)
    found.prepare()
    found.start()
    yield found
    found.stop()


@pytest.fixture
def server(shared_server: Server) -> Server:
    """The server, alive."""
    if shared_server.process.poll() is not None:
        shared_server.start()
    return shared_server


@pytest.fixture
def traffic(request: pytest.FixtureRequest, server: Server) -> Traffic:
    """People who have just come to the server."""
    return Traffic(server.port, request.node.name.removeprefix("test_")[:20])


@pytest.fixture(autouse=True)
def hang_up() -> Iterator[None]:
    """Close whatever a test has left open."""
    yield
    while Stream.open:
        Stream.open.pop().close()
    while Wire.every:
        Wire.every.pop().close()
