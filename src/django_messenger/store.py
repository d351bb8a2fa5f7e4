"""The only door to the shared cache (``MESSENGER["SESSION_CACHE"]``).

Whatever the cache backend raises becomes ``Unavailable``: a chat that cannot reach its sessions
says so instead of pretending.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from django.core.cache import caches
from django.core.signals import request_started, setting_changed

from django_messenger.conf import conf
from django_messenger.exceptions import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from django.core.cache.backends.base import BaseCache


#: A cache that lets somebody wait for longer than this before it fails, in seconds, is not asked
#: again by the same request, and by other work not for so long.
_SLOW: Final = 0.2
_REST: Final = 2.0
_rests_until: ContextVar[float] = ContextVar("django_messenger.store.rests_until", default=0.0)


def session_cache() -> BaseCache:
    """Return the cache that keeps sessions, throttles and freshness marks."""
    alias = conf.SESSION_CACHE
    return _shared_cache(alias) or caches[alias]


@lru_cache(maxsize=8)
def _shared_cache(alias: str) -> BaseCache | None:
    """Return the one cache object of the process, or None where each thread needs its own.

    Django makes one for every thread, and under ASGI for every request, which costs more than most
    questions to it. Those on Redis keep nothing but a client that any thread may use.
    """
    made: BaseCache = caches.create_connection(alias)
    return None if _client_of(made) is None else made


@lru_cache(maxsize=8)
def _shared_client(alias: str) -> Any | None:
    made = _shared_cache(alias)
    return None if made is None else _client_of(made)


def _forget_shared(*, setting: str, **kwargs: Any) -> None:
    if setting == "CACHES":
        _shared_cache.cache_clear()
        _shared_client.cache_clear()
        _rests_until.set(0.0)  # another cache may be well


setting_changed.connect(_forget_shared, dispatch_uid="django_messenger.store")


@contextmanager
def guarded() -> Iterator[BaseCache]:
    """Lend the cache.

    A page may ask it several times; if it is frozen, only the first question waits.

    Raises:
        Unavailable: the cache could not be reached.
    """
    started = time.monotonic()
    if started < _rests_until.get():
        raise Unavailable
    try:
        yield session_cache()
    except (ValueError, TypeError, Unavailable):
        # ValueError is how a cache says that a counter is missing; TypeError is a mistake of ours.
        raise
    except Exception as error:
        now = time.monotonic()
        if now - started > _SLOW:
            _rests_until.set(now + _REST)
        raise Unavailable from error


def _begin(**kwargs: Any) -> None:
    _rests_until.set(0.0)


request_started.connect(_begin, dispatch_uid="django_messenger.store")


def get(key: str) -> Any:
    """Return the value, or None."""
    with guarded() as cache:
        return cache.get(key)


def get_many(keys: Iterable[str]) -> dict[str, Any]:
    """Return the values that exist, by key, in one round trip."""
    with guarded() as cache:
        return cache.get_many(keys)


def put(key: str, value: Any, *, seconds: int) -> None:
    """Write a value that lives for ``seconds``."""
    with guarded() as cache:
        cache.set(key, value, timeout=seconds)


def add(key: str, value: Any, *, seconds: int) -> bool:
    """Write a value unless the key exists; tell whether it was written."""
    with guarded() as cache:
        return cache.add(key, value, timeout=seconds)


def forget(key: str) -> None:
    """Remove a key, if it is there."""
    with guarded() as cache:
        cache.delete(key)


def count(key: str, *, seconds: int) -> int:
    """Count one more use of a key that lives for ``seconds`` from its first use.

    Atomic on every cache whose ``add`` and ``incr`` are: Redis, Valkey, Memcached, LocMem.
    """
    with guarded() as cache:
        for _ in range(3):
            try:
                return cache.incr(key)
            except ValueError:
                if cache.add(key, 1, timeout=seconds):
                    return 1
    raise Unavailable


def redis_client() -> Any | None:
    """Return the redis-py client behind the cache for writing, or None on another backend.

    None also for Sentinel, shards and clusters: what we do with one plain server does not fit
    them, and the portable ways do.
    """
    try:
        return _shared_client(conf.SESSION_CACHE)
    except Exception as error:
        raise Unavailable from error


def ask(client: Any, *commands: tuple[str | int, ...]) -> list[Any]:
    """Return the answers to commands that go out together on one connection of a client's pool.

    For the few that every call asks: the client's own way to a command takes longer than the
    server does to answer it.

    Raises:
        Exception: whatever the client raises; ``guarded`` makes ``Unavailable`` of it.
    """
    pool = client.connection_pool
    connection = pool.get_connection()
    try:
        connection.send_packed_command(connection.pack_commands(commands))
        return [connection.read_response() for _ in commands]
    except BaseException:
        connection.disconnect()  # answers that nobody has read must not meet the next question
        raise
    finally:
        pool.release(connection)


def _client_of(cache: BaseCache) -> Any | None:
    client: Any = getattr(cache, "client", None)
    inner: Any = getattr(cache, "_cache", None)
    found: Any = None
    if hasattr(client, "get_client") and not hasattr(client, "get_server_name"):
        found = client.get_client(write=True)  # django-redis, not its shards
    elif hasattr(inner, "get_client"):
        found = inner.get_client(None, write=True)  # Django's own RedisCache
    pool = getattr(found, "connection_pool", None)
    return None if pool is None or "Sentinel" in type(pool).__name__ else found


def decoder() -> Callable[[Any], Any]:
    """Return what a cache on Redis itself uses to read its values; None stays None."""
    cache: Any = session_cache()
    decode = cache.client.decode if hasattr(cache, "client") else cache._cache._serializer.loads
    return lambda value: None if value is None else decode(value)


def full_key(key: str) -> str:
    """Return the key as the cache backend itself writes it, prefix and version included."""
    return full_keys([key])[0]


def full_keys(keys: Iterable[str]) -> list[str]:
    """Return keys as the cache backend itself writes them."""
    cache = session_cache()
    return [str(cache.make_key(key)) for key in keys]
