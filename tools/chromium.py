"""Where the system's Chromium is; the tests never download a browser."""

from __future__ import annotations

import os
import shutil

MISSING = (
    "no Chromium: apt-get install --no-install-recommends chromium fonts-liberation,"
    " or set MESSENGER_CHROMIUM to its path"
)


def find() -> str | None:
    """The path of a Chromium or Chrome, ``MESSENGER_CHROMIUM`` first."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = map(shutil.which, names)
    return os.environ.get("MESSENGER_CHROMIUM") or next(filter(None, found), None)
