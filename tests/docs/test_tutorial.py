"""The tutorial, command by command, in a brand-new project with the built wheel."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest

from tests.contract.test_package import archives, run, uv, wheel  # noqa: F401 (fixtures)
from tests.databases import blank_database
from tests.docs.samples import DOCS, Block, blocks

pytestmark = pytest.mark.package

#: What a project "on PostgreSQL" has in its settings before the tutorial begins.
DATABASE = """
import os
from urllib.parse import urlsplit

_url = urlsplit(os.environ["DATABASE_URL"])
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": _url.hostname,
        "NAME": _url.path[1:],
        "PASSWORD": _url.password or "",
        "PORT": _url.port,
        "USER": _url.username,
    }
}
"""


@dataclass
class Reader:
    """Somebody who does what the tutorial says, in the folder of their project."""

    folder: Path
    uv: str
    wheel: Path
    env: dict[str, str]
    printed: str = ""

    @property
    def python(self) -> Path:
        return self.folder / "venv" / "bin" / "python"

    def follow(self, block: Block) -> None:
        place = re.match(r"(?:#|<!--) (\S+/\S+)", block.text)
        if place:
            self._write(self.folder / place[1], block.text)
        elif block.language == "python":
            self._shell(block.text)
        elif block.language == "sh":
            for line in block.text.splitlines():
                self._command(line)

    def _write(self, path: Path, text: str) -> None:
        path.parent.mkdir(exist_ok=True)
        is_addition = path.name == "settings.py"
        path.write_text((path.read_text() if is_addition else "") + text)

    def _shell(self, text: str) -> None:
        command = [str(self.python), "manage.py", "shell"]
        env = {**os.environ, **self.env}
        subprocess.run(command, cwd=self.folder, env=env, input=text, text=True, check=True)

    def _command(self, line: str) -> None:
        words = shlex.split(line.replace("../django-messenger", self.wheel.as_posix()))
        if words[:4] == ["python", "-m", "pip", "install"]:
            install = [self.uv, "pip", "install", "--quiet", "--python", self.python]
            run(*install, *words[4:], cwd=self.folder)
        elif words[-1] != "runserver":
            assert words[0] == "python", line
            self.printed += run(self.python, *words[1:], cwd=self.folder, env=self.env)

    @contextlib.contextmanager
    def runserver(self) -> Iterator[str]:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{free.getsockname()[1]}"
        command = [str(self.python), "manage.py", "runserver", "--noreload", address]
        server = subprocess.Popen(command, cwd=self.folder, env={**os.environ, **self.env})
        try:
            yield f"http://{address}"
        finally:
            server.terminate()
            server.wait(10)


class Browser:
    """A cookie jar and forms."""

    def __init__(self, site: str) -> None:
        self.site = site
        self._open = build_opener(HTTPCookieProcessor(CookieJar())).open

    def get(self, path: str) -> str:
        with self._open(self.site + path, timeout=10) as answer:
            return answer.read().decode()

    def post(self, path: str, **fields: Any) -> str:
        request = Request(self.site + path, urlencode(fields).encode(), {"Referer": self.site})
        with self._open(request, timeout=10) as answer:
            return answer.read().decode()

    def wait(self) -> None:
        for _ in range(100):
            with contextlib.suppress(URLError):
                self.get("/")
                return
            time.sleep(0.1)
        raise AssertionError("the server does not answer")


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    assert found, f"no field {name}"
    return found[1]


@pytest.fixture
def reader(uv: str, wheel: Path, tmp_path: Path) -> Iterator[Reader]:  # noqa: F811
    with blank_database("tutorial") as url:
        env = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "mysite.settings"}
        someone = Reader(tmp_path, uv, wheel, env)
        run(uv, "venv", "--quiet", "--python", sys.executable, tmp_path / "venv", cwd=tmp_path)
        run(uv, "pip", "install", "--quiet", "--python", someone.python, "django", cwd=tmp_path)
        run(someone.python, "-m", "django", "startproject", "mysite", ".", cwd=tmp_path)
        settings = tmp_path / "mysite" / "settings.py"
        settings.write_text(settings.read_text() + DATABASE)
        yield someone


def test_the_tutorial_leads_to_an_answer(reader: Reader) -> None:
    for block in blocks(DOCS / "tutorial" / "first-chat.md"):
        reader.follow(block)
    warned = set(re.findall(r"django_messenger\.[EW]\d+", reader.printed))
    assert warned == {"django_messenger.E009"}
    assert "Anna is operator of North." in reader.printed

    with reader.runserver() as site:
        visitor, operator = Browser(site), Browser(site)
        visitor.wait()
        tag = re.search(r'src="(\S+loader\.js)" data-widget-token="(\S+)"', visitor.get("/"))
        assert tag
        assert "django-messenger" in visitor.get(tag[1])

        def call(name: str, **fields: Any) -> Any:
            return json.loads(visitor.post(f"/api/widget/{name}/", widget_token=tag[2], **fields))

        session = call("bootstrap")["widget_session_token"]
        call("send", widget_session_token=session, body="Do you sell oak tables?")

        login = operator.get("/messenger/")
        operator.post(
            "/admin/login/?next=/messenger/",
            username="anna",
            password="first-chat",
            csrfmiddlewaretoken=field(login, "csrfmiddlewaretoken"),
        )
        listed = operator.get("/messenger/")
        assert "Do you sell oak tables?" in listed
        address = re.search(r"/messenger/[0-9a-f-]{36}/", listed)
        assert address
        page = operator.get(address[0])
        operator.post(
            address[0],
            action="reply",
            body="Yes, three kinds.",
            client_id=field(page, "client_id"),
            csrfmiddlewaretoken=field(page, "csrfmiddlewaretoken"),
        )
        answers = call("poll", widget_session_token=session)["messages"]
        assert [(m["kind"], m["body"]) for m in answers] == [
            ("visitor", "Do you sell oak tables?"),
            ("operator", "Yes, three kinds."),
        ]
        assert answers[1]["author"]["name"] == "Anna"
