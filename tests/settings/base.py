"""What every settings shape shares. Starts private servers where the environment names none."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import Any

import dj_database_url

from tests.cache_keys import make_key
from tools import services

TESTS = Path(__file__).resolve().parent.parent
SHAPE = os.environ.get("TOX_ENV_NAME", "local").replace("-", "_").replace(".", "_")

# pytest-django reads the settings before any conftest, so this is the first place that can do it.
# Type checking reads them too, and needs no server.
if "mypy" not in sys.modules:
    os.environ.update(services.start().env)

DATABASE_URL = os.environ.get("DATABASE_URL", "postgresql:///none")
REDIS_URL = os.environ.get("REDIS_URL", "")

SECRET_KEY = "only-for-tests-" + "x" * 50
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "tests.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_messenger",
]
REST_FRAMEWORK: dict[str, Any] = {}
if importlib.util.find_spec("drf_spectacular"):  # an extra: the shape without extras lacks it
    INSTALLED_APPS.append("drf_spectacular")
    REST_FRAMEWORK["DEFAULT_SCHEMA_CLASS"] = "drf_spectacular.openapi.AutoSchema"

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [TESTS / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# Several shapes may share one server at the same time: each has a database of its own.
DATABASES = {"default": dj_database_url.parse(DATABASE_URL)}
DATABASES["default"]["TEST"] = {"NAME": f"test_messenger_{SHAPE}"}

CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_URL,
    }
    if REDIS_URL
    else {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},  # the default of 300 would drop entries in mid-test
    }
}
CACHES["default"] |= {"KEY_PREFIX": f"test-{SHAPE}", "KEY_FUNCTION": make_key}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/messenger/"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ru", "Русский")]
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"

MESSENGER_ENABLED = True
