"""A host as bare as the messenger allows: logins, no other middleware, no debug tool.

``MESSENGER_OPTIONS`` holds JSON for ``MESSENGER``; ``BENCH_POOL`` asks for a pool of database
connections, which an ASGI server needs, else each thread keeps one for ``BENCH_CONN_MAX_AGE``
seconds.
"""

from __future__ import annotations

import json
import os
from typing import Any

import dj_database_url

DATABASES: dict[str, Any] = {
    "default": dj_database_url.parse(
        os.environ["DATABASE_URL"], conn_max_age=int(os.environ.get("BENCH_CONN_MAX_AGE", "600"))
    )
}
if os.environ.get("BENCH_POOL"):
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    DATABASES["default"]["OPTIONS"] = {"pool": {"min_size": 2, "max_size": 10, "timeout": 5}}

CACHES = {
    "default": {
        "BACKEND": os.environ.get("BENCH_CACHE", "django_redis.cache.RedisCache"),
        "LOCATION": os.environ["REDIS_URL"],
        "KEY_PREFIX": "bench",
    }
}

SECRET_KEY = "only-for-benchmarks-" + "x" * 50
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "benchmarks.host.urls"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "rest_framework",
    "django_messenger",
    "benchmarks.host",
]
# Both are lazy: a request that asks for no user pays a few microseconds for them.
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
TEMPLATES: list[dict[str, Any]] = []
LOGGING = {"version": 1, "root": {"level": "ERROR", "handlers": []}}

MESSENGER_ENABLED = True
MESSENGER = json.loads(os.environ.get("MESSENGER_OPTIONS") or "{}")
