"""``POST send/``: exact bodies, repeats, limits, the trap for robots."""

from __future__ import annotations

import re
from typing import Any

import pytest

from django_messenger.models import Contact, Conversation, Message
from django_messenger.services.sessions import session_key
from django_messenger.services.statement import MAX_UNANSWERED
from django_messenger.store import get
from django_messenger.test import override_messenger
from tests.factories import answer, make_operator
from tests.widget.client import Widget

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z")


def end(status: str = "closed") -> None:
    """Bring all conversations to their end."""
    Conversation.objects.update(status=status)


def test_what_is_stored_is_told(chat: Widget, conversation: Conversation) -> None:
    told = chat.send("Hello\r\nyou", client_id="a").expect(201)
    message = Message.objects.get()
    assert TIME.fullmatch(told["message"].pop("created_at"))
    assert told == {
        "message": {
            "id": str(message.public_id),
            "seq": 1,
            "revision": 1,
            "kind": "visitor",
            "body": "Hello\nyou",
            "author": None,
            "client_id": "a",
            "edited_at": None,
            "removed": False,
            "attachments": [],
        },
        "conversation": {"id": str(conversation.public_id), "status": "open", "rating": None},
        "cursor": 1,
    }
    assert (message.body, message.author_contact) == ("Hello\nyou", conversation.contact)


@pytest.mark.parametrize("form", [False, True])
def test_text_of_all_scripts(chat: Widget, form: bool) -> None:
    chat.form = form
    for text in ("Привет", "שלום", "👩‍👩‍👧", "a&b=c+d%20e", '"\\', "<script>", "  two  "):
        assert chat.send(text).expect(201)["message"]["body"] == text
        assert Message.objects.latest("seq").body == text


def test_a_client_id_is_optional(chat: Widget) -> None:
    for _ in range(2):
        assert chat.send("Hello").expect(201)["message"]["client_id"] == ""
    assert Message.objects.count() == 2


def test_a_repeat_tells_what_is_stored(chat: Widget) -> None:
    first = chat.send("Hello", client_id="a").expect(201)
    second = chat.send("Next").expect(201)
    again = chat.send("Hello", client_id="a").expect(200)
    assert again["message"] == first["message"]
    assert again["conversation"] == first["conversation"]
    assert again["cursor"] == second["cursor"]
    assert Message.objects.count() == 2


def test_another_text_under_the_same_client_id(chat: Widget) -> None:
    chat.send("Hello", client_id="a").expect(201)
    assert chat.send("Ho", client_id="a").expect(409) == {
        "detail": "This client_id was used for another message.",
        "code": "idempotency_conflict",
    }
    assert Message.objects.count() == 1


# --- Input ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "blank"),
        (" \n\t", "blank"),
        ("\u200b\u3164", "blank"),
        ("x" * 2001, "too_long"),
        (5, "invalid"),
        (True, "invalid"),
        (None, "null"),
        (["Hello"], "invalid"),
        ({"text": "Hello"}, "invalid"),
    ],
)
def test_what_is_no_message(chat: Widget, text: Any, code: str) -> None:
    told = chat.send(text).expect(400)
    assert told["code"] == "invalid"
    (problem,) = told["errors"]["body"]
    assert problem["code"] == code
    assert problem.get("limit") == (2000 if code == "too_long" else None)
    assert problem["message"]
    assert not Message.objects.exists()


def test_a_message_without_a_body(chat: Widget) -> None:
    told = chat.post("send/", {"client_id": "a"}).expect(400)
    assert [problem["code"] for problem in told["errors"]["body"]] == ["required"]


@pytest.mark.parametrize("client_id", ["x" * 65, "a\nb", "\u202e", 5, True, [], {}, None])
def test_a_bad_client_id(chat: Widget, client_id: Any) -> None:
    told = chat.send("Hello", client_id=client_id).expect(400)
    assert (told["code"], list(told["errors"])) == ("invalid", ["client_id"])
    assert not Message.objects.exists()


def test_the_limit_is_an_option(chat: Widget) -> None:
    with override_messenger(MAX_MESSAGE_LENGTH=3):
        chat.send("яяя").expect(201)
        (problem,) = chat.send("яяяя").expect(400)["errors"]["body"]
    assert (problem["code"], problem["limit"]) == ("too_long", 3)


def test_what_is_not_asked_for_is_ignored(chat: Widget, conversation: Conversation) -> None:
    chat.send(
        "Hello",
        kind="operator",
        author=1,
        author_user=1,
        author_name="Support",
        conversation=str(conversation.public_id),
        conversation_id=99,
        seq=50,
        revision=50,
        created_at="2000-01-01T00:00:00Z",
        quarantined_at=None,
        status="closed",
        direction="out",
        is_private=True,
        verified=True,
        statuses=["closed"],
        quarantined=True,
    ).expect(201)
    message = Message.objects.get()
    assert (message.kind, message.seq, message.revision) == ("visitor", 1, 1)
    assert (message.author_user, message.author_name) == (None, "")
    assert (message.conversation, message.quarantined_at) == (conversation, None)
    assert Conversation.objects.get().status == "open"


# --- Where it goes --------------------------------------------------------------------------------


