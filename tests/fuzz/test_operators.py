"""Anything in any field of the operators' API: an answer of the contract, never a server error."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from django_messenger.models import Conversation
from tests.factories import make_conversation, make_inbox
from tests.fuzz.values import (
    NASTY,
    NASTY_VALUES,
    check_answer,
    query_texts,
    shared_database,
    texts,
    undone,
    values,
)
from tests.operators.client import BASE, Api
from tests.widget.client import FORM, JSON, committing

#: Members of bodies by call, each with a value that is right.
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "conversations/{id}/messages/"): {
        "body": "Hi",
        "kind": "operator",
        "client_id": "1",
        "last_seen_seq": 1,
        "force": False,
    },
    ("PATCH", "conversations/{id}/"): {
        "status": "snoozed",
        "snoozed_until": "2030-01-01T00:00:00Z",
        "priority": "high",
        "labels": [],
        "revision": ...,
    },
    ("PATCH", "conversations/{id}/messages/{message}/"): {"body": "Hi"},
    ("POST", "conversations/{id}/messages/{message}/remove/"): {"reason": ""},
    ("POST", "conversations/{id}/draft/"): {"mode": "reply", "body": "Hi"},
    ("POST", "conversations/{id}/assign/"): {"assignee": None, "expected": None},
    ("POST", "conversations/{id}/unread/"): {},
    ("POST", "conversations/{id}/hand-over/"): {"inbox": ..., "reason": "x", "message": ""},
    ("POST", "conversations/bulk/"): {
        "ids": [],
        "status": "open",
        "snoozed_until": "2030-01-01T00:00:00Z",
        "priority": "high",
        "add_labels": [],
        "remove_labels": [],
        "assignee": None,
        "read": True,
    },
    ("PATCH", "contacts/{contact}/"): {"name": "Olga", "email": "o@example.com", "phone": "1"},
    ("POST", "contacts/{contact}/merge/"): {"other": ...},
    ("POST", "saved-views/"): {"name": "x", "branch": None, "query": {"view": "mine"}},
    ("POST", "conversations/{id}/read/"): {"read_seq": 1},
    ("POST", "conversations/{id}/typing/"): {"typing": True, "viewing": True},
    ("PATCH", "me/"): {"availability": "auto"},
    ("POST", "me/presence/"): {"tab": "a", "online": True},
    ("POST", "inboxes/"): {
        "branch": ...,
        "name": "Shop",
        "is_active": True,
        "allowed_origins": ["https://shop.example"],
        "locale": "en",
        "time_zone": "UTC",
        "appearance": {"color": "#1d4ed8"},
        "ask_name": "no",
        "ask_email": "optional",
        "ask_phone": "required",
        "ask_consent": True,
        "consent_url": "https://shop.example/privacy",
        "show_typing": True,
        "ask_rating": True,
        "offer_emoji": True,
        "play_sound": True,
        "identity_mode": "off",
        "identity_secret": "",
        "identity_secret_previous": "",
        "reopen_hours": 72,
    },
    ("PATCH", "inboxes/{inbox}/"): {
        "name": "Shop",
        "is_active": True,
        "allowed_origins": ["https://shop.example"],
        "locale": "en",
        "time_zone": "UTC",
        "appearance": {"texts": {"send": {"en": "Send it"}}},
        "ask_name": "no",
        "ask_email": "optional",
        "ask_phone": "required",
        "ask_consent": False,
        "consent_url": "",
        "show_typing": False,
        "ask_rating": False,
        "offer_emoji": False,
        "play_sound": False,
        "identity_mode": "optional",
        "identity_secret": "t" * 40,
        "identity_secret_previous": "s" * 40,
        "reopen_hours": 72,
    },
}
QUERIES: dict[str, dict[str, str]] = {
    "conversations/": dict.fromkeys(
        ("cursor", "q", "view", "status", "inbox", "label", "assignee", "contact", "ordering"),
        "",
    ),
    "conversations/changes/": {"cursor": ""},
    "conversations/{id}/messages/": {"after": "", "before": ""},
    "contacts/": {"cursor": "", "q": ""},
    "operators/": {"cursor": ""},
    "saved-views/": {"cursor": ""},
    "hand-over-inboxes/": {"cursor": ""},
    "search/": {
        "q": "hello",
        **dict.fromkeys(("status", "inbox", "label", "assignee", "since", "until"), ""),
    },
    "inboxes/": {"cursor": ""},
    "labels/": {"cursor": ""},
    "canned-responses/": {"cursor": ""},
}
PLACES = [(call, name) for call, fields in BODIES.items() for name in fields]
QUERY_PLACES = [(call, name) for call, names in QUERIES.items() for name in names]
EXPECTED = (200, 201, 400, 409)


def path_of(conversation: Conversation, call: str) -> str:
    """The path of a call."""
    return call.format(
        id=conversation.public_id,
        inbox=conversation.inbox.public_id,
        message=conversation.messages.latest("seq").public_id,
        contact=conversation.contact.public_id,
    )


def right(conversation: Conversation, call: tuple[str, str]) -> dict[str, Any]:
    """The members of a call's body as they should be."""
    known: dict[str, Any] = {
        "revision": lambda: conversation.revision,
        "branch": lambda: str(conversation.branch_id),
        "inbox": lambda: str(make_inbox(conversation.branch).public_id),
        "other": lambda: str(make_conversation(conversation.inbox).contact.public_id),
    }
    wanted = {n: known[n]() if value is ... else value for n, value in BODIES[call].items()}
    if "ids" in wanted:
        wanted["ids"] = [str(conversation.public_id)]
    return wanted


