"""``python -m benchmarks [name ...] [--quick]``; ``./run bench`` comes here."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import data, report
from tools import services

NAMES = ("floors", "micro", "http", "push", "race", "throttle", "starvation")
#: Those that hold the hard gates.
GATES = ("micro", "http", "push", "race", "throttle")
#: How often a benchmark is run whose gates a busy machine may have spoilt.
TRIES = 3


def main(arguments: list[str]) -> int:
    """Run benchmarks; returns 1 if a hard gate is not met."""
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument("name", nargs="*", help=f"which: {', '.join(NAMES)}; default all")
    parser.add_argument("--quick", action="store_true", help="the hard gates only, in 3 minutes")
    parser.add_argument("--junit", type=Path, metavar="FILE", help="write the gates there, too")
    options = parser.parse_args(arguments)
    if unknown := set(options.name) - set(NAMES):
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    # Data that is kept is written safely: commits cost what they cost a real host.
    with (
        tempfile.TemporaryDirectory(prefix="djm-bench-") as folder,
        services.start(data=Path(folder)) as running,
    ):
        os.environ.update(running.env)
        print(running.describe(), flush=True)
        with data.database():
            names = options.name or (GATES if options.quick else NAMES)
            return run(names, quick=options.quick, junit=options.junit)


def run(names: Sequence[str], *, quick: bool, junit: Path | None = None) -> int:
    """Run the named benchmarks one after the other and report."""
    data.set_up()
    about = report.versions(*_servers())
    reports = [_run_patiently(name, quick=quick) for name in names]
    if junit is not None:
        report.write_junit(reports, junit)
    which = "" if names in (NAMES, GATES) else "-" + "-".join(names)
    path = report.write(reports, about, ("quick" if quick else "full") + which)
    failed = [verdict.name for one in reports for verdict in one.failed]
    print(f"\nWritten to {path} and {path.name.replace('.md', '.json')}.")
    print(f"Hard gates not met: {'; '.join(failed) or 'none'}.")
    return 1 if failed else 0


def _run_patiently(name: str, *, quick: bool) -> report.Report:
    """Run a benchmark; where only moody gates are missed, again."""
    run_once = importlib.import_module(f"benchmarks.{name}").run
    for left in reversed(range(TRIES)):
        found: report.Report = run_once(quick=quick)
        print("\n" + found.markdown(), flush=True)
        if not (left and found.deserves_another_try):
            break
        print("That may have been the machine. Once more:", flush=True)
    return found


def _servers() -> tuple[str, str]:
    from django.db import connection

    from django_messenger.store import redis_client

    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        postgres = cursor.fetchone()[0]
    client = redis_client()
    known = client.info("server") if client is not None else {}
    return postgres, known.get("valkey_version") or known.get("redis_version") or "none"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
