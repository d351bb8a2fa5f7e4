"""The application that browsers talk to."""

from __future__ import annotations

from django.core.asgi import get_asgi_application

django_application = get_asgi_application()

from django_messenger.asgi import with_messenger  # noqa: E402 - models need the set-up

application = with_messenger(django_application)
