"""The list and the detail of conversations."""

from __future__ import annotations

import pytest

from tests.factories import make_conversation, make_inbox, make_operator
from tests.operators.client import Api

pytestmark = pytest.mark.django_db


def test_an_operator_lists_opens_and_answers_a_conversation() -> None:
    inbox = make_inbox(name="Website")
    anna = make_operator(inbox.branch, name="Anna")
    conversation = make_conversation(inbox, body="Is anybody there?")
    api = Api(anna)

    (row,) = api.get("conversations/").json()["results"]
    assert row["id"] == str(conversation.public_id)
    assert row["preview"] == "Is anybody there?"

    place = f"conversations/{row['id']}/"
    assert api.get(place).json()["contact"]["attributes"] == {}
    sent = api.post(f"{place}messages/", {"body": "Yes!", "client_id": "a1"})
    assert sent.status_code == 201, sent.content
    assert sent.json()["message"]["author"] == {"name": "Anna", "avatar_url": None}
    assert sent.json()["conversation"]["waiting_since"] is None
    again = api.post(f"{place}messages/", {"body": "Yes!", "client_id": "a1"})
    assert again.status_code == 200
    assert again.json()["message"] == sent.json()["message"]
    listed = api.get(f"{place}messages/").json()["results"]
    assert [message["body"] for message in listed] == ["Is anybody there?", "Yes!"]
    assigned = api.post(f"{place}assign/", {"assignee": str(anna.pk)})
    assert assigned.json()["assignee"] == {"id": str(anna.pk), "name": "Anna"}
