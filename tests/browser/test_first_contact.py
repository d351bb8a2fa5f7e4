"""What an inbox asks before the first message, and what it asks after the last one."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Route, expect

from django_messenger.models import Consent, Contact, Conversation, Inbox, Message, Rating
from django_messenger.services.conversations import change_conversation
from django_messenger.services.inboxes import save_inbox
from tests.browser.chat import Chat
from tests.browser.conftest import Visit
from tests.browser.test_look import CORS

pytestmark = pytest.mark.browser


@pytest.fixture
def asking(inbox: Inbox) -> Inbox:
    """An inbox that wants to know with whom it talks."""
    inbox.ask_name, inbox.ask_email, inbox.ask_consent = "optional", "required", True
    inbox.consent_url = "https://example.com/privacy"
    save_inbox(inbox)
    return inbox


@pytest.fixture
def intro(asking: Inbox, chat: Chat) -> Chat:
    """The questions on the screen."""
    expect(chat.open().panel.get_by_role("group", name="Before we begin")).to_be_visible()
    return chat


def end(operator: Any, status: str = "resolved") -> None:
    change_conversation(user=operator, conversation=Conversation.objects.get(), status=status)


def test_the_first_message_waits_for_the_answers(intro: Chat, context: BrowserContext) -> None:
    email, consent = intro.panel.get_by_label("E-mail"), intro.panel.get_by_role("checkbox").last
    intro.write("Do you deliver?")
    expect(email).to_be_focused()
    expect(email).to_have_accessible_description("Fill in this field.")
    email.fill("nobody")
    intro.send_button.click()
    expect(email).to_have_accessible_description("Check this field.")
    email.fill("maria@example.com")
    intro.send_button.click()
    expect(consent).to_be_focused()
    expect(consent).to_have_accessible_description("We need your consent to begin.")
    assert not Contact.objects.exists()
    assert context.storage_state() == {"cookies": [], "origins": []}
    link = intro.panel.get_by_role("link", name="Privacy policy")
    expect(link).to_have_attribute("href", "https://example.com/privacy")
    consent.check()
    expect(intro.input).to_have_value("Do you deliver?")
    intro.send_button.click()

    expect(intro.bubble("Do you deliver?")).to_contain_text("Sent")
    expect(email).to_be_hidden()
    contact = Contact.objects.get()
    assert (contact.name, contact.email) == ("", "maria@example.com")
    assert Consent.objects.get().url == "https://example.com/privacy"
    intro.page.reload()
    expect(intro.bubble("Do you deliver?")).to_be_visible()
    expect(email).to_be_hidden()


def test_answers_that_the_server_refuses_are_asked_for_again(intro: Chat) -> None:
    email = intro.panel.get_by_label("E-mail")
    email.fill("maria@example")  # good enough for browsers
    intro.panel.get_by_role("checkbox").last.check()
    bubble = intro.write("Do you deliver?")
    expect(bubble).to_contain_text("Not sent")
    expect(email).to_be_focused()
    expect(email).to_have_accessible_description("Check this field.")
    email.fill("maria@example.com")
    bubble.get_by_role("button", name="Try again").click()
    intro.panel.get_by_role("group", name="Before we begin").get_by_role("button").click()

    expect(bubble).to_contain_text("Sent")
    assert Contact.objects.get().email == "maria@example.com"


def test_words_written_before_the_questions_are_known(asking: Inbox, chat: Chat) -> None:
    """The settings of the inbox come late: nothing is sent without consent, nothing is lost."""
    held: list[Route] = []
    chat.page.route("**/config/**", lambda route: held.append(route))
    bubble = chat.open().write("In a hurry")
    chat.page.wait_for_timeout(500)
    assert not Contact.objects.exists()
    held[0].continue_()
    card = chat.panel.get_by_role("group", name="Before we begin")
    chat.panel.get_by_label("E-mail").fill("maria@example.com")
    card.get_by_role("checkbox").check()
    card.get_by_role("button", name="Send").click()

    expect(bubble).to_contain_text("Sent")
    assert Contact.objects.get().email == "maria@example.com"


def test_rating(chat: Chat, operator: Any) -> None:
    chat.open().say("Hello?")
    end(operator)
    stars = chat.panel.get_by_role("radio")
    expect(stars).to_have_count(5)
    expect(chat.panel.get_by_role("group", name="How did we do?")).to_be_visible()
    stars.first.focus()
    chat.page.keyboard.press("ArrowRight")
    chat.page.keyboard.press("ArrowRight")
    expect(chat.panel.get_by_role("radio", name="3 stars out of 5")).to_be_checked()
    chat.panel.get_by_label("Anything to add?").fill("Quick & kind <3")
    chat.log.get_by_role("button", name="Send").click()

    expect(chat.log).to_contain_text("Thank you for your rating!")
    expect(stars).to_have_count(0)
    expect(chat.input).to_be_focused()
    conversation = Conversation.objects.get()
    assert conversation.rating == 3
    assert Rating.objects.get().comment == "Quick & kind <3"
    chat.page.reload()
    expect(chat.log).to_contain_text("This conversation is finished")
    expect(stars).to_have_count(0)  # one rating is enough


def test_writing_again(chat: Chat, operator: Any) -> None:
    chat.open().say("Hello?")
    end(operator)
    chat.log.get_by_role("button", name="Write again").click()
    expect(chat.input).to_be_focused()
    chat.say("One more thing")

    expect(chat.log).not_to_contain_text("This conversation is finished")
    assert Conversation.objects.get().status == "open"


def test_inbox_without_extras(visit: Visit, inbox: Inbox, operator: Any) -> None:
    inbox.ask_rating = inbox.offer_emoji = inbox.show_typing = inbox.play_sound = False
    save_inbox(inbox)
    chat = visit().open()
    expect(chat.log).to_contain_text("Ask us about wood.")
    expect(chat.panel.get_by_role("button", name="Emoji")).to_have_count(0)
    asked: list[str] = []
    chat.page.on("request", lambda request: asked.append(request.url))
    chat.say("Hello?")
    chat.input.press_sequentially("More")
    chat.page.wait_for_timeout(300)
    end(operator)
    expect(chat.log).to_contain_text("This conversation is finished")

    expect(chat.panel.get_by_role("radio")).to_have_count(0)
    assert not [url for url in asked if url.endswith("/typing/")]


def test_too_many_unanswered(chat: Chat) -> None:
    chat.open().say("Hello?")
    headers = {**CORS, "Retry-After": "60", "Access-Control-Expose-Headers": "Retry-After"}
    answer = {"detail": "", "code": "too_many_unanswered"}
    chat.page.route(
        "**/send/", lambda route: route.fulfill(status=429, json=answer, headers=headers)
    )
    chat.write("And another one")

    expect(chat.bar).to_have_text("Your messages will go out after an answer.")
    assert Message.objects.count() == 1
