"""ASGI entry point."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

django_application = get_asgi_application()

# Imported after Django has been set up: the package has models.
from django_messenger.asgi import with_messenger  # noqa: E402

application = with_messenger(django_application)
