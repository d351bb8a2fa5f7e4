"""Settings of the example project: a small CRM that hosts the messenger.

What differs between machines comes from the environment: ``DEBUG``, ``SECRET_KEY``,
``DATABASE_URL``, ``REDIS_URL``, ``PORT``, ``MESSENGER_ENABLED`` and ``MESSENGER_OPTIONS``.
"""

from __future__ import annotations

import os
from pathlib import Path

import django
from django.utils.translation import gettext_lazy as _

from config import env, services

BASE_DIR = Path(__file__).resolve().parent.parent

# --- The messenger -------------------------------------------------------------------------------

# The chat belongs to this CRM's own branches. Branch is younger than the crm app itself, so the
# messenger has to know which migration creates it.
MESSENGER_BRANCH_MODEL = "crm.Branch"
MESSENGER_BRANCH_MIGRATION = "0002_branch"

# The switch, MESSENGER_ENABLED, is read from the environment by the package.
# The CRM's own card beside each conversation, and its own button in the menu (crm/messenger.py).
MESSENGER = env.merged(
    {"CONTACT_CARDS": ["crm.messenger.CustomerCard"], "ACTIONS": ["crm.messenger.CreateTask"]},
    env.json_object("MESSENGER_OPTIONS"),
)

# --- Django --------------------------------------------------------------------------------------

DEBUG = env.flag("DEBUG")
SECRET_KEY = os.environ.get("SECRET_KEY") or "django-insecure-example-project-only"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]

INSTALLED_APPS = [
    "accounts",
    "crm",
    "shop",
    "django_messenger",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    (
        "django.middleware.csp.ContentSecurityPolicyMiddleware"
        if django.VERSION >= (6, 0)
        else "config.csp.content_security_policy"
    ),
    "config.static.StaticFilesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": services.database(os.environ.get("DATABASE_URL", ""))}

# REDIS_URL= with nothing behind it asks for a cache in memory, which serves one process only. The
# messenger's check would forbid that outside DEBUG; whoever forgets the variable still hears it.
CACHES = {"default": services.cache(os.environ.get("REDIS_URL", ""))}
if os.environ.get("REDIS_URL") == "":
    SILENCED_SYSTEM_CHECKS = ["django_messenger.E009"]

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- People --------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/messenger/"
LOGOUT_REDIRECT_URL = "login"

# Logins live in the database: operators stay signed in while the cache is away.
SESSION_ENGINE = "django.contrib.sessions.backends.db"

# --- Security ------------------------------------------------------------------------------------

# Strict on every page, the widget, the panel, the admin and the API documentation included.
SECURE_CSP = {
    "default-src": ["'self'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "connect-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
}

# --- Languages and time --------------------------------------------------------------------------

USE_TZ = True
TIME_ZONE = "Europe/Moscow"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ru", _("Russian"))]
LOCALE_PATHS = [BASE_DIR / "locale"]

# --- Static files --------------------------------------------------------------------------------

# Served from where they lie: no collectstatic before the first request.
STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

# --- API documentation ---------------------------------------------------------------------------

REST_FRAMEWORK = {"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema"}
SPECTACULAR_SETTINGS = {
    "TITLE": "Ash & Chisel: messenger API",
    "DESCRIPTION": "Visitors' and operators' API of the messenger inside the example CRM.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    # What the messenger's calls take and answer.
    "PREPROCESSING_HOOKS": ["django_messenger.contrib.spectacular.describe"],
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# --- Logging -------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django": {"handlers": ["console"], "level": "WARNING", "propagate": False}},
}
