"""What the embedding page can do with the chat, and learns of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from django_messenger.models import Contact, Conversation, Inbox, Message, Visitor
from django_messenger.services.identity import sign_identity
from django_messenger.services.inboxes import save_inbox
from django_messenger.services.messages import reply_message
from tests.browser.conftest import Visit
from tests.browser.servers import Messenger

pytestmark = pytest.mark.browser

QUEUE = """<script>
  window.DjangoMessenger = function () {
    (DjangoMessenger.q = DjangoMessenger.q || []).push(arguments);
  };
  window.heard = [];
  for (const name of ['ready', 'open', 'close', 'unread', 'send', 'sent', 'failed', 'message']) {
    DjangoMessenger('on', name, detail => heard.push(name));
    document.addEventListener('messenger:' + name, ({ detail }) => heard.push('dom ' + name));
  }
</script>"""


@pytest.fixture
def vouching(inbox: Inbox) -> Inbox:
    """An inbox that takes signed identities."""
    inbox.identity_mode = Inbox.IdentityMode.OPTIONAL
    inbox.identity_secret = "s" * 40
    save_inbox(inbox)
    return inbox


def sign(inbox: Inbox, person: str) -> str:
    return sign_identity(inbox, external_id=person, name=person.title())


def call(page: Page, text: str) -> Any:
    """Evaluate something of the API, ``m`` for short."""
    return page.evaluate(f"async () => {{ const m = DjangoMessenger; return {text} }}")


def test_calls_before_the_script_are_kept(visit: Visit, messenger: Messenger) -> None:
    chat = visit(content=f"{QUEUE}<script>DjangoMessenger('open')</script>")
    expect(chat.input).to_be_focused()

    assert call(chat.page, "[m.v, m.isOpen, m.unread]") == [1, True, 0]
    assert chat.page.evaluate("heard") == ["dom ready", "ready", "open", "dom open"]


def test_events(visit: Visit, operator: Any) -> None:
    chat = visit(content=QUEUE)
    page = chat.page
    page.evaluate(
        "() => { for (const name of ['sent', 'message', 'unread'])"
        " DjangoMessenger.on(name, detail => { window['last_' + name] = detail }) }"
    )
    chat.open().say("Hello?")
    message = Message.objects.get()
    assert page.evaluate("last_sent") == {"cid": message.client_id, "id": str(message.public_id)}
    chat.close()
    reply_message(user=operator, conversation=Conversation.objects.get(), body="Good day")
    expect(chat.badge).to_have_text("1")
    heard = [name for name in page.evaluate("heard") if not name.startswith("dom")]

    assert heard == ["ready", "open", "send", "message", "sent", "close", "message", "unread"]
    assert page.evaluate("last_unread") == {"count": 1}
    assert page.evaluate("last_message.messages[0].body") == "Good day"
    assert call(chat.page, "m.unread") == 1


@pytest.mark.parametrize("private", [True, False])
def test_other_scripts_do_not_read_along(visit: Visit, private: bool) -> None:
    chat = visit({"data-private": ""} if private else {})
    chat.page.evaluate(
        "document.addEventListener('messenger:message', e => { window.overheard = e.detail })"
    )
    chat.open().say("My secret")

    assert ("My secret" in json.dumps(chat.page.evaluate("overheard"))) is not private


def test_commands(visit: Visit) -> None:
    chat = visit({"data-hide-launcher": ""})
    page = chat.page
    expect(chat.element).to_be_attached()
    expect(chat.launcher).to_be_hidden()
    call(page, "m('show')")
    expect(chat.launcher).to_be_visible()
    call(page, "m.hide()")
    expect(chat.launcher).to_be_hidden()
    call(page, "m.toggle()")
    expect(chat.panel).to_be_visible()
    call(page, "m.close()")
    expect(chat.panel).to_be_hidden()
    call(page, "m.send('From the page')")
    call(page, "m.open()")
    expect(chat.bubble("From the page")).to_contain_text("Sent")
    call(page, "void (window.times = 0, window.off = m.on('close', () => window.times++))")
    call(page, "m.close(), window.off(), m.open(), m.close()")
    assert page.evaluate("window.times") == 1
    call(page, "m.destroy()")

    expect(chat.element).to_have_count(0)
    assert page.evaluate("typeof DjangoMessenger") == "undefined"
    assert Message.objects.count() == 1


def test_elements_of_the_page_open_it(visit: Visit) -> None:
    content = '<a class="help" href="/elsewhere"><b>Help</b></a>'
    chat = visit({"data-open-on": ".help", "data-hide-launcher": ""}, content=content)
    expect(chat.element).to_be_attached()
    chat.page.get_by_text("Help").click()
    expect(chat.input).to_be_focused()
    chat.close()

    expect(chat.page.get_by_role("link", name="Help")).to_be_focused()


def test_what_the_page_knows_of_the_visitor(visit: Visit) -> None:
    chat = visit()
    call(chat.page, "m.identify({name: 'Maria', email: 'maria@example.com'})")
    call(chat.page, "m.setAttributes({basket: 3})")
    chat.open().say("Hello?")
    contact = Contact.objects.get()
    assert (contact.name, contact.email, contact.trust) == ("Maria", "maria@example.com", "claimed")
    with chat.page.expect_response("**/identify/"):
        call(chat.page, "m.identify({name: 'Maria Petrova'})")
    with chat.page.expect_response("**/identify/"):
        call(chat.page, "m.setAttributes({plan: 'gold'})")

    contact.refresh_from_db()
    assert contact.name == "Maria Petrova"
    assert {"basket", "plan"} <= set(Conversation.objects.get().attributes)


def test_signed_identity_finds_the_history_on_another_device(visit: Visit, vouching: Inbox) -> None:
    token = sign(vouching, "maria")
    first = visit({"data-identity": token}).open()
    first.say("From the desk")
    second = visit({"data-identity": token}).open()
    second.write("From the phone")

    expect(second.bubble("From the phone")).to_contain_text("Sent")
    assert second.texts == ["From the desk", "From the phone"]
    assert Contact.objects.get().trust == "verified"


def test_another_user_of_the_browser_sees_nothing(
    visit: Visit, vouching: Inbox, context: BrowserContext
) -> None:
    chat = visit({"data-identity": sign(vouching, "maria")}, context=context).open()
    chat.say("Mine alone")
    other = visit({"data-identity": sign(vouching, "oleg")}, context=context).open()
    expect(other.log).to_contain_text("Ask us about wood.")
    other.say("Who am I?")
    assert other.texts == ["Who am I?"]
    nobody = visit(context=context).open()
    expect(nobody.log).to_contain_text("Ask us about wood.")

    assert nobody.texts == []
    assert Contact.objects.count() == 2


def test_logging_in_keeps_what_was_said(visit: Visit, vouching: Inbox) -> None:
    chat = visit().open()
    chat.say("Before")
    with chat.page.expect_response("**/identify/"):
        chat.page.evaluate("token => DjangoMessenger.identify({token})", sign(vouching, "maria"))
    chat.say("After")
    chat.page.reload()  # the page knows nobody now: as after logging out
    chat.open_if_closed()
    expect(chat.log).to_contain_text("Ask us about wood.")

    assert chat.texts == []
    assert list(Message.objects.order_by("pk").values_list("body", flat=True)) == [
        "Before",
        "After",
    ]
    assert Contact.objects.filter(trust="verified").count() == 1


def test_identity_that_does_not_hold(visit: Visit, vouching: Inbox) -> None:
    stranger = vouching.__class__(public_id=vouching.public_id, identity_secret="x" * 40)
    chat = visit({"data-identity": sign(stranger, "maria")}).open()
    expect(chat.write("Let me in")).to_contain_text("Not sent")

    expect(chat.bar).to_contain_text(" ")
    assert not Contact.objects.exists()


def test_reset_leaves_nothing(visit: Visit, context: BrowserContext, operator: Any) -> None:
    chat = visit(context=context).open()
    chat.say("Mine")
    twin = visit(context=context).open_if_closed()
    expect(twin.bubble("Mine")).to_be_visible()
    with chat.page.expect_response("**/end-session/"):
        call(chat.page, "m.reset()")

    for each in (chat, twin):
        expect(each.bubble("Mine")).to_have_count(0)
    assert context.storage_state()["origins"] == []
    assert Visitor.objects.filter(revoked_at=None).count() == 0
    chat.say("Somebody else")
    assert Contact.objects.count() == 2


def test_chunk_of_another_release(
    visit: Visit, messenger: Messenger, context: BrowserContext
) -> None:
    """An old loader makes way for the newest one; without a fitting chat, to the hosted page."""
    context.route(
        "**/widget.js",
        lambda route: route.fulfill(body="window.old = true", content_type="text/javascript"),
    )
    chat = visit(context=context)
    chat.launcher.click()
    chat.page.wait_for_function("window.old")
    expect(chat.launcher).to_be_visible()
    with context.expect_page() as opened:
        expect(chat.launcher).not_to_have_attribute("aria-busy", "true")
        chat.launcher.click()

    assert "/api/widget/chat/" in opened.value.url
    assert messenger.count("/loader.js", "GET") == 2
