"""Hints over Redis or Valkey publish/subscribe, on the server of the session cache."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django_messenger import store
from django_messenger.bus.base import Bus, Hint
from django_messenger.exceptions import Unavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

#: What an asynchronous connection takes over from the cache's synchronous one.
_KEPT: Final = (
    "host",
    "port",
    "path",
    "db",
    "username",
    "password",
    "credential_provider",
    "protocol",
)
_PING_EVERY: Final = 10


class RedisBus(Bus):
    """The default wherever the session cache is Redis or Valkey."""

    def publish(self, hint: Hint) -> None:
        with store.guarded():
            _client().publish(_channel(), hint.encode())

    def mark_and_publish(self, key: str, mark: int, *, seconds: int, hint: Hint) -> None:
        # Caches on Redis keep integers as they are, so both commands fit into one round trip.
        with store.guarded():
            store.ask(
                _client(),
                ("SET", store.full_key(key), mark, "EX", seconds),
                ("PUBLISH", _channel(), hint.encode()),
            )

    async def listen(self) -> AsyncIterator[Hint]:
        client = async_client(socket_timeout=_PING_EVERY * 2)
        async with client, client.pubsub() as subscription:
            await subscription.subscribe(_channel())
            yield Hint("resync")
            asked = False
            while True:
                # Subscription messages are not ignored: they and pongs are signs of life.
                message = await subscription.get_message(timeout=_PING_EVERY)
                if message is None and asked:
                    raise ConnectionError("The server does not answer any more.")
                asked = message is None
                if message is None:
                    await subscription.ping()
                elif message["type"] == "message":
                    yield Hint.decode(message["data"])


def async_client(*, socket_timeout: float | None) -> Any:
    """Return an asynchronous client for the server of the session cache.

    Raises:
        Unavailable: the cache is not on Redis.
    """
    import redis.asyncio

    pool = _client().connection_pool
    known = pool.connection_kwargs
    options = {name: known[name] for name in _KEPT if known.get(name) is not None}
    secure = {name: value for name, value in known.items() if name.startswith("ssl")}
    kind = redis.asyncio.Connection
    if "path" in options:
        kind = redis.asyncio.UnixDomainSocketConnection  # type: ignore[assignment]
    elif "SSL" in pool.connection_class.__name__:
        kind, options = redis.asyncio.SSLConnection, {**options, **secure}
    return redis.asyncio.Redis(
        connection_pool=redis.asyncio.BlockingConnectionPool(
            connection_class=kind,
            max_connections=32,
            timeout=2,
            socket_connect_timeout=1,
            socket_timeout=socket_timeout,
            **options,
        )
    )


def _client() -> Any:
    client = store.redis_client()
    if client is None:
        raise Unavailable
    return client


def _channel() -> str:
    return store.full_key("dm:hints")
