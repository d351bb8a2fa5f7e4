"""``end-session/``: the visitor leaves, in every tab at once."""

from __future__ import annotations

from typing import Any

import pytest

from django_messenger.models import Conversation, Inbox, Visitor
from tests.factories import make_inbox
from tests.widget.client import PAGE, Transport, Widget, through_asgi, through_django


@pytest.fixture(params=[through_django, through_asgi])
def transport(request: Any) -> Any:
    return request.param


def test_every_tab_is_out(inbox: Inbox, transport: Transport) -> None:
    chat = Widget(inbox, transport).start()
    chat.send("Hello")
    tabs = [Widget(inbox, transport, visitor=chat.visitor).start() for _ in range(2)]
    tabs.append(Widget(inbox, transport, session=chat.session))
    cursors = [tab.poll().expect(200)["cursor"] for tab in tabs]
    for tab, cursor in zip(tabs, cursors, strict=True):
        tab.poll(cursor).expect(200)  # from here on the cache alone would answer

    left = chat.post("end-session/")

    assert (left.status, left.content) == (204, b"")
    for tab, cursor in zip(tabs, cursors, strict=True):
        assert tab.poll(cursor).expect(401)["code"] == "invalid_session"
        assert tab.send("x").expect(401)["code"] == "invalid_session"
    assert chat.post("end-session/").expect(401)["code"] == "invalid_session"


def test_the_browser_may_come_back(chat: Widget) -> None:
    chat.send("Hello")
    chat.post("end-session/")
    assert [m["body"] for m in chat.bootstrap().expect(200)["messages"]] == ["Hello"]


@pytest.mark.parametrize("form", [False, True])
def test_with_its_token_it_may_not(chat: Widget, form: bool) -> None:
    chat.form = form
    chat.send("Secret")
    assert chat.post("end-session/", {"visitor_token": chat.visitor}).status == 204
    told = chat.bootstrap().expect(201)
    assert (told["messages"], "visitor_token" in told) == ([], True)
    assert Conversation.objects.count() == 2


@pytest.mark.parametrize("token", ["", "x" * 43, "x", "\x7f"])
def test_another_token_is_left_alone(chat: Widget, token: str) -> None:
    other = Widget(chat.inbox).start()
    for given in (token, other.visitor):
        tab = Widget(chat.inbox, visitor=chat.visitor).start()
        assert tab.post("end-session/", {"visitor_token": given}).status == 204
    assert not Visitor.objects.exclude(revoked_at=None).exists()
    other.poll().expect(200)
    chat.bootstrap().expect(200)


def test_others_stay(chat: Widget) -> None:
    other = Widget(chat.inbox).start()
    chat.post("end-session/", {"visitor_token": chat.visitor})
    other.poll().expect(200)


def test_strict_types(chat: Widget) -> None:
    answer = chat.post("end-session/", {"visitor_token": 5})
    assert list(answer.expect(400)["errors"]) == ["visitor_token"]
    chat.poll().expect(200)


def test_the_session_of_another_inbox(chat: Widget) -> None:
    stranger = Widget(make_inbox(allowed_origins=[PAGE]), session=chat.session)
    assert stranger.post("end-session/").expect(401)["code"] == "invalid_session"
    chat.poll().expect(200)


def test_a_session_that_a_slow_tab_writes_back_stays_dead(chat: Widget) -> None:
    """Renewals write the session into the cache; the database decides."""
    from django_messenger import store
    from django_messenger.services.sessions import session_key

    kept = store.get(session_key(chat.session))
    chat.post("end-session/")
    store.put(session_key(chat.session), kept, seconds=60)
    assert chat.poll().expect(401)["code"] == "invalid_session"
