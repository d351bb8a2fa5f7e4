"""Nothing that was sent is lost or stored twice, whatever happens on the way."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import BrowserContext, Request, Route, expect

from django_messenger.models import Contact, Conversation, Inbox, Message, Visitor
from django_messenger.services.messages import reply_message
from tests.browser.chat import Chat
from tests.browser.servers import UNLIMITED, Messenger, Site, tag
from tests.cache_keys import NAMESPACE

pytestmark = pytest.mark.browser


def flush_cache() -> None:
    """Forget all that the cache knows; the keys of other test runs stay."""
    client = cache.client.get_client(write=True)  # type: ignore[attr-defined]
    for key in client.scan_iter(f"*{os.environ[NAMESPACE]}:*"):
        client.delete(key)


def test_lost_answers_and_errors_make_one_row(chat: Chat, messenger: Messenger) -> None:
    keys: list[str] = []

    def meddle(route: Route, request: Request) -> None:
        keys.append(dict(p.split("=") for p in (request.post_data or "").split("&"))["client_id"])
        if len(keys) == 1:
            route.fetch()  # the server stores it, but the answer gets lost
            route.abort()
        elif len(keys) == 2:
            headers = {"Access-Control-Allow-Origin": "*", "Retry-After": "1"}
            route.fulfill(status=503, json={"detail": "", "code": ""}, headers=headers)
        else:
            route.continue_()

    chat.page.route("**/send/", meddle)
    chat.open()
    bubble = chat.write("Once and only once")
    expect(bubble).to_contain_text("Will be sent later")
    expect(bubble).to_contain_text("Sent")

    assert len(keys) == 3
    assert len(set(keys)) == 1
    assert Message.objects.count() == 1
    assert chat.texts == ["Once and only once"]


def test_the_history_may_be_quicker_than_the_answer_to_a_message(
    chat: Chat, messenger: Messenger
) -> None:
    """A page that was left while a message was on its way asks again, and only once."""
    held: list[Route] = []
    chat.open().say("Before")
    chat.page.route("**/send/", lambda route: (route.fetch(), held.append(route)))
    chat.write("On its way")
    expect(chat.bubble("On its way")).to_be_visible()
    chat.page.reload()
    with chat.page.expect_response("**/history/"):
        chat.open_if_closed()
    chat.page.wait_for_timeout(500)
    for route in held[1:]:
        route.continue_()
    chat.page.unroute("**/send/")

    expect(chat.bubble("On its way")).to_contain_text("Sent")
    chat.page.wait_for_timeout(1000)
    assert messenger.count("/send/") <= 5
    assert chat.texts == ["Before", "On its way"]
    assert Message.objects.count() == 2


def test_text_written_offline_goes_out_once(chat: Chat, context: BrowserContext) -> None:
    chat.open().say("Before")
    context.set_offline(True)
    expect(chat.bar).to_contain_text("No connection")
    chat.write("In the tunnel")
    chat.write("Still in the tunnel")
    context.set_offline(False)

    expect(chat.bubble("Still in the tunnel")).to_contain_text("Sent")
    expect(chat.bar).to_be_hidden()
    assert chat.texts == ["Before", "In the tunnel", "Still in the tunnel"]
    assert list(Message.objects.order_by("seq").values_list("body", flat=True)) == chat.texts


def test_text_written_offline_survives_the_tab(chat: Chat, context: BrowserContext) -> None:
    url = chat.page.url
    chat.open()
    context.set_offline(True)
    chat.write("Very first words")
    chat.page.close()
    context.set_offline(False)
    page = context.new_page()
    page.goto(url)
    later = Chat(page)
    later.open()

    expect(later.bubble("Very first words")).to_contain_text("Sent")
    page.reload()
    expect(later.bubble("Very first words")).to_be_visible()
    assert Message.objects.count() == 1
    assert later.texts == ["Very first words"]


def test_refused_message_can_be_sent_again_or_deleted(chat: Chat) -> None:
    def refuse(route: Route) -> None:
        headers = {"Access-Control-Allow-Origin": "*"}
        route.fulfill(status=400, json={"detail": "", "code": "invalid"}, headers=headers)

    chat.page.route("**/send/", refuse)
    chat.open()
    good, bad = chat.write("Good"), chat.write("Bad")
    expect(good).to_contain_text("Not sent")
    expect(bad).to_contain_text("Not sent")
    expect(chat.element.get_by_role("status")).to_have_text("Not sent: Bad")
    chat.page.unroute("**/send/")
    chat.page.reload()
    chat.open_if_closed()
    expect(bad).to_contain_text("Not sent")
    bad.get_by_role("button", name="Delete").click()
    good.get_by_role("button", name="Try again").click()

    expect(good).to_contain_text("Sent")
    expect(bad).to_have_count(0)
    assert Message.objects.get().body == "Good"


def test_flushed_cache_is_not_noticed(chat: Chat, operator: Any, messenger: Messenger) -> None:
    chat.open().say("Before")
    flush_cache()
    chat.say("After")
    reply_message(user=operator, conversation=Conversation.objects.get(), body="I am here")
    flush_cache()

    expect(chat.bubble("I am here")).to_be_visible()
    assert chat.texts == ["Before", "After", "I am here"]
    assert Contact.objects.count() == Visitor.objects.count() == Conversation.objects.count() == 1
    assert (messenger.count("/bootstrap/"), messenger.count("/send/")) == (3, 3)


def test_forgotten_visitor_begins_anew(chat: Chat) -> None:
    chat.open().say("Before")
    Visitor.objects.all().delete()
    chat.say("After")

    assert chat.texts == ["Before", "After"]
    assert Message.objects.count() == 2
    assert Contact.objects.count() == 2


def test_server_restart(
    start_messenger: Callable[..., Messenger], site: Site, inbox: Inbox, context: BrowserContext
) -> None:
    messenger = start_messenger(**UNLIMITED)
    page = context.new_page()
    page.goto(site.show("<h1>Shop</h1>", head=tag(messenger, inbox.widget_token)))
    chat = Chat(page).open()
    chat.say("Before")
    messenger.stop()
    bubble = chat.write("Meanwhile")
    expect(chat.bar).to_contain_text("No connection")
    messenger.start()

    expect(bubble).to_contain_text("Sent", timeout=20_000)
    assert chat.texts == ["Before", "Meanwhile"]
    assert Message.objects.count() == 2
    assert Contact.objects.count() == 1


def test_limits_are_told_in_words_and_kept(
    start_messenger: Callable[..., Messenger], site: Site, inbox: Inbox, context: BrowserContext
) -> None:
    rates = {**UNLIMITED["THROTTLE_RATES"], "send": "2/4s/session"}
    messenger = start_messenger(THROTTLE_RATES=rates)
    page = context.new_page()
    page.goto(site.show("<h1>Shop</h1>", head=tag(messenger, inbox.widget_token)))
    chat = Chat(page).open()
    texts = [f"Number {number}" for number in range(6)]
    for text in texts:
        chat.write(text)

    expect(chat.bar).to_contain_text("Too many messages at once. Next try in ")
    expect(chat.bubble(texts[5])).to_contain_text("Sent", timeout=40_000)
    expect(chat.bar).to_be_hidden()
    assert chat.texts == texts
    assert list(Message.objects.order_by("seq").values_list("body", flat=True)) == texts
    refused = messenger.requests().count(("POST", "/send/", 429))
    assert 1 <= refused <= 5


def test_storage_that_cannot_be_used(
    new_context: Callable[..., BrowserContext], site: Site, messenger: Messenger, inbox: Inbox
) -> None:
    context = new_context()
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('blocked') }})"
    )
    page = context.new_page()
    page.goto(site.show("<h1>Shop</h1>", head=tag(messenger, inbox.widget_token)))
    chat = Chat(page).open()
    chat.say("First")
    chat.say("Second")

    assert chat.texts == ["First", "Second"]
    assert Conversation.objects.count() == 1


def test_full_storage_loses_nothing(chat: Chat) -> None:
    chat.open()
    chat.page.evaluate("void (Storage.prototype.setItem = () => { throw new Error('full') })")
    chat.say("First")
    chat.say("Second")

    assert Message.objects.count() == 2
    assert Conversation.objects.count() == 1


def test_answers_of_somebody_else_are_no_answers(chat: Chat) -> None:
    """A hotel's login page says 200 or 404 to everything."""
    chat.open()
    headers = {"Access-Control-Allow-Origin": "*"}
    answers = [200, 404]
    chat.page.route(
        "**/bootstrap/",
        lambda route: (
            route.fulfill(status=answers.pop(0), body="<h1>Log in</h1>", headers=headers)
            if answers
            else route.continue_()
        ),
    )
    chat.say("Hello?")

    assert Message.objects.count() == 1