def test_after_the_end_a_new_conversation_begins(chat: Widget, conversation: Conversation) -> None:
    chat.send("Hello", client_id="a").expect(201)
    end()
    told = chat.send("Again", client_id="b").expect(201)
    fresh = Conversation.objects.exclude(pk=conversation.pk).get()
    assert told["conversation"] == {"id": str(fresh.public_id), "status": "open", "rating": None}
    assert (told["message"]["seq"], told["cursor"]) == (1, 1)
    # The session points there from now on.
    assert [m["body"] for m in chat.poll().expect(200)["messages"]] == ["Again"]
    assert chat.send("More").expect(201)["conversation"]["id"] == str(fresh.public_id)
    assert chat.bootstrap().expect(200)["conversation"]["id"] == str(fresh.public_id)
    assert Conversation.objects.count() == 2


def test_another_tab_follows(chat: Widget) -> None:
    tab = Widget(chat.inbox, visitor=chat.visitor).start()
    chat.send("Hello").expect(201)
    end()
    told = chat.send("Again").expect(201)
    assert tab.send("From the other tab").expect(201)["conversation"] == told["conversation"]
    assert Conversation.objects.count() == 2


def test_a_repeat_after_the_end(chat: Widget, conversation: Conversation) -> None:
    first = chat.send("Hello", client_id="a").expect(201)
    end()
    again = chat.send("Hello", client_id="a").expect(200)
    assert again["message"] == first["message"]
    assert again["conversation"]["id"] == str(conversation.public_id)
    opened = chat.send("Again", client_id="b").expect(201)
    assert chat.send("Again", client_id="b").expect(200)["message"] == opened["message"]
    assert Message.objects.count() == Conversation.objects.count() == 2


def test_a_snoozed_conversation_wakes_up(chat: Widget) -> None:
    chat.send("Hello").expect(201)
    Conversation.objects.update(status="snoozed", snoozed_until="2100-01-01T00:00:00Z")
    assert chat.send("Again").expect(201)["conversation"]["status"] == "open"


def test_two_hundred_without_an_answer(chat: Widget, conversation: Conversation) -> None:
    chat.send("Hello", client_id="a").expect(201)
    Conversation.objects.update(unanswered=MAX_UNANSWERED)
    refused = chat.send("More")
    assert refused.expect(429) == {
        "detail": "You have written a lot already. Please wait for an answer.",
        "code": "too_many_unanswered",
    }
    assert int(refused.headers["retry-after"]) >= 1
    chat.send("Hello", client_id="a").expect(200)
    answer(conversation, make_operator(conversation.branch))
    chat.send("More").expect(201)


# --- The trap -------------------------------------------------------------------------------------


def shape(told: Any) -> Any:
    """The form of an answer: its keys and the types of its values."""
    if isinstance(told, dict):
        return {name: shape(value) for name, value in told.items()}
    return type(told).__name__


@pytest.mark.parametrize("filled", ["http://spam.example", "x", "0", " "])
@pytest.mark.parametrize("form", [False, True])
def test_a_robot_gets_the_same_answer(chat: Widget, filled: str, form: bool) -> None:
    human = chat.send("Hello", client_id="a")
    chat.form = form
    robot = chat.send("Buy now", client_id="b", website=filled)
    assert shape(robot.expect(201)) == shape(human.expect(201))
    assert robot.json["message"]["kind"] == "visitor"
    assert set(robot.headers) == set(human.headers)
    assert [m.quarantined_at is not None for m in Message.objects.order_by("seq")] == [False, True]
    assert chat.send("Buy now", client_id="b", website=filled).status == 200


@pytest.mark.parametrize("empty", ["", None, False, 0, [], {}])
def test_an_empty_trap_catches_nobody(chat: Widget, empty: Any) -> None:
    chat.send("Hello", website=empty).expect(201)
    assert Message.objects.get().quarantined_at is None


def test_the_robot_sees_its_own_words(chat: Widget) -> None:
    chat.send("Buy now", website="x").expect(201)
    assert [m["body"] for m in chat.poll().expect(200)["messages"]] == ["Buy now"]
    assert [m["body"] for m in chat.bootstrap().expect(200)["messages"]] == ["Buy now"]
    row = Conversation.objects.get()
    assert (row.last_message_at, row.preview, row.waiting_since) == (None, "", None)


def test_the_trap_has_the_name_that_the_host_gives_it(chat: Widget) -> None:
    with override_messenger(HONEYPOT_FIELD="homepage"):
        chat.send("A", website="x").expect(201)
        chat.send("B", homepage="x").expect(201)
    assert [m.quarantined_at is not None for m in Message.objects.order_by("seq")] == [False, True]


def test_a_blocked_contact_is_heard_by_nobody(chat: Widget) -> None:
    human = chat.send("Hello").expect(201)
    Contact.objects.update(blocked_at="2020-01-01T00:00:00Z")
    assert shape(chat.send("Again").expect(201)) == shape(human)
    assert Message.objects.latest("seq").quarantined_at is not None
    assert Conversation.objects.get().preview == "Hello"


def test_the_session_is_moved_in_the_cache_only_when_needed(chat: Widget) -> None:
    before = get(session_key(chat.session))
    chat.send("Hello").expect(201)
    assert get(session_key(chat.session)) == before
    end()
    chat.send("Again").expect(201)
    after = get(session_key(chat.session))
    assert {name for name in before if before[name] != after[name]} == {"conversation_id"}
