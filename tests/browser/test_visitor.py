"""A visitor talks to an operator."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone
from playwright.sync_api import BrowserContext, expect

from django_messenger.bus import Hint, get_bus
from django_messenger.models import Contact, Conversation, Inbox, Message
from django_messenger.services.conversations import change_conversation
from django_messenger.services.freshness import forget_marks_on_commit
from django_messenger.services.messages import reply_message, send_message
from tests.browser.chat import Chat
from tests.browser.servers import Messenger, Site, tag

pytestmark = pytest.mark.browser


def answer(operator: Any, text: str) -> Message:
    return reply_message(
        user=operator, conversation=Conversation.objects.latest("pk"), body=text
    ).message


def touch(message: Message, **changes: Any) -> None:
    """Change a message as an edit or a removal does: under the next revision."""
    conversation = message.conversation
    Conversation.objects.filter(pk=conversation.pk).update(revision=F("revision") + 1)
    conversation.refresh_from_db()
    Message.objects.filter(pk=message.pk).update(revision=conversation.revision, **changes)
    forget_marks_on_commit([conversation.pk])
    get_bus().publish(Hint.about(conversation, "message"))


def test_first_message_becomes_a_row(chat: Chat, inbox: Inbox) -> None:
    chat.open()
    expect(chat.panel).to_contain_text("Ash & Chisel")
    expect(chat.log).to_contain_text("Ask us about wood.")
    assert not Contact.objects.exists()

    chat.say("Is oak harder than ash?")

    message = Message.objects.get()
    assert (message.body, message.kind) == ("Is oak harder than ash?", "visitor")
    assert message.conversation.inbox == inbox
    assert message.conversation.source_url.startswith("http://localhost:")
    assert chat.texts == ["Is oak harder than ash?"]


def test_operators_answer_appears(chat: Chat, operator: Any) -> None:
    chat.open().say("Hello?")
    answer(operator, "Good afternoon!")

    expect(chat.bubble("Good afternoon!")).to_contain_text("Anna")


def test_visitor_sees_that_the_operator_has_read(chat: Chat) -> None:
    bubble = chat.open().say("Hello?")
    conversation = Conversation.objects.get()
    Conversation.objects.update(operator_read_seq=conversation.revision, revision=F("revision") + 1)
    forget_marks_on_commit([conversation.pk])

    expect(bubble).to_contain_text("Seen")


def test_what_the_visitor_has_seen_is_reported(chat: Chat, operator: Any) -> None:
    chat.open().say("Hello?")
    reply = answer(operator, "Good afternoon!")
    with chat.page.expect_response("**/read/"):
        expect(chat.bubble("Good afternoon!")).to_be_visible()

    assert Conversation.objects.get().visitor_read_seq == reply.seq


def test_unread_messages_are_counted_while_closed(chat: Chat, operator: Any) -> None:
    chat.open().say("Hello?")
    chat.close()
    answer(operator, "First")
    answer(operator, "Second")

    expect(chat.badge).to_have_text("2")
    expect(chat.launcher).to_have_accessible_name("Open chat. 2 unread messages")
    chat.page.reload()
    expect(chat.badge).to_have_text("2")
    chat.open()
    expect(chat.badge).to_be_hidden()
    assert chat.texts == ["Hello?", "First", "Second"]


def test_reload_keeps_the_conversation(chat: Chat, operator: Any) -> None:
    chat.open().say("Hello?")
    chat.page.reload()

    expect(chat.panel).to_be_visible()  # as it was left
    answer(operator, "Good afternoon!")
    expect(chat.bubble("Good afternoon!")).to_be_visible()
    chat.say("Thank you")
    assert chat.texts == ["Hello?", "Good afternoon!", "Thank you"]
    assert Conversation.objects.count() == Contact.objects.count() == 1


def test_long_history_comes_page_by_page(chat: Chat) -> None:
    chat.open().say("Message 0")
    conversation = Conversation.objects.get()
    for number in range(1, 80):
        send_message(conversation=conversation, body=f"Message {number}")
    chat.page.reload()

    expect(chat.own).to_have_count(30)
    expect(chat.bubble("Message 79")).to_be_in_viewport()
    first = chat.bubble("Message 50")
    chat.log.evaluate("node => node.scrollTo(0, 1)")
    expect(chat.own).to_have_count(60)
    expect(first).to_be_in_viewport()  # what was being read stays where it is
    chat.panel.get_by_role("button", name="Earlier messages").click()
    expect(chat.own).to_have_count(80)
    expect(chat.log).to_contain_text("Ask us about wood.")
    assert chat.texts == [f"Message {number}" for number in range(80)]


def test_edited_and_removed_messages_change(chat: Chat, operator: Any) -> None:
    chat.open().say("Hello?")
    first, second = answer(operator, "It costs 500"), answer(operator, "For you: 100")
    expect(chat.bubble("For you")).to_be_visible()
    touch(first, body="It costs 600", edited_at=timezone.now())
    touch(second, removed_at=timezone.now())

    expect(chat.bubble("It costs 600")).to_contain_text("Anna")
    expect(chat.bubble("Message deleted")).to_contain_text("Anna")
    assert chat.texts == ["Hello?", "It costs 600", "Message deleted"]


def test_finished_conversation_says_so_and_goes_on(chat: Chat, operator: Any) -> None:
    chat.open().say("Hello?")
    change_conversation(user=operator, conversation=Conversation.objects.get(), status="resolved")

    expect(chat.log).to_contain_text("This conversation is finished")
    chat.say("One more thing")
    expect(chat.log).not_to_contain_text("This conversation is finished")
    assert Conversation.objects.get().status == "open"


def test_message_after_closing_opens_a_new_conversation(chat: Chat, operator: Any) -> None:
    chat.open().say("Hello?")
    for text in ("One", "Two", "Three"):
        answer(operator, text)
    old = Conversation.objects.get()
    change_conversation(user=operator, conversation=old, status="closed")
    chat.say("It broke again")
    new = Conversation.objects.latest("pk")
    assert new != old
    answer(operator, "Send us a photo")

    expect(chat.bubble("Send us a photo")).to_be_visible()
    assert chat.texts[-2:] == ["It broke again", "Send us a photo"]
    chat.page.reload()
    expect(chat.bubble("Send us a photo")).to_be_visible()
    assert chat.texts == ["It broke again", "Send us a photo"]
    assert Contact.objects.count() == 1


def test_two_tabs_show_the_same(chat: Chat, context: BrowserContext) -> None:
    chat.open().say("From the first tab")
    page = context.new_page()
    page.goto(chat.page.url)
    second = Chat(page)
    expect(second.bubble("From the first tab")).to_be_visible()
    second.say("From the second tab")
    chat.page.bring_to_front()

    expect(chat.bubble("From the second tab")).to_be_visible()
    assert chat.texts == second.texts
    assert Conversation.objects.count() == 1


def test_first_words_of_two_tabs_reach_one_conversation(
    chat: Chat, context: BrowserContext
) -> None:
    page = context.new_page()
    page.goto(chat.page.url)
    chats = [chat.open(), Chat(page).open()]
    context.set_offline(True)
    for number, each in enumerate(chats):
        each.write(f"Tab {number}")
    context.set_offline(False)

    for each in chats:
        expect(each.own).to_have_count(2)
        expect(each.log).not_to_contain_text(re.compile("later|Sending"))
    assert Conversation.objects.count() == 1
    assert Message.objects.count() == 2


def test_keys(chat: Chat) -> None:
    chat.open()
    chat.input.press_sequentially("one")
    chat.input.press("Shift+Enter")
    chat.input.press_sequentially("two")
    # An input method takes Enter for itself while it composes.
    chat.input.evaluate(
        "node => node.dispatchEvent(new KeyboardEvent('keydown',"
        " {key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))"
    )
    expect(chat.own).to_have_count(0)
    chat.input.press("Enter")
    expect(chat.own).to_contain_text("Sent")
    assert Message.objects.get().body == "one\ntwo"
    chat.input.press("Escape")

    expect(chat.panel).to_be_hidden()
    expect(chat.launcher).to_be_focused()
    chat.launcher.press("Enter")
    expect(chat.input).to_be_focused()


def test_blank_and_too_long_texts_cannot_be_sent(chat: Chat, messenger: Messenger) -> None:
    chat.open()
    chat.input.fill("   ")
    expect(chat.send_button).to_be_disabled()
    chat.input.fill("é" * 1999)
    expect(chat.hint).to_have_text("1 character left")
    chat.input.fill("\U0001f600" * 2002)
    expect(chat.hint).to_have_text("Too long by 2 characters")
    expect(chat.send_button).to_be_disabled()
    chat.input.press("Enter")
    chat.input.fill("e\u0301" * 2000)  # 2,000 characters once they are composed
    expect(chat.hint).to_have_text("0 characters left")
    chat.send_button.click()

    expect(chat.own).to_contain_text("Sent")
    assert messenger.count("/send/") == 1
    assert len(Message.objects.get().body) == 2000


def test_trapped_message_looks_sent_and_is_quarantined(chat: Chat) -> None:
    chat.open()
    trap = chat.panel.locator("input[name=website]")
    trap.evaluate("node => { node.value = 'https://spam.example' }")
    chat.say("Cheap pills")

    assert Message.objects.get().quarantined_at is not None


def test_new_messages_do_not_move_a_reader(chat: Chat, operator: Any) -> None:
    chat.open()
    chat.say("line\n" * 60)
    chat.log.evaluate("node => { node.scrollTop = 0 }")
    answer(operator, "Here I am")
    pill = chat.panel.get_by_role("button", name="New messages")

    expect(pill).to_be_visible()
    assert chat.log.evaluate("node => node.scrollTop") == 0
    pill.click()
    expect(chat.bubble("Here I am")).to_be_in_viewport()
    expect(pill).to_be_hidden()


def test_phone(
    new_context: Callable[..., BrowserContext], site: Site, messenger: Messenger, inbox: Inbox
) -> None:
    context = new_context(viewport={"width": 320, "height": 640}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(site.show("<p>Shop</p>" * 99, head=tag(messenger, inbox.widget_token)))
    chat = Chat(page)
    chat.launcher.tap()

    assert chat.panel.bounding_box() == {"x": 0, "y": 0, "width": 320, "height": 640}
    assert chat.panel.evaluate("node => node.matches(':modal')")
    chat.say("w" * 300)
    assert chat.panel.evaluate("node => node.scrollWidth") <= 320
    page.mouse.wheel(0, 500)
    assert page.evaluate("scrollY") == 0
    small = chat.panel.get_by_role("button").evaluate_all(
        "nodes => nodes.filter(n => n.offsetWidth < 44 || n.offsetHeight < 44).length"
    )
    assert small == 0
    for _ in range(8):  # focus stays inside
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.localName") in ("django-messenger", "body")
    chat.close()
    expect(chat.launcher).to_be_focused()
    assert page.evaluate("getComputedStyle(document.documentElement).overflow") == "visible"


def test_times_and_names_are_there_for_readers(chat: Chat) -> None:
    bubble = chat.open().say("Hello?")

    expect(bubble).to_contain_text(re.compile(r"^You.*\d+:\d\d"))
