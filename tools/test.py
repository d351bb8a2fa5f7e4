"""``./run test``: every environment of tox.ini, and an account of what ran and what did not."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from tools import chromium, services
from tools.processes import dying_with_us, end, stopping_on_signals

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "test-results"
TOX = [sys.executable, "-m", "tox"]
SERVERLESS = {"docs", "frontend", "lint", "types"}
#: Beside other parts a browser gets too slow for its time limits, and a benchmark measures them.
ALONE = {"bench", "browser"}


@dataclass
class Part:
    """One environment of tox and what came of it."""

    name: str
    missing: str = ""
    result: str = "not run"
    counts: dict[str, int] = field(default_factory=dict)


def main(arguments: list[str]) -> int:
    """Run everything, or pytest with the arguments; returns the exit code."""
    os.chdir(ROOT)
    if arguments:
        os.execv(sys.executable, [sys.executable, "-m", "pytest", *arguments])
    shutil.rmtree(RESULTS, ignore_errors=True)
    RESULTS.mkdir()
    started = time.monotonic()
    with stopping_on_signals():
        parts = find_parts(servers_missing())
        ready = [part for part in parts if not part.missing]
        # On one server, an open transaction of one part holds up what another part waits to see.
        abreast = 1 if os.environ.get("DATABASE_URL") else 2
        run_tox([part for part in ready if part.name not in ALONE], abreast)
        run_tox([part for part in ready if part.name in ALONE], 1)
        print(f"\n{(time.monotonic() - started) / 60:.1f} minutes.", end=" ")
        return summarise(parts)
    print("Stopped.")
    return 1


def servers_missing() -> str:
    """Why the tests would have no servers; empty when they come up. Each part starts its own."""
    try:
        with services.start() as running:
            print(running.describe(), flush=True)
    except services.ServiceError as error:
        return str(error)
    return ""


def find_parts(servers_missing: str) -> list[Part]:
    """The environments of tox.ini, each with what this machine lacks for it."""
    command = [*TOX, "config", "--core", "-k", "env_list", "base_python", "--format", "json"]
    found = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    config: dict[str, Any] = json.loads(found.stdout)
    parts = []
    for name in config["tox"]["env_list"]:
        python = config["env"][name]["base_python"][0]
        parts.append(Part(name, missing=what_is_missing(name, python, servers_missing)))
    return parts


def what_is_missing(name: str, python: str, servers_missing: str) -> str:
    """What stops a part from running here; empty if nothing does."""
    if servers_missing and name not in SERVERLESS:
        return servers_missing
    if not runs(python):
        return f"{python} is not installed"
    if name == "frontend" and not shutil.which("npm"):
        return "Node.js with npm is not installed"
    if name == "browser" and not chromium.find():
        return chromium.MISSING
    return ""


def runs(python: str) -> bool:
    """Whether it is there and more than a shim that finds nothing behind it."""
    found = shutil.which(python)
    if not found:
        return False
    return subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode == 0


def run_tox(parts: list[Part], abreast: int) -> None:
    """Run parts, so many at a time, and note what came of each."""
    if not parts:
        return
    report = RESULTS / "tox.json"
    report.unlink(missing_ok=True)
    command = [*TOX, "run-parallel", "--parallel", str(abreast), "--parallel-no-spinner"]
    command += ["--result-json", str(report), "-e", ",".join(part.name for part in parts)]
    tox = subprocess.Popen(
        [*dying_with_us("INT"), *command],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    with contextlib.ExitStack() as until_done:
        until_done.callback(end, tox, signal.SIGINT)
        tox.wait()
    outcome = json.loads(report.read_text())["testenvs"] if report.exists() else {}
    for part in parts:
        passed = outcome.get(part.name, {}).get("result", {}).get("success", False)
        part.result = "passed" if passed else "FAILED"
        part.counts = count(RESULTS / f"{part.name}.xml")


def count(report: Path) -> dict[str, int]:
    """The tests in a JUnit report: passed, failed (errors included), skipped."""
    if not report.exists():
        return {}
    suites = list(ElementTree.parse(report).iter("testsuite"))
    total, failures, errors, skipped = (
        sum(int(suite.get(key, 0)) for suite in suites)
        for key in ("tests", "failures", "errors", "skipped")
    )
    failed = failures + errors
    return {"passed": total - failed - skipped, "failed": failed, "skipped": skipped}


def summarise(parts: list[Part]) -> int:
    """Print the account; returns 0 only when all that was asked for ran and passed."""
    print("Asked for:")
    for part in parts:
        tests = ", ".join(f"{number} {name}" for name, number in part.counts.items())
        print(f"  {part.name:<16} {part.result:<8} {tests or part.missing}")
    not_run = [part.name for part in parts if part.result == "not run"]
    failed = [part.name for part in parts if part.result == "FAILED"]
    print(f"{len(parts)} parts asked for, {len(parts) - len(not_run)} ran.", end=" ")
    print(f"Not run: {', '.join(not_run) or 'none'}. Failed: {', '.join(failed) or 'none'}.")
    totals = {
        name: sum(part.counts.get(name, 0) for part in parts)
        for name in ("passed", "failed", "skipped")
    }
    print(", ".join(f"{number} {name}" for name, number in totals.items()), flush=True)
    return 0 if not (not_run or failed) and totals["passed"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
