"""The hardest shape: branches come late and have UUID keys, and so have the host's own users.

The branch is created by the second migration of an app that sorts after ours, whose third migration
points back at us. Users log in by e-mail; they have neither ``username`` nor ``get_full_name()``.
"""

from __future__ import annotations

from tests.settings.base import *
from tests.settings.base import INSTALLED_APPS

INSTALLED_APPS = ["tests.hosts.people", *INSTALLED_APPS, "tests.hosts.zz_late"]
AUTH_USER_MODEL = "people.User"
MESSENGER_BRANCH_MODEL = "zz_late.Branch"
MESSENGER_BRANCH_MIGRATION = "0002_branch"
