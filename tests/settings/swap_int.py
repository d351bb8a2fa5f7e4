"""A host whose branch has an integer key, in an app that sorts before ours."""

from __future__ import annotations

from tests.settings.base import *
from tests.settings.base import INSTALLED_APPS

INSTALLED_APPS = ["tests.hosts.crm", *INSTALLED_APPS]
MESSENGER_BRANCH_MODEL = "crm.Branch"
