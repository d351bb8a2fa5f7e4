"""The widget as a guest in somebody else's page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from django_messenger.models import Conversation, Inbox, Message
from django_messenger.services.inboxes import save_inbox
from django_messenger.services.messages import reply_message
from tests.browser.chat import Chat
from tests.browser.conftest import Visit
from tests.browser.servers import UNLIMITED, Messenger, Site, tag

pytestmark = pytest.mark.browser


def test_until_opened_there_is_the_script_and_nothing_else(
    visit: Visit, messenger: Messenger, context: BrowserContext
) -> None:
    chat = visit(context=context)
    asked: list[str] = []
    chat.page.on("request", lambda request: asked.append(request.url))
    chat.page.reload()
    expect(chat.launcher).to_be_visible()
    chat.page.wait_for_timeout(500)

    assert [url for url in asked if url.startswith(messenger.origin)] == [
        f"{messenger.origin}/api/widget/loader.js"
    ]
    chat.open()
    expect(chat.log).to_contain_text("Ask us about wood.")
    assert context.storage_state() == {"cookies": [], "origins": []}
    assert [call[:2] for call in messenger.requests()] == [
        ("GET", "/loader.js"),
        ("GET", "/static/django_messenger/widget.js"),
        ("GET", "/config/"),
    ]


def test_no_call_needs_a_preflight(visit: Visit, messenger: Messenger) -> None:
    chat = visit().open()
    chat.say("Hello?")
    chat.page.wait_for_timeout(1500)

    calls = {path.rpartition("/static/")[2] for _, path, _ in messenger.requests()}
    visitors = {"/loader.js", "/config/", "/bootstrap/", "/send/", "/poll/", "/stream/"}
    assert calls == {*visitors, "django_messenger/widget.js"}
    assert {method for method, _, _ in messenger.requests()} == {"GET", "POST"}
    assert {status for _, _, status in messenger.requests()} <= {200, 201, 304}


@pytest.mark.parametrize(
    "policy",
    [
        "default-src 'none'; script-src {messenger}; connect-src {messenger}; style-src 'self'",
        "default-src 'none'; script-src {messenger}; connect-src {messenger};"
        " require-trusted-types-for 'script'; trusted-types django-messenger",
        "default-src 'none'; script-src 'nonce-n0nce' 'strict-dynamic'; style-src 'nonce-n0nce';"
        " connect-src {messenger}",
    ],
    ids=["hosts", "trusted-types", "nonce"],
)
def test_strict_policy(visit: Visit, messenger: Messenger, inbox: Inbox, policy: str) -> None:
    head = tag(messenger, inbox.widget_token, nonce="n0nce")
    chat = visit(head=head, policy=policy.format(messenger=messenger.origin)).open()
    chat.say("See https://example.com/")

    assert chat.launcher.evaluate("node => getComputedStyle(node).position") == "fixed"
    expect(chat.log.get_by_role("link")).to_be_visible()
    # Violations land in the console, and ``new_context`` fails the test for them.


def test_styles_without_constructable_sheets(
    new_context: Callable[..., BrowserContext], site: Site, messenger: Messenger, inbox: Inbox
) -> None:
    context = new_context()
    context.add_init_script("delete window.CSSStyleSheet")
    page = context.new_page()
    policy = f"script-src {messenger.origin}; style-src 'nonce-n0nce'"
    head = tag(messenger, inbox.widget_token, nonce="n0nce")
    page.goto(site.show("<h1>Shop</h1>", head=head, policy=policy))
    chat = Chat(page).open()

    assert chat.launcher.evaluate("node => getComputedStyle(node).position") == "fixed"


def test_tag_twice_is_one_widget(visit: Visit, messenger: Messenger, inbox: Inbox) -> None:
    twice = tag(messenger, inbox.widget_token)
    chat = visit(content=f"{twice}<h1>Shop</h1>{twice}", head=twice)
    expect(chat.launcher).to_be_visible()
    chat.page.wait_for_timeout(300)

    assert chat.element.count() == 1
    assert chat.element.evaluate("node => node.parentNode.localName") == "html"


def test_tag_without_token_does_nothing(visit: Visit, messenger: Messenger) -> None:
    chat = visit(head=tag(messenger, ""))
    chat.page.wait_for_timeout(300)

    assert chat.element.count() == 0


@pytest.mark.parametrize("case", ["unknown", "inactive", "origin"])
def test_widget_that_may_not_be_here_goes_away(
    visit: Visit, messenger: Messenger, inbox: Inbox, case: str
) -> None:
    if case == "unknown":
        inbox.widget_token = "unknown-token"
    elif case == "inactive":
        inbox.is_active = False
        save_inbox(inbox)
    else:
        inbox.allowed_origins = ["https://example.com"]
        save_inbox(inbox)
    chat = visit(head=tag(messenger, inbox.widget_token))
    chat.launcher.click()

    expect(chat.element).to_have_count(0, timeout=15_000)
    calls = len(messenger.requests())
    chat.page.wait_for_timeout(1500)
    assert len(messenger.requests()) == calls


def test_unreachable_server_keeps_the_chat(visit: Visit, context: BrowserContext) -> None:
    chat = visit(context=context)
    chat.launcher.hover()
    expect(chat.panel).to_be_attached()
    context.set_offline(True)
    chat.open()
    expect(chat.bar).to_contain_text("No connection")
    context.set_offline(False)

    expect(chat.log).to_contain_text("Ask us about wood.")


def test_without_network_the_chat_opens_later(visit: Visit, context: BrowserContext) -> None:
    chat = visit(context=context)
    expect(chat.launcher).to_be_visible()
    context.set_offline(True)
    chat.launcher.click()
    expect(chat.launcher).to_have_attribute("aria-busy", "true")
    context.set_offline(False)

    expect(chat.input).to_be_focused()
    expect(chat.launcher).not_to_have_attribute("aria-busy", "true")


def test_switched_off(
    start_messenger: Callable[..., Messenger], site: Site, inbox: Inbox, context: BrowserContext
) -> None:
    messenger = start_messenger(**UNLIMITED)
    page = context.new_page()
    page.goto(site.show("<h1>Shop</h1>", head=tag(messenger, inbox.widget_token)))
    chat = Chat(page).open()
    chat.say("Hello?")
    messenger.stop()
    messenger.start(enabled=False)

    expect(chat.element).to_have_count(0, timeout=20_000)
    calls = len(messenger.requests())
    page.wait_for_timeout(3500)  # longer than it ever waits with an open chat
    assert len(messenger.requests()) == calls
    other = context.browser.new_context()  # type: ignore[union-attr]
    fresh = other.new_page()
    fresh.goto(page.url)
    expect(fresh.locator("h1")).to_have_text("Shop")
    assert fresh.locator("django-messenger").count() == 0
    other.close()


def test_hostile_markup_is_text(visit: Visit, operator: object) -> None:
    hostile = (
        "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
        ' javascript:alert(1) data:text/html,x <a href="javascript:alert(1)">x</a>'
    )
    chat = visit().open()
    chat.say(hostile)
    reply_message(user=operator, conversation=Conversation.objects.get(), body=hostile)
    expect(chat.log.locator(".row").filter(has_text="onerror")).to_have_count(2)

    assert chat.texts == [hostile, hostile]
    assert chat.page.title() == "Shop"
    assert chat.log.locator("img, script, a").count() == 0


def test_links(visit: Visit) -> None:
    chat = visit().open()
    chat.write(
        "https://example.com/a?b=1&c=2, (http://example.com/x) https://en.example/wiki/A_(b)"
        " https://bank.example@evil.example/ https://раypal.example/ HTTPS://EXAMPLE.COM/Q!"  # noqa: RUF001
    )
    expect(chat.own).to_contain_text("Sent")
    links = chat.log.get_by_role("link")
    expect(links).to_have_count(5)

    assert links.all_text_contents() == [
        "https://example.com/a?b=1&c=2",
        "http://example.com/x",
        "https://en.example/wiki/A_(b)",
        "https://xn--ypal-43d9g.example/",
        "HTTPS://EXAMPLE.COM/Q",
    ]
    first = links.first
    expect(first).to_have_attribute("rel", "noopener noreferrer nofollow")
    expect(first).to_have_attribute("target", "_blank")


def test_hostile_styles_of_the_page(visit: Visit) -> None:
    head_style = (
        "<style>:not(html) { all: unset !important; opacity: 0 !important; scale: 3 !important }"
        " button { display: none !important } body { transform: translateY(2000px) }</style>"
    )
    plain = visit()
    expect(plain.launcher).to_be_visible()
    place, picture = plain.launcher.bounding_box(), plain.launcher.screenshot()
    chat = visit(content=f"{head_style}<h1>Shop</h1>")
    expect(chat.launcher).to_be_visible()

    assert chat.launcher.bounding_box() == place
    assert chat.launcher.screenshot() == picture
    chat.open()
    plain.open()
    assert chat.panel.screenshot() == plain.panel.screenshot()


def test_page_does_not_hear_what_is_typed(visit: Visit) -> None:
    chat = visit()
    chat.page.evaluate(
        "for (const type of ['keydown', 'keypress', 'keyup'])"
        " document.addEventListener(type, event => { document.title += event.key })"
    )
    chat.open()
    chat.input.press_sequentially("a/b?")
    chat.input.press("Escape")

    assert chat.page.title() == "Shop"


def test_site_without_https(visit: Visit, site: Site, context: BrowserContext) -> None:
    """There browsers know neither ``crypto.randomUUID`` nor Web Locks."""
    visit(context=context)
    page: Page = context.new_page()
    page.goto(f"http://site.test:{site.port}/")
    assert not page.evaluate("isSecureContext")
    chat = Chat(page).open()
    chat.say("Hello?")

    assert chat.texts == ["Hello?"]
    assert len(Message.objects.get().client_id) > 24


def test_swapped_body_keeps_the_chat(visit: Visit) -> None:
    chat = visit().open()
    chat.say("Hello?")
    chat.page.evaluate("document.body.replaceWith(document.createElement('body'))")
    chat.say("Still here")

    assert chat.element.count() == 1
    assert chat.texts == ["Hello?", "Still here"]
    assert Message.objects.count() == 2


@pytest.mark.parametrize(
    "text",
    [
        "\U0001f600" * 2000,
        "\u202egnp.exe\u202c \u2066left\u2069 \u200fright",
        "a\u0301" * 30 + " Z\u0335\u0321\u034c" * 40,
        "\u0645\u0631\u062d\u0628\u0627 https://example.com/ \u0643\u064a\u0641?",
        "x" * 2000,
    ],
    ids=["emoji", "bidi", "marks", "arabic", "long-word"],
)
def test_any_text_comes_back_as_it_was_sent(visit: Visit, operator: object, text: str) -> None:
    chat = visit(viewport={"width": 360, "height": 640})
    chat.launcher.click()
    chat.input.fill(text)
    chat.send_button.click()
    expect(chat.own).to_contain_text("Sent")
    reply_message(user=operator, conversation=Conversation.objects.get(), body=text)
    expect(chat.log.locator(".theirs")).to_have_count(1)

    stored = Message.objects.first()
    assert stored is not None
    assert chat.texts == [stored.body] * 2
    assert chat.log.evaluate("node => node.scrollWidth <= node.clientWidth")
    assert chat.own.evaluate(
        "node => getComputedStyle(node.querySelector('.text')).unicodeBidi"
    ) in (
        "isolate",
        "plaintext",
    )


def test_a_page_that_replaces_everything(visit: Visit) -> None:
    chat = visit().open()
    chat.say("Hello?")
    chat.page.evaluate(
        "document.documentElement.replaceChildren(document.head, document.createElement('body'))"
    )

    expect(chat.launcher).to_be_visible()
    chat.say("Still here")
    assert chat.element.count() == 1
    assert chat.texts == ["Hello?", "Still here"]
    assert Message.objects.count() == 2


@pytest.mark.parametrize("tags", [1, 2])
def test_in_the_head_of_a_page_that_takes_its_time(
    visit: Visit, messenger: Messenger, inbox: Inbox, tags: int
) -> None:
    """The script may run before there is a body, with or without ``async``."""
    blocking = tag(messenger, inbox.widget_token).replace(" async", "") * tags
    chat = visit(head=blocking).open()
    chat.say("Hello?")

    assert chat.element.count() == 1
    assert chat.texts == ["Hello?"]
    assert Message.objects.get().body == "Hello?"
