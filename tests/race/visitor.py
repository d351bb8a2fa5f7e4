"""A visitor as a program: speaks the widget API over Django's test client or real HTTP."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client


class Visitor:
    """One browser at an inbox. Every thread uses an object of its own, with the same tokens."""

    def __init__(self, widget_token: str, **tokens: str) -> None:
        self.client = Client()
        self.widget_token = widget_token
        self.tokens = tokens

    def call(self, path: str, **fields: Any) -> Any:
        """Post JSON and return the response."""
        body = json.dumps({"widget_token": self.widget_token, **fields})
        url = f"/api/widget/{path}/"
        return self.client.post(url, body, content_type="application/json")

    def boot(self, **fields: Any) -> Any:
        """Bootstrap and keep the tokens; returns the answer."""
        data = self.call("bootstrap", **fields).json()
        self.tokens = {"widget_session_token": data["widget_session_token"]}
        return data

    def send(self, body: str, client_id: str = "") -> Any:
        """Send and return the response."""
        return self.call("send", **self.tokens, body=body, client_id=client_id)

    def poll(self, after: int) -> Any:
        """Poll and return the answer."""
        return self.call("poll", **self.tokens, after=after).json()

    def twin(self) -> Visitor:
        """Return the same visitor for another thread."""
        return Visitor(self.widget_token, **self.tokens)
