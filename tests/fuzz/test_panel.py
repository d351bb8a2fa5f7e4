"""Anything in any form or address of the panel: a page or a word of refusal, never a fault."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from django_messenger.models import Conversation
from tests.factories import make_supervisor
from tests.fuzz.values import query_texts, shared_database, texts, undone
from tests.widget.client import FORM, committing

#: Fields by action, each with a value that is right.
FORMS: dict[str, dict[str, str]] = {
    "reply": {
        "body": "Hi",
        "kind": "operator",
        "client_id": "1",
        "last_seen_seq": "1",
        "force": "1",
    },
    "assign": {"assignee": "", "expected": ""},
    "resolve": {"last_seen_seq": "1"},
    "close": {"last_seen_seq": "1"},
    "reopen": {},
    "pend": {},
    "snooze": {"preset": "", "until": "2030-01-01T00:00"},
    "properties": {"priority": "high", "labels": "1"},
}
PLACES = [(action, name) for action, fields in FORMS.items() for name in ("action", *fields)]
PARAMETERS = ["view", "status", "q", "cursor", "resolved", "before", "order", "x"]


@pytest.fixture
def panel(conversation: Conversation) -> Client:
    """A supervisor's browser."""
    client = Client()
    client.force_login(make_supervisor(conversation.branch))
    return client


def check_page(response: Any) -> None:
    """Check what holds for every page."""
    assert response.status_code in (200, 302, 400, 403, 404, 409, 429), response.content
    assert b"Traceback" not in response.content


def submit(panel: Client, conversation: Conversation, fields: dict[str, str]) -> int:
    """Send a form in an example of its own, and look at what it left behind."""
    url = f"/messenger/{conversation.public_id}/"
    body = urlencode(fields, errors="surrogatepass")
    with undone(), committing():
        response = panel.generic("POST", url, body, FORM)
        check_page(response)
        check_page(panel.get(url))
    return response.status_code


def test_what_is_right_is_done(panel: Client, conversation: Conversation) -> None:
    for action, fields in FORMS.items():
        done = submit(panel, conversation, {"action": action, **fields})
        assert done == (302 if action != "properties" else done)


@shared_database
@given(st.sampled_from(PLACES), texts)
def test_any_field(
    panel: Client, conversation: Conversation, place: tuple[str, str], value: str
) -> None:
    action, name = place
    submit(panel, conversation, {"action": action, **FORMS[action], name: value})


@shared_database
@given(st.sampled_from(PARAMETERS), query_texts)
def test_any_query(panel: Client, conversation: Conversation, name: str, value: str) -> None:
    for page in ("/messenger/", f"/messenger/{conversation.public_id}/"):
        with undone():
            check_page(panel.get(f"{page}?{quote(name)}={quote(value)}"))


@shared_database
@given(st.sampled_from(["period", "from", "to", "inbox", "operator", "table"]), query_texts)
def test_any_report(panel: Client, name: str, value: str) -> None:
    query = {"from": "2024-05-13", "to": "2024-05-19", name: value}
    for page in ("", "csv/"):
        with undone():
            response = panel.get(f"/messenger/reports/{page}", query)
            check_page(response)
            assert response.status_code in (200, 400)


# --- Contacts and search --------------------------------------------------------------------------

CARD_FORMS: dict[str, dict[str, str]] = {
    "edit": {"name": "Ann", "email": "a@example.com", "phone": "+7"},
    "block": {},
    "unblock": {},
    "unmerge": {"other": "x"},
}
CARD_PLACES = [(a, n) for a, fields in CARD_FORMS.items() for n in ("action", *fields)]
SEARCHED = ["q", "inbox", "assignee", "status", "label", "since", "until", "cursor", "other"]


@shared_database
@given(st.sampled_from(CARD_PLACES), texts)
def test_any_field_of_a_contact(
    panel: Client, conversation: Conversation, place: tuple[str, str], value: str
) -> None:
    action, name = place
    url = f"/messenger/contacts/{conversation.contact.public_id}/"
    body = urlencode({"action": action, **CARD_FORMS[action], name: value}, errors="surrogatepass")
    other = urlencode({"other": value, "name": value}, errors="surrogatepass")
    with undone(), committing():
        check_page(panel.generic("POST", url, body, FORM))
        check_page(panel.generic("POST", f"{url}merge/", other, FORM))
        check_page(panel.get(url))


@shared_database
@given(st.sampled_from(SEARCHED), query_texts)
def test_any_search(panel: Client, conversation: Conversation, name: str, value: str) -> None:
    contact = f"/messenger/contacts/{conversation.contact.public_id}/"
    for page in ("/messenger/search/", "/messenger/contacts/", contact, f"{contact}merge/"):
        with undone():
            check_page(panel.get(f"{page}?q=a&{quote(name)}={quote(value)}"))
