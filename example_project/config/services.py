"""The database and the cache, as Django settings made from their URLs."""

from __future__ import annotations

from typing import Any

import dj_database_url

DEFAULT_DATABASE_URL = "postgres://postgres@127.0.0.1:5432/example"

# One pool per server process. Connections are checked when they leave the pool, so that a restart
# of PostgreSQL costs nobody an error; giving up early on a lost server makes the next request try
# afresh instead of waiting for a growing back-off.
DATABASE_POOL = {"min_size": 0, "max_size": 10, "timeout": 10, "reconnect_timeout": 2}

CACHE_TIMEOUT = 0.5
"""Seconds a cache call may take before it counts as failed."""


def database(url: str) -> dict[str, Any]:
    """Return the entry of ``DATABASES`` for a PostgreSQL ``url``."""
    config: dict[str, Any] = dict(
        dj_database_url.parse(url or DEFAULT_DATABASE_URL, conn_max_age=0, conn_health_checks=True)
    )
    config["OPTIONS"] = {"connect_timeout": 5, "pool": DATABASE_POOL, **config.get("OPTIONS", {})}
    return config


def cache(url: str) -> dict[str, Any]:
    """Return the entry of ``CACHES``: Redis or Valkey at ``url``, or memory where it is empty."""
    if not url:
        return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    return {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": url,
        "KEY_PREFIX": "example",
        "OPTIONS": {
            "SOCKET_CONNECT_TIMEOUT": CACHE_TIMEOUT,
            "SOCKET_TIMEOUT": CACHE_TIMEOUT,
            "CONNECTION_POOL_KWARGS": {"retry": _reconnect_once()},
        },
    }


def _reconnect_once() -> Any:
    """A dropped connection is opened again once; a slow answer is never asked for twice."""
    from redis import ConnectionError as ConnectionLost
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return Retry(NoBackoff(), 1, supported_errors=(ConnectionLost,))
