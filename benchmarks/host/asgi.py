"""The messenger's host under ASGI: ``application`` wrapped, ``unwrapped`` as Django made it."""

from __future__ import annotations

from django.core.asgi import get_asgi_application

unwrapped = get_asgi_application()

from django_messenger.asgi import with_messenger  # noqa: E402 - it needs Django set up

application = with_messenger(unwrapped)
