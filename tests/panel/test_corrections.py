"""Taking back what was said, and giving customers to somebody else: the panel's forms."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from django_messenger.models import AssignmentLog, Conversation, Inbox, Message
from django_messenger.services.availability import note_tab
from django_messenger.services.conversations import change_conversation
from tests.factories import answer, make_conversation, make_inbox, make_operator
from tests.panel.conftest import World, client_of
from tests.panel.pages import Page, url_of, visit
from tests.panel.test_list import Open


def bodies(conversation: Conversation) -> list[str]:
    rows = Message.objects.filter(conversation=conversation).order_by("seq")
    return list(rows.values_list("body", flat=True))


def test_one_edits_ones_own_message_for_a_while(
    world: World, anna: Open, conversation: Conversation
) -> None:
    answer(conversation, world.anna, "Helo")
    page = anna(conversation).press("Save", body="Hello", action="edit")
    assert "The message is changed." in page.text
    assert "Hello" in page.thread
    assert any("edited" in line for line in page.thread)
    Message.objects.filter(body="Hello").update(created_at=timezone.now() - timedelta(minutes=16))
    late = page.press("Save", body="Bye", action="edit")
    assert late.status == 409
    assert "What you had written: Bye" in late.text
    assert bodies(conversation)[-1] == "Hello"
    assert ">Edit<" not in anna(conversation).html


def test_a_removed_message_leaves_its_place(
    world: World, anna: Open, conversation: Conversation
) -> None:
    answer(conversation, world.anna, "To somebody else")
    page = anna(conversation).press("Remove", reason="wrong window")
    assert "The message is removed." in page.text
    assert "This message was removed." in page.thread
    assert "To somebody else" not in page.html
    assert "Remove" not in page.buttons


def test_only_who_manages_removes_what_others_said(
    world: World, anna: Open, conversation: Conversation
) -> None:
    assert "Remove" not in anna(conversation).buttons
    page = visit(client_of(world.vera), conversation)
    assert ">Edit<" not in page.html
    assert "This message was removed." in page.press("Remove").thread


@pytest.mark.parametrize("message", ["", "x", "00000000-0000-0000-0000-000000000000", "foreign"])
@pytest.mark.parametrize("action", ["edit", "remove"])
def test_what_is_not_there_cannot_be_corrected(
    world: World, conversation: Conversation, action: str, message: str
) -> None:
    foreign = make_conversation(world.south, body="Theirs")
    if message == "foreign":
        message = str(Message.objects.get(conversation=foreign).public_id)
    data = {"action": action, "message": message, "body": "Mine"}
    assert client_of(world.anna).post(url_of(conversation), data).status_code == 404
    assert bodies(foreign) == ["Theirs"]


def transfer(page: Page, assignee: object, **words: str) -> Page:
    key = str(getattr(assignee, "pk", ""))
    return page.press("Assign", assignee=key, **words)


def test_a_colleague_gets_it_with_a_word_and_the_visitor_too(
    world: World, conversation: Conversation
) -> None:
    clara = make_operator(world.north.branch, name="Clara")
    page = visit(client_of(world.vera), conversation)
    page = transfer(page, clara, reason="knows oak", message="Clara will help you.")
    assert "Assigned to Clara." in page.text
    assert bodies(conversation)[1:] == ["Clara will help you.", "@Clara knows oak"]
    assert Message.objects.get(kind="note").mentions.get().user == clara
    assert AssignmentLog.objects.get(assignee=clara).reason == "knows oak"
    seen = visit(client_of(clara), conversation)
    assert "Vera assigned it to Clara." in seen.text
    assert "knows oak" in seen.text


def test_a_lost_race_says_nothing_to_anybody(world: World, conversation: Conversation) -> None:
    clara = make_operator(world.north.branch, name="Clara")
    page = visit(client_of(world.vera), conversation)
    visit(client_of(world.anna), conversation).press("Take")
    lost = transfer(page, clara, reason="knows oak", message="Clara will help you.")
    assert lost.status == 409
    assert "What you had written: knows oak" in lost.text
    assert "Clara will help you." in lost.text
    assert bodies(conversation) == ["Is anybody there?"]


def test_a_customer_is_handed_over_to_another_inbox(
    world: World, anna: Open, conversation: Conversation
) -> None:
    shop = make_inbox(world.north.branch, name="Shop")
    page = anna(conversation)
    assert "Website South" not in page.html
    page = page.press("Hand over", reason="Wants to buy", message="My colleagues will answer you.")
    assert page.url.startswith("/messenger/?") or page.url == "/messenger/"
    assert "Handed over to Shop." in page.text
    new = Conversation.objects.get(inbox=shop)
    assert bodies(new) == ["Is anybody there?", "Wants to buy"]
    assert bodies(conversation)[-1] == "My colleagues will answer you."


def test_a_hand_over_needs_a_reason_and_an_inbox_of_ones_own(
    world: World, anna: Open, conversation: Conversation
) -> None:
    make_inbox(world.north.branch, name="Shop")
    page = anna(conversation)
    assert page.press("Hand over", reason=" ").status == 400
    foreign = page.press("Hand over", reason="Spy", inbox=str(world.south.public_id))
    assert "There is no such inbox." in foreign.text
    assert "What you had written: Spy" in foreign.text
    assert not Conversation.objects.filter(continues=conversation).exists()


def test_an_automatic_decision_is_explained(world: World, anna: Open) -> None:
    inbox = make_inbox(world.north.branch, assignment=Inbox.Assignment.LEAST_LOADED)
    note_tab(user=world.anna, tab="1")
    conversation = make_conversation(inbox, body="Hello?")
    anna().press("I am here")
    page = anna(conversation)
    assert "Anna got it automatically." in page.text
    assert "Anna: online, 0 of 10" in page.text


def test_a_thread_shows_the_newest_thirty(world: World, anna: Open) -> None:
    conversation = make_conversation(world.north, body="line 0")
    for number in range(1, 40):
        answer(conversation, world.anna, f"line {number}")
    page = anna(conversation)
    shown = [line for line in page.thread if line.startswith("line ")]
    assert shown == [f"line {number}" for number in range(10, 40)]
    older = page.follow("Earlier messages")
    assert "line 0" in older.thread


def test_nothing_is_offered_in_what_is_over(
    world: World, anna: Open, conversation: Conversation
) -> None:
    make_inbox(world.north.branch, name="Shop")
    change_conversation(user=world.anna, conversation=conversation, status="resolved")
    assert "Hand over" not in anna(conversation).buttons
