"""The server process of the stream tests: as for browsers, with every part of the messenger."""

from __future__ import annotations

from tests.settings.browser import *

ROOT_URLCONF = "tests.urls"
