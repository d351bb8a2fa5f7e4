"""The whole messenger under ASGI, static files included, for tests of the panel."""

from __future__ import annotations

from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application

django_application = get_asgi_application()

from django_messenger.asgi import with_messenger  # noqa: E402 - models need the set-up

application = with_messenger(ASGIStaticFilesHandler(django_application))
