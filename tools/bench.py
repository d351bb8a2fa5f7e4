"""``./run bench [name ...] [--quick]``: the benchmarks, which start the servers that they need."""

from __future__ import annotations

import os
import sys


def main(arguments: list[str]) -> None:
    """Become ``python -m benchmarks``."""
    os.execv(sys.executable, [sys.executable, "-m", "benchmarks", *arguments])


if __name__ == "__main__":
    main(sys.argv[1:])
