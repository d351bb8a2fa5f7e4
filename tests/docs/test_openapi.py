"""The OpenAPI document is fresh, whole and true: real calls and answers fit it."""

from __future__ import annotations

import copy
import json
import os
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft202012Validator, FormatChecker

from django_messenger.models import CannedResponse, Label
from django_messenger.operators import urls as operator_urls
from django_messenger.services.identity import sign_identity
from django_messenger.test import override_messenger
from django_messenger.widget import urls as widget_urls
from tests import factories
from tests.docs.samples import ROOT
from tests.docs.test_facts import routes
from tools import reference

MISSING = "the extra openapi is not installed"
drf_spectacular = pytest.importorskip("drf_spectacular", reason=MISSING)
yaml = pytest.importorskip("yaml", reason=MISSING)

PAGE = reference.PAGES / reference.OPENAPI
DOCUMENT: dict[str, Any] = yaml.safe_load(PAGE.read_text())
METHODS = ("get", "post", "patch", "put", "delete")


def version(text: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", text)[:3]))


def locked() -> tuple[int, ...]:
    """The drf-spectacular that wrote the document."""
    packages = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    return next(version(p["version"]) for p in packages if p["name"] == "drf-spectacular")


@pytest.mark.skipif(
    version(drf_spectacular.__version__) < locked(),
    reason="an older drf-spectacular than in uv.lock writes the same in other words",
)
def test_the_document_is_fresh() -> None:
    assert reference.schema() == DOCUMENT, "run python -m tools.reference"


def test_every_call_is_described() -> None:
    said = {
        f"{method.upper()} {path}"
        for path, operations in DOCUMENT["paths"].items()
        for method in operations
        if method in METHODS
    }
    made = {
        f"{method} {base}{path}"
        for base, urls in (("/api/widget/", widget_urls), ("/api/messenger/", operator_urls))
        for method, path in map(str.split, routes(urls))
    }
    assert said == made - {"GET /api/widget/loader.js", "GET /api/widget/chat/{widget_token}/"}


def test_every_component_of_ours_bears_our_name() -> None:
    names = DOCUMENT["components"]["schemas"]
    assert [name for name in names if not re.match("(Patched)?Messenger", name)] == []


@pytest.mark.slow
def test_the_example_project_gives_no_warning(tmp_path: Any) -> None:
    command = [sys.executable, "manage.py", "spectacular", "--validate", "--fail-on-warn"]
    done = subprocess.run(
        [*command, "--file", str(tmp_path / "schema.yaml")],
        cwd=ROOT / "example_project",
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    made = yaml.safe_load((tmp_path / "schema.yaml").read_text())
    assert made["paths"].keys() >= DOCUMENT["paths"].keys()


# --- Real calls ----------------------------------------------------------------------------------


def strict(node: Any) -> Any:
    """The same schema, but no object may have members that it does not name."""
    if isinstance(node, list):
        return [strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    made = {name: strict(value) for name, value in node.items()}
    if "properties" in made and made.get("type") == "object":
        made["additionalProperties"] = False
    return made


STRICT = strict(copy.deepcopy(DOCUMENT["components"]))


def assert_fits(schema: dict[str, Any], value: Any) -> None:
    whole = {**schema, "components": STRICT}
    problems = list(Draft202012Validator(whole, format_checker=FormatChecker()).iter_errors(value))
    assert not problems, "\n".join(f"{list(p.path)}: {p.message}" for p in problems)


@dataclass
class Recorder:
    """Calls the APIs and compares what goes out and comes back with the document."""

    client: Client = field(default_factory=Client)
    seen: set[tuple[str, str, int]] = field(default_factory=set)

    def __call__(
        self, call: str, status: int, body: Any = None, *, valid: bool = True, **options: Any
    ) -> Any:
        """Make a call such as ``"POST /api/widget/send/"``; returns the JSON of the answer.

        ``valid=False`` sends what the document does not allow; ``options`` as for the client.
        """
        method, _, url = call.partition(" ")
        template, operation = self._operation(method, url.partition("?")[0])
        if body is not None and valid:
            content = operation["requestBody"]["content"]["application/json"]
            assert_fits(content["schema"], body)
        send = getattr(self.client, method.lower())
        if body is not None:
            options = {"data": json.dumps(body), "content_type": "application/json", **options}
        response = send(url, **options)
        assert response.status_code == status, response.content
        self.seen.add((template, method.lower(), status))
        described = operation["responses"][str(status)]
        if not described.get("content"):
            assert response.content == b""
            return None
        data = response.json()
        assert_fits(described["content"]["application/json"]["schema"], data)
        return data

    @staticmethod
    def _operation(method: str, path: str) -> tuple[str, dict[str, Any]]:
        # Fixed paths first: "changes/" is no id.
        for template in sorted(DOCUMENT["paths"], key=lambda text: "{" in text):
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
                return template, DOCUMENT["paths"][template][method.lower()]
        raise AssertionError(f"{path} is not described")

    def covered(self) -> set[tuple[str, str]]:
        """The operations that have been seen to succeed."""
        return {(path, method) for path, method, status in self.seen if status < 300}


def described(base: str) -> set[tuple[str, str]]:
    return {
        (path, method)
        for path, operations in DOCUMENT["paths"].items()
        for method in operations
        if path.startswith(base) and method in METHODS
    }


@pytest.mark.django_db
def test_visitors() -> None:
    inbox = factories.make_inbox(
        name="Website",
        locale="en",
        appearance={"title": {"en": "Ask"}, "color": "#00aa00", "texts": {"send": {"de": "Los"}}},
        ask_email="required",
        ask_consent=True,
        identity_mode="optional",
        identity_secret="s" * 40,
    )
    call, widget = Recorder(), {"widget_token": inbox.widget_token}
    call(f"GET /api/widget/config/?widget_token={inbox.widget_token}", 200)
    call("GET /api/widget/config/?widget_token=nothing-of-the-kind", 404)

    about = {"name": "Olga", "email": "olga@example.com", "attributes": {"plan": 3}}
    first = call("POST /api/widget/bootstrap/", 201, {**widget, **about})
    again = {**widget, "visitor_token": first["visitor_token"]}
    welcome = call("POST /api/widget/bootstrap/", 200, again)
    both = {**widget, "widget_session_token": welcome["widget_session_token"]}
    hello = {**both, "body": "Hello", "client_id": "1"}
    sent = call("POST /api/widget/send/", 201, hello)
    call("POST /api/widget/send/", 200, hello)
    call("POST /api/widget/send/", 409, {**hello, "body": "Good-bye"})

    operator = factories.make_operator(inbox.branch, name="Anna")
    conversation = inbox.conversations.get()
    factories.answer(conversation, operator)
    call("POST /api/widget/bootstrap/", 200, again)
    call("POST /api/widget/poll/", 200, {**both, "after": sent["cursor"]})
    headers = {"X-Widget-Token": both["widget_token"]}
    headers["X-Widget-Session-Token"] = both["widget_session_token"]
    call("GET /api/widget/poll/?after=0", 200, headers=headers)
    call("POST /api/widget/read/", 200, {**both, "read_seq": 2})
    call("POST /api/widget/typing/", 204, {**both, "state": "off"})
    call("POST /api/widget/stream/", 200, both)
    call("POST /api/widget/history/", 200, {**both, "before": 9})
    call("POST /api/widget/identify/", 200, {**both, "phone": "+1", "consent": "on"})
    call("POST /api/widget/rate/", 409, {**both, "score": 5})

    call("POST /api/widget/poll/", 400, widget, valid=False)
    call("POST /api/widget/send/", 400, {**both, "body": "x" * 3000})
    call("POST /api/widget/send/", 401, {**hello, "widget_session_token": "x" * 40})
    call("POST /api/widget/send/", 403, hello, headers={"Origin": "https://example.org"})
    call("POST /api/widget/send/", 413, {**hello, "body": "x" * 70_000})
    call("POST /api/widget/send/", 415, hello, content_type="text/plain")
    with override_messenger(THROTTLE_RATES={"poll": "1/d/ip"}):
        call("POST /api/widget/poll/", 200, both)
        call("POST /api/widget/poll/", 429, both)
    inbox.conversations.update(status="resolved")
    call("POST /api/widget/rate/", 200, {**both, "score": 5, "comment": "Thanks"})
    proof = {"identity": sign_identity(inbox, external_id="7")}
    both["widget_session_token"] = call("POST /api/widget/identify/", 201, {**both, **proof})[
        "widget_session_token"
    ]
    call("POST /api/widget/end-session/", 204, both)
    assert call.covered() == described("/api/widget/")


@pytest.mark.django_db
def test_operators() -> None:
    branch = factories.make_branch()
    talk = factories.make_conversation(factories.make_inbox(branch))
    vera, anna = factories.make_supervisor(branch), factories.make_operator(branch)
    for where in (branch, None):
        Label.objects.create(branch=where, name="oak")
        CannedResponse.objects.create(branch=where, shortcut="hi", texts={"en": "Hello!"})
    call = Recorder()
    call("GET /api/messenger/me/", 403)
    call.client.force_login(vera)
    call("GET /api/messenger/me/", 200)
    call("PATCH /api/messenger/me/", 200, {"availability": "busy"})
    call("POST /api/messenger/me/presence/", 200, {"tab": "a"})
    call("GET /api/messenger/operators/", 200)
    call("GET /api/messenger/stream/", 200)
    for name in ("contacts", "labels", "canned-responses"):
        call(f"GET /api/messenger/{name}/", 200)
    call(f"GET /api/messenger/contacts/{talk.contact.public_id}/", 200)
    call("GET /api/messenger/contacts/?cursor=forged", 400)
    call("GET /api/messenger/search/?q=hello", 200)
    call("GET /api/messenger/search/", 400)
    _conversations(call, talk, vera, anna)
    _inboxes(call, branch)
    call.client.force_login(anna)
    call("GET /api/messenger/inboxes/", 200)  # without the settings
    call("POST /api/messenger/inboxes/", 403, {"branch": str(branch.pk), "name": "Mine"})
    assert call.covered() == described("/api/messenger/")


def _conversations(call: Recorder, talk: Any, vera: Any, anna: Any) -> None:
    call("GET /api/messenger/conversations/?view=unassigned&q=hello", 200)
    call("GET /api/messenger/conversations/changes/", 200)
    one = f"/api/messenger/conversations/{talk.public_id}/"
    label = str(Label.objects.get(branch=None).pk)
    before = call(f"GET {one}", 200)["revision"]
    call(f"PATCH {one}", 200, {"priority": "high", "labels": [label], "revision": before})
    call(f"PATCH {one}", 409, {"status": "resolved", "revision": before})
    call(f"PATCH {one}", 400, {"status": "asleep"}, valid=False)

    reply = {"body": "Good day", "client_id": "1"}
    seen = call(f"POST {one}messages/", 201, reply)["message"]["seq"]
    call(f"POST {one}messages/", 200, reply)
    factories.answer(talk, anna)
    call(f"POST {one}messages/", 409, {"body": "And?", "last_seen_seq": seen})
    call(f"POST {one}messages/", 201, {"body": "He is nice", "kind": "note", "force": True})
    call(f"GET {one}messages/", 200)
    call(f"GET {one}messages/?after=1", 200)
    call(f"GET {one}messages/?before={seen}", 200)

    sent = call(f"POST {one}messages/", 201, {"body": "Ask @Olga", "kind": "note"})["message"]
    message = f"{one}messages/{sent['id']}/"
    call(f"PATCH {message}", 200, {"body": "Ask @Anna"})
    call(f"POST {message}remove/", 200, {"reason": "Wrong"})
    call(f"PATCH {message}", 409, {"body": "Ask @Anna"})
    call(f"POST {one}draft/", 200, {"body": "Dear", "mode": "note"})
    call(f"GET {one}draft/", 200)
    call(f"POST {one}assign/", 200, {"assignee": str(anna.pk), "expected": str(vera.pk)})
    call(f"POST {one}assign/", 409, {"assignee": str(vera.pk)})
    call(f"POST {one}unread/", 200)
    call(f"PATCH {one}", 200, {"snooze": "hour", "add_labels": [label]})
    many = {"ids": [str(talk.public_id)], "priority": "low", "status": "open"}
    call("POST /api/messenger/conversations/bulk/", 200, many)
    other = factories.make_inbox(talk.branch)
    call("GET /api/messenger/hand-over-inboxes/", 200)
    wish = {"inbox": str(other.public_id), "reason": "Theirs"}
    call(f"POST {one}hand-over/", 201, wish)
    call(f"POST {one}hand-over/", 409, wish)
    call(f"GET {one}assignments/", 200)
    _contacts(call, talk)
    _views(call, talk)
    call(f"POST {one}read/", 200, {"read_seq": seen})
    call(f"POST {one}typing/", 200, {"typing": True})
    call("GET /api/messenger/conversations/3d5a4b5e-0000-4000-8000-000000000000/", 404)


def _contacts(call: Recorder, talk: Any) -> None:
    one = f"/api/messenger/contacts/{talk.contact.public_id}/"
    call(f"PATCH {one}", 200, {"name": "Olga"})
    call(f"PATCH {one}", 400, {"email": "nobody"})
    call(f"POST {one}block/", 200)
    call(f"POST {one}unblock/", 200)
    other = {"other": str(factories.make_conversation(talk.inbox).contact.public_id)}
    call(f"GET {one}merge/?other={other['other']}", 200)
    call(f"POST {one}merge/", 201, other)
    call(f"POST {one}unmerge/", 200, other)


def _views(call: Recorder, talk: Any) -> None:
    wish = {"name": "Free", "query": {"view": "unassigned"}, "branch": str(talk.branch_id)}
    made = call("POST /api/messenger/saved-views/", 201, wish)
    call("GET /api/messenger/saved-views/", 200)
    call(f"PATCH /api/messenger/saved-views/{made['id']}/", 200, {"name": "Waiting"})
    call(f"DELETE /api/messenger/saved-views/{made['id']}/", 204)


def _inboxes(call: Recorder, branch: Any) -> None:
    wish = {"branch": str(branch.pk), "name": "Shop", "identity_mode": "off"}
    made = call("POST /api/messenger/inboxes/", 201, wish)
    one = f"/api/messenger/inboxes/{made['id']}/"
    call("GET /api/messenger/inboxes/", 200)
    call(f"GET {one}", 200)
    call(f"PATCH {one}", 200, {"appearance": {"color": "#123456"}, "reopen_hours": 5})
    call(f"PATCH {one}", 400, {"time_zone": "Mars/Olympus"})
    call(f"POST {one}rotate-token/", 200)
