"""The server process that browsers talk to; it shares database and cache with pytest.

``MESSENGER_OPTIONS`` holds the options as JSON, ``MESSENGER_ENABLED`` the switch.
"""

from __future__ import annotations

import json
import os

from tests.settings.default_branch import *

ROOT_URLCONF = "tests.browser.urls"
MESSENGER = json.loads(os.environ.get("MESSENGER_OPTIONS", "{}"))
MESSENGER_ENABLED = os.environ.get("MESSENGER_ENABLED") == "1"
