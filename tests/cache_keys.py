"""Cache keys of the tests: each test has a namespace of its own.

Clearing a shared Redis would take the keys of every test run beside this one. The namespace stands
in the environment, so that threads and child processes of a test see the same keys.
"""

from __future__ import annotations

import os

NAMESPACE = "MESSENGER_TEST_NAMESPACE"


def make_key(key: str, key_prefix: str, version: int) -> str:
    """Build the stored key: ``prefix-namespace:version:key``."""
    return f"{key_prefix}-{os.environ.get(NAMESPACE, '')}:{version}:{key}"