def give(
    api: Api, conversation: Conversation, call: tuple[str, str], body: bytes, kind: str = JSON
) -> int:
    """Send a body in an example of its own; returns the status."""
    method, path = call
    with undone(), committing():
        response = api.http.generic(method, BASE + path_of(conversation, path), body, kind)
    check_answer(response.status_code, response.content)
    status: int = response.status_code
    return status


def test_what_is_right_is_taken(api: Api, conversation: Conversation) -> None:
    for call in BODIES:
        body = json.dumps(right(conversation, call)).encode()
        assert give(api, conversation, call, body) in (200, 201), call
    for path, query in QUERIES.items():
        assert api.get(path_of(conversation, path), **query).status_code == 200


def try_place(api: Api, conversation: Conversation, place: Any, value: Any) -> None:
    """Put a value into a member of a body, all else as it should be."""
    call, name = place
    body = json.dumps({**right(conversation, call), name: value}).encode()
    assert give(api, conversation, call, body) in (*EXPECTED, 413)


@shared_database
@given(st.sampled_from(PLACES), values)
def test_any_field(api: Api, conversation: Conversation, place: Any, value: Any) -> None:
    try_place(api, conversation, place, value)


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place[0][1]}{place[1]}")
def test_each_field(api: Api, conversation: Conversation, place: Any) -> None:
    @settings(shared_database, max_examples=settings().max_examples // 3)
    @given(values)
    def check(value: Any) -> None:
        try_place(api, conversation, place, value)

    check()
    for value in NASTY_VALUES:
        try_place(api, conversation, place, value)


def try_query(api: Api, conversation: Conversation, place: tuple[str, str], value: str) -> None:
    """Put a value into a parameter."""
    call, name = place
    with undone():
        response = api.get(path_of(conversation, call), **{name: value})
    data = check_answer(response.status_code, response.content)
    assert response.status_code in (200, 400)
    if response.status_code == 200 and call == "conversations/changes/":
        assert data["full"]  # nobody guesses a cursor


@shared_database
@given(st.sampled_from(QUERY_PLACES), query_texts)
def test_any_parameter(
    api: Api, conversation: Conversation, place: tuple[str, str], value: str
) -> None:
    try_query(api, conversation, place, value)


@pytest.mark.slow
@pytest.mark.parametrize("place", QUERY_PLACES, ids="".join)
def test_each_parameter(api: Api, conversation: Conversation, place: tuple[str, str]) -> None:
    @settings(shared_database, max_examples=settings().max_examples // 3)
    @given(query_texts)
    def check(value: str) -> None:
        try_query(api, conversation, place, value)

    check()
    for value in NASTY:
        try_query(api, conversation, place, value.encode("utf-8", "replace").decode())


@shared_database
@given(
    st.sampled_from(
        ["conversations/{}/", "conversations/{}/messages/", "inboxes/{}/", "contacts/{}/"]
    ),
    query_texts.filter(lambda text: text not in ("", ".", "..", "changes", "bulk")),
)
def test_any_id(api: Api, path: str, text: str) -> None:
    response = api.http.get(BASE + path.format(quote(text, safe="")))
    unknown = api.get(path.format(uuid4()))
    assert response.status_code == 404
    if "/" not in text and "\n" not in text:  # else it is no URL of ours
        assert response.content == unknown.content


@shared_database
@given(
    st.sampled_from(list(BODIES)),
    st.binary(max_size=200)
    | values.map(lambda value: json.dumps(value).encode())
    | texts.map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.sampled_from(
        [JSON, FORM, "", "text/plain", "multipart/form-data; boundary=x", "a/b; c=\xe9"]
    ),
)
def test_any_body(
    api: Api, conversation: Conversation, call: tuple[str, str], body: bytes, kind: str
) -> None:
    status = give(api, conversation, call, body, kind)
    assert status in (*EXPECTED, 413, 415)
