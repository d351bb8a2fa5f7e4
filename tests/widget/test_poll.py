"""``poll/``, ``read/``, ``typing/`` and ``stream/``: what comes back after a cursor."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from django.utils import timezone

from django_messenger.models import Conversation, Message
from django_messenger.services.conversations import change_conversation, read_conversation
from django_messenger.services.messages import append_message, reply_message, send_message
from tests.factories import make_operator, say
from tests.widget.client import Answer, Widget, committing, through_asgi, through_django


@pytest.fixture(params=[through_django, through_asgi], ids=["django", "asgi"])
def chat(request: pytest.FixtureRequest, widget: Widget) -> Widget:
    """A widget with a session, on either way to the server."""
    widget.start()
    widget.transport = request.param
    return widget


@pytest.fixture
def anna(inbox: Any) -> Any:
    return make_operator(inbox.branch, name="Anna")


def reply(anna: Any, body: str, *, note: bool = False) -> Message:
    """What Anna writes, to its commit."""
    conversation = Conversation.objects.get()
    with committing():
        return reply_message(user=anna, conversation=conversation, body=body, note=note).message


def bodies(answer: Answer) -> list[str]:
    return [message["body"] for message in answer.expect(200)["messages"]]


def test_nothing_yet(chat: Widget) -> None:
    for _ in range(2):
        assert chat.poll().expect(200) == {
            "messages": [],
            "cursor": 0,
            "has_more": False,
            "conversation": {"status": "open", "rating": None},
            "operator_read_seq": 0,
            "typing": None,
            "next_in": 5,
        }


def test_both_methods_and_all_forms_of_a_cursor(chat: Widget) -> None:
    chat.send("One").expect(201)
    chat.send("Two").expect(201)
    told = chat.poll(1).expect(200)
    assert [m["body"] for m in told["messages"]] == ["Two"]
    assert chat.poll("1").expect(200) == told
    assert chat.poll("01").expect(200) == told
    assert chat.get("poll/?after=1").expect(200) == told
    assert chat.post("poll/").expect(200) == chat.get("poll/").expect(200)
    assert bodies(chat.post("poll/")) == ["One", "Two"]
    chat.form = True
    assert chat.poll(1).expect(200) == told


@pytest.mark.parametrize(
    "after",
    ["", "x", "-1", "+1", "1.0", "1e3", " 1", "1_0", "²", "٣", "1" * 20, "9" * 19, "0x1", "null"],
)
def test_what_is_no_cursor(chat: Widget, after: str) -> None:
    for answer in (chat.poll(after), chat.get(f"poll/?after={quote(after)}")):
        told = answer.expect(400)
        assert set(told) == {"detail", "code", "errors"}
        assert (told["code"], list(told["errors"])) == ("invalid", ["after"])


@pytest.mark.parametrize("after", [-1, 2**63, 10**30, 1.5, 1.0, True, False, None, [], {}, [1]])
def test_what_is_no_cursor_in_json(chat: Widget, after: Any) -> None:
    told = chat.poll(after).expect(400)
    assert told["code"] == "invalid"


def test_a_cursor_from_the_future_does_no_harm(chat: Widget) -> None:
    chat.send("One").expect(201)
    told = chat.poll(2**63 - 1).expect(200)
    assert (told["messages"], told["cursor"]) == ([], 1)


def test_fifty_at_a_time(chat: Widget) -> None:
    conversation = Conversation.objects.get()
    for number in range(1, 121):
        say(conversation, str(number))
    seen: list[str] = []
    cursor, more = 0, True
    sizes = []
    while more:
        told = chat.poll(cursor).expect(200)
        seen += [message["body"] for message in told["messages"]]
        cursor, more = told["cursor"], told["has_more"]
        sizes.append(len(told["messages"]))
        assert told["next_in"] == (0 if more else 2)
        assert told["messages"][-1]["revision"] == cursor
    assert (sizes, cursor) == ([50, 50, 20], 120)
    assert seen == [str(number) for number in range(1, 121)]


def test_exactly_fifty_are_all(chat: Widget) -> None:
    conversation = Conversation.objects.get()
    for _ in range(50):
        say(conversation)
    told = chat.poll().expect(200)
    assert (len(told["messages"]), told["has_more"], told["cursor"]) == (50, False, 50)


def test_notes_are_not_seen_but_move_the_cursor(chat: Widget, anna: Any) -> None:
    reply(anna, "Between us", note=True)
    conversation = Conversation.objects.get()
    append_message(conversation=conversation, kind=Message.Kind.SYSTEM, body="Anna has joined")
    told = chat.poll().expect(200)
    assert (told["messages"], told["cursor"], told["has_more"]) == ([], 2, False)
    reply(anna, "Hello")
    with committing():
        append_message(conversation=conversation, kind=Message.Kind.BOT, body="Beep")
    told = chat.poll(2).expect(200)
    assert [(m["kind"], m["body"]) for m in told["messages"]] == [
        ("operator", "Hello"),
        ("bot", "Beep"),
    ]
    assert "Between us" not in str(told)
    assert "client_id" not in told["messages"][0]


def test_an_answer_comes_at_once_after_an_empty_poll(chat: Widget, anna: Any) -> None:
    chat.send("Hello").expect(201)
    for _ in range(2):
        assert bodies(chat.poll(1)) == []
    reply(anna, "Good day")
    assert bodies(chat.poll(1)) == ["Good day"]
    for _ in range(2):
        assert bodies(chat.poll(2)) == []


def test_what_was_edited_and_removed_comes_again(chat: Widget, anna: Any) -> None:
    conversation = Conversation.objects.get()
    first, second = reply(anna, "Helo"), reply(anna, "Secret")
    now = timezone.now()
    Conversation.objects.filter(pk=conversation.pk).update(revision=4)
    Message.objects.filter(pk=first.pk).update(body="Hello", revision=3, edited_at=now)
    Message.objects.filter(pk=second.pk).update(removed_at=now, revision=4)
    told = chat.poll(2).expect(200)
    edited, removed = told["messages"]
    assert (edited["seq"], edited["revision"], edited["body"]) == (1, 3, "Hello")
    assert edited["edited_at"].endswith("Z")
    assert (removed["seq"], removed["body"], removed["removed"]) == (2, "", True)
    assert told["cursor"] == 4
    assert "Secret" not in str(told)


def test_status_and_read_mark_are_told(chat: Widget, anna: Any) -> None:
    chat.send("Hello").expect(201)
    told = chat.poll(1).expect(200)
    assert (told["conversation"], told["operator_read_seq"]) == (
        {"status": "open", "rating": None},
        0,
    )
    conversation = Conversation.objects.get()
    with committing():
        read_conversation(user=anna, conversation=conversation, read_seq=1)
    told = chat.poll(1).expect(200)
    assert (told["operator_read_seq"], told["cursor"]) == (1, 2)
    with committing():
        change_conversation(user=anna, conversation=conversation, status="resolved")
    for _ in range(2):
        assert chat.poll(3).expect(200)["conversation"] == {"status": "resolved", "rating": None}


def test_a_lively_conversation_is_asked_more_often(chat: Widget) -> None:
    chat.send("Hello").expect(201)
    for _ in range(2):
        assert chat.poll(1).expect(200)["next_in"] == 2
    Conversation.objects.update(last_message_at="2020-01-01T00:00:00Z", revision=2)
    assert chat.poll(1).expect(200)["next_in"] in (2, 5)
    assert chat.poll(0).expect(200)["next_in"] == 5


def test_two_tabs_do_not_disturb_each_other(chat: Widget, anna: Any) -> None:
    tab = Widget(chat.inbox, visitor=chat.visitor, transport=through_django)
    tab.start()
    tab.transport = chat.transport
    assert bodies(chat.poll()) == bodies(tab.poll()) == []
    chat.send("Hello").expect(201)
    assert bodies(tab.poll()) == bodies(chat.poll()) == ["Hello"]
    reply(anna, "Good day")
    assert bodies(tab.poll(1)) == bodies(chat.poll(1)) == ["Good day"]
    assert bodies(tab.poll(0)) == ["Hello", "Good day"]


def test_messages_in_quarantine_come_to_their_visitor(chat: Widget) -> None:
    assert bodies(chat.poll()) == []
    with committing():
        send_message(conversation=Conversation.objects.get(), body="Buy", quarantined=True)
    assert bodies(chat.poll()) == ["Buy"]


# --- read/ ----------------------------------------------------------------------------------------


def test_read_only_moves_forward(chat: Widget) -> None:
    conversation = Conversation.objects.get()
    for _ in range(3):
        say(conversation)
    assert chat.read(2).expect(200) == {"visitor_read_seq": 2}
    assert chat.read(1).expect(200) == {"visitor_read_seq": 2}
    assert chat.read("3").expect(200) == {"visitor_read_seq": 3}
    assert Conversation.objects.get().visitor_read_seq == 3


def test_nobody_reads_ahead(chat: Widget) -> None:
    say(Conversation.objects.get())
    assert chat.read(2**63 - 1).expect(200) == {"visitor_read_seq": 1}


@pytest.mark.parametrize("value", [None, "", "x", -1, 1.5, True, [], 2**63, "²"])
def test_what_is_no_mark(chat: Widget, value: Any) -> None:
    assert list(chat.read(value).expect(400)["errors"]) == ["read_seq"]
    assert list(chat.post("read/").expect(400)["errors"]) == ["read_seq"]


# --- typing/ and stream/ --------------------------------------------------------------------------


def test_typing_says_nothing_and_keeps_nothing(chat: Widget) -> None:
    before = Conversation.objects.values().get()
    for state in ({}, {"state": "on"}, {"state": "off"}):
        answer = chat.post("typing/", state)
        assert (answer.status, answer.content) == (204, b"")
        assert answer.headers["cache-control"] == "no-store"
    for state in ("maybe", 1, None, [], {}):
        assert chat.post("typing/", {"state": state}).expect(400)["code"] == "invalid"
    assert Conversation.objects.values().get() == before


def test_without_push_a_stream_says_to_poll(chat: Widget) -> None:
    chat.transport = through_django
    told = chat.post("stream/", {"after": 0}).expect(200)
    assert told == {"mode": "poll", "next_in": 5}
    assert list(chat.post("stream/", {"after": "x"}).expect(400)["errors"]) == ["after"]
