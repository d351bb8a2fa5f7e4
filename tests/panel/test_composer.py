"""Writing answers and notes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_messenger.models import Conversation
from tests.factories import answer, make_operator, say
from tests.panel.conftest import World, now_in, said
from tests.panel.pages import Page

Open = Callable[..., Page]


def test_an_answer_is_sent_and_stands_at_the_end(anna: Open, conversation: Conversation) -> None:
    page = anna(conversation).send("  Good day!\nHow can I help?")
    assert page.status == 200
    assert page.thread[-1] == "Good day! How can I help?"
    assert "Reply sent." in page.text
    assert page.value("body") == ""
    assert said(conversation) == [("operator", "  Good day!\nHow can I help?")]
    assert now_in(conversation).waiting_since is None


def test_a_note_is_saved_as_one(anna: Open, conversation: Conversation) -> None:
    page = anna(conversation).send("She called before", note=True)
    assert "Note saved." in page.text
    assert said(conversation) == [("note", "She called before")]
    assert now_in(conversation).waiting_since is not None


def test_sending_a_form_twice_stores_one_message(anna: Open, conversation: Conversation) -> None:
    page = anna(conversation)
    page.send("Good day!")
    assert page.send("Good day!").status == 200
    assert said(conversation) == [("operator", "Good day!")]


def test_an_old_form_with_another_text_keeps_it_and_can_then_be_sent(
    anna: Open, conversation: Conversation
) -> None:
    page = anna(conversation)
    page.send("Good day!")
    refused = page.send("Something else")
    assert refused.status == 409
    assert "This form has been sent before, with another text." in refused.text
    assert refused.value("body") == "Something else"
    assert "Good day!" in refused.text
    assert refused.press("SendSave note").status == 200
    assert [body for _, body in said(conversation)] == ["Good day!", "Something else"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (" \n\u200b ", "Write a message."),
        ("x" * 2001, "The message is longer than 2000 characters."),
        ("nul \x00 byte", "The text contains characters that cannot be stored."),
    ],
)
@pytest.mark.parametrize("note", [False, True])
def test_a_refused_text_is_kept_with_the_reason_in_words(
    anna: Open, conversation: Conversation, body: str, words: str, note: bool
) -> None:
    page = anna(conversation)
    refused = page.send(body, note=note)
    assert refused.status == 400
    assert words in refused.text
    assert refused.title.startswith("Not done: ")
    assert refused.value("body") == body
    assert refused.value("kind") == ("note" if note else "operator")
    assert refused.value("client_id") == page.value("client_id")
    assert 'aria-invalid="true"' in refused.html
    assert said(conversation) == []


def test_text_that_looks_like_markup_survives_a_refusal(
    anna: Open, conversation: Conversation
) -> None:
    body = "\n</textarea><script>alert(1)</script>" + "x" * 2000
    refused = anna(conversation).send(body)
    assert refused.value("body") == body
    assert "<script>alert(1)" not in refused.html


def test_a_colleagues_newer_answer_is_shown_before_sending(
    world: World, anna: Open, conversation: Conversation
) -> None:
    page = anna(conversation)
    answer(conversation, make_operator(world.north.branch, name="Clara"), "I am on it")
    refused = page.send("Let me look")
    assert refused.status == 409
    assert "A colleague has answered meanwhile." in refused.text
    problem = refused.text.index("A colleague has answered meanwhile.")
    assert "Clara" in refused.text[problem:]
    assert "I am on it" in refused.text[problem:]
    assert refused.value("body") == "Let me look"
    assert refused.links["Keep editing"] == "#dm-text"
    assert said(conversation) == [("operator", "I am on it")]

    sent = refused.press("Send anyway")
    assert sent.status == 200
    assert [body for _, body in said(conversation)] == ["I am on it", "Let me look"]


def test_after_reading_the_newer_answer_one_may_simply_send(
    world: World, anna: Open, conversation: Conversation
) -> None:
    page = anna(conversation)
    colleague = make_operator(world.north.branch)
    answer(conversation, colleague, "I am on it")
    refused = page.send("Let me look")
    answer(conversation, colleague, "Done already")
    again = refused.send("Let me look, too")
    assert again.status == 409
    assert again.send("Let me look, too").status == 200
    assert len(said(conversation)) == 3


def test_a_note_or_a_visitors_message_asks_nothing(
    world: World, anna: Open, conversation: Conversation
) -> None:
    page = anna(conversation)
    say(conversation, "Hello?")
    answer(conversation, make_operator(world.north.branch), "Seen", note=True)
    assert page.send("Good day!").status == 200


def test_a_closed_conversation_takes_notes_only(anna: Open, conversation: Conversation) -> None:
    before = anna(conversation)
    page = before.press("Close for ever")
    assert "The conversation is closed." in page.text
    refused = before.send("Too late")
    assert refused.status == 409
    assert "This is not possible any more: the status is now “Closed”." in refused.text
    assert refused.value("body") == "Too late"
    page = anna(conversation)
    assert "only notes can be added" in page.text
    assert "Note saved." in page.press("SendSave note", body="For the file").text
    assert said(conversation) == [("note", "For the file")]
