"""``history/``: older messages, page by page, and no more than the visitor may see."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from django_messenger.models import Conversation, Message
from tests.factories import answer, make_conversation, make_inbox, make_operator, say
from tests.widget.client import PAGE, Widget


def older(chat: Widget, before: Any) -> Any:
    return chat.post("history/", {"before": before}).expect(200)


@pytest.mark.parametrize("form", [False, True])
def test_back_to_the_first_message(chat: Widget, conversation: Conversation, form: bool) -> None:
    chat.form = form
    for number in range(112):
        say(conversation, str(number))
    welcome = chat.bootstrap().expect(200)
    assert welcome["has_older"]
    bodies = [message["body"] for message in welcome["messages"]]
    before, pages = welcome["messages"][0]["seq"], []
    while True:
        page = older(chat, before)
        pages.append(len(page["messages"]))
        bodies = [message["body"] for message in page["messages"]] + bodies
        if not page["has_older"]:
            break
        before = page["messages"][0]["seq"]
    assert bodies == [str(number) for number in range(112)]
    assert pages == [30, 30, 2]


def test_nothing_before_the_first(chat: Widget, conversation: Conversation) -> None:
    first = say(conversation)
    for before in (0, 1, first.seq):
        assert older(chat, before) == {"messages": [], "has_older": False}
    assert [m["id"] for m in older(chat, 2**62)["messages"]] == [str(first.public_id)]


def test_what_it_holds(chat: Widget, conversation: Conversation) -> None:
    anna = make_operator(conversation.branch, name="Anna")
    chat.send("Mine", client_id="a1")
    answer(conversation, anna, "Hers")
    answer(conversation, anna, "Not for you", note=True)
    gone = say(conversation, "Regretted")
    Message.objects.filter(pk=gone.pk).update(removed_at=timezone.now())
    polled = chat.poll().expect(200)["messages"]

    assert older(chat, 99)["messages"] == sorted(polled, key=lambda message: message["seq"])
    assert [message["body"] for message in polled] == ["Mine", "Hers", ""]
    assert polled[0]["client_id"] == "a1"


def test_only_of_ones_own_conversation(chat: Widget) -> None:
    make_conversation(chat.inbox, body="Somebody else's")
    assert older(chat, 99) == {"messages": [], "has_older": False}


@pytest.mark.parametrize("before", [None, "", "x", "-5", -1, 1.5, True, [], "²", "9" * 20, 2**63])
def test_a_place_is_a_number(chat: Widget, before: Any) -> None:
    answered = chat.post("history/", {"before": before}).expect(400)
    assert list(answered["errors"]) == ["before"]
    assert list(chat.post("history/").expect(400)["errors"]) == ["before"]


def test_the_session_of_another_inbox(chat: Widget) -> None:
    stranger = Widget(make_inbox(allowed_origins=[PAGE]), session=chat.session)
    assert stranger.post("history/", {"before": 9}).expect(401)["code"] == "invalid_session"
