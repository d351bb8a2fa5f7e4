"""``./run bench [name]``: the benchmarks, on servers started for them."""

from __future__ import annotations

import sys
from pathlib import Path

from tools import services

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"


def main(arguments: list[str]) -> int:
    """Run ``python -m benchmarks`` with the arguments; returns its exit code."""
    if not (BENCHMARKS / "__main__.py").exists():
        print("There are no benchmarks yet (benchmarks/__main__.py is missing).", file=sys.stderr)
        return 1
    return services.main([sys.executable, "-m", "benchmarks", *arguments])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
