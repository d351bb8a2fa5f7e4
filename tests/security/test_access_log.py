"""What a real server writes down: addresses and outcomes, and no token."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.browser.servers import Messenger
from tests.factories import make_inbox
from tests.widget.client import Answer, Widget
from tools.processes import HOST

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_the_log_of_the_server_holds_no_token(tmp_path: Path, settings: Any) -> None:
    if "redis" not in settings.CACHES["default"]["BACKEND"].lower():
        pytest.skip("the server shares no cache with this test")
    inbox = make_inbox(widget_token="shop-token")
    log = tmp_path / "server.log"
    server = Messenger(log, settings="tests.settings.realtime")

    def over_the_wire(
        method: str, url: str, body: bytes, headers: Mapping[str, str], address: str
    ) -> Answer:
        wire = http.client.HTTPConnection(HOST, server.port, timeout=30)
        wire.request(method, url, body, dict(headers))
        response = wire.getresponse()
        # A stream goes on; its beginning is enough.
        content = response.read1(64) if "stream" in url else response.read()
        wire.close()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, found, content)

    try:
        chat = Widget(inbox, transport=over_the_wire, origin=None).start(name="Ann")
        first = chat.session
        chat.bootstrap()
        statuses = [
            answer.status
            for answer in (
                chat.send("Hello", client_id="a"),
                chat.poll(),
                chat.poll(1),
                chat.get("poll/?after=1"),
                chat.read(1),
                chat.post("typing/"),
                chat.post("stream/", {"after": 1}),
                chat.config(),
                chat.call("GET", "loader.js"),
                chat.send(""),
                chat.call("POST", "send/", body=b"{"),
                chat.call("POST", "send/", body=json.dumps(chat.tokens).encode(), content_type="x"),
            )
        ]
        assert statuses == [201, 200, 200, 200, 200, 204, 200, 200, 200, 400, 400, 415]
    finally:
        server.stop()
    text = log.read_text()
    assert "POST /api/widget/send/" in text
    assert "GET /api/widget/poll/?after=1" in text
    for secret in (first, chat.session, chat.visitor):
        assert secret not in text
        assert quote(secret) not in text
    # The public token stands in the address of config/, and there alone.
    naming = [line for line in text.splitlines() if "shop-token" in line]
    assert naming
    assert all("/api/widget/config/?widget_token=shop-token" in line for line in naming)
