"""The messenger's host under ASGI: ``application`` wrapped, ``unwrapped`` as Django made it."""

from __future__ import annotations

import gc

from django.core.asgi import get_asgi_application
from django.urls import get_resolver

unwrapped = get_asgi_application()

from django_messenger.asgi import with_messenger  # noqa: E402 - it needs Django set up

application = with_messenger(unwrapped)

# What is there from the start stays: the collector need not look at it while streams wait.
get_resolver().url_patterns  # noqa: B018 - loads what the first request would load
gc.collect()
gc.freeze()
