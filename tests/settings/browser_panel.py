"""As ``browser``, with the operators' pages and static files."""

from __future__ import annotations

from tests.settings.browser import *

ROOT_URLCONF = "tests.urls"
