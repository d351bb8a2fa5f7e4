"""ASGI entry point."""

from __future__ import annotations

import gc
import os

from django.core.asgi import get_asgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

django_application = get_asgi_application()

# Imported after Django has been set up: the package has models.
from django_messenger.asgi import with_messenger  # noqa: E402

application = with_messenger(django_application)

# What is there from the start stays: the collector need not look at it while streams wait.
get_resolver().url_patterns  # noqa: B018 - loads what the first request would load
gc.collect()
gc.freeze()
