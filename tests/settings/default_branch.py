"""The shape of a host without branches of its own: Django's user, our small ``Branch``.

``MESSENGER_BRANCH_MODEL`` stays unset on purpose: the package must supply it.
"""

from __future__ import annotations

from tests.settings.base import *
