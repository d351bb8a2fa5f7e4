"""Where the host's static storage has the files that pages embed."""

from __future__ import annotations

import logging
from typing import Final
from urllib.parse import urljoin

from django.conf import settings
from django.templatetags.static import static

logger = logging.getLogger("django_messenger")

#: The chat itself.
WIDGET: Final = "django_messenger/widget.js"


def static_address(path: str) -> str:
    """Return the address of a static file, hashed if the storage hashes: an absolute path or, where
    the files have a host of their own, a whole URL."""
    try:
        return static(path)
    except ValueError:
        # A manifest without the file: collectstatic has not run. A page must not get 500 for that.
        logger.error("The static files hold no %s: run manage.py collectstatic.", path)
        return urljoin(settings.STATIC_URL or "/", path)
