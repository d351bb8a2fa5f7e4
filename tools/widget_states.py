"""Takes every state of the widget, to be looked at: ``python -m tools.widget_states``.

In both languages, light and dark, on a phone and on a desktop, from a real demo; the pictures and
a sheet of them for each language and width go to ``test-results/widget/``.
"""

from __future__ import annotations

import base64
import contextlib
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from tools import chromium, demo, services
from tools.processes import HOST, end

FOLDER = Path(__file__).resolve().parent.parent / "test-results" / "widget"
SIZES = {"phone": (360, 740), "desktop": (1280, 800)}
THEMES = ("light", "dark")
PATIENCE = 20_000
#: What is said: by the visitor, by the operator, and what is taken back.
WORDS = {
    "en": {
        "question": "Hello! Could the oak table be 20 cm longer?",
        "answer": "Good day! Yes: see https://example.com/made-to-measure",
        "edited": "It takes three weeks.",
        "removed": "Wrong window",
        "thanks": "Wonderful, thank you",
        "waiting": "And who delivers it?",
        "refused": "This one is refused",
    },
    "ru": {
        "question": "Здравствуйте! Можно стол из дуба на 20 см длиннее?",
        "answer": "Добрый день! Да, вот так: https://example.com/made-to-measure",
        "edited": "Это займёт три недели.",
        "removed": "Ошибка, это для другого",
        "thanks": "Отлично, спасибо",
        "waiting": "Можно ли привезти?",
        "refused": "Этого не примут",
    },
}


def main() -> int:
    """Serve a demo of our own and walk through it; returns the exit code."""
    found = chromium.find()
    if not found:
        print(chromium.MISSING)
        return 1
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)  # the demo data belong into a database that is thrown away
    FOLDER.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        reserved = stack.enter_context(demo.reserve_port(0))
        port = reserved.getsockname()[1]
        running = stack.enter_context(services.start())
        environment = demo.demo_environment(running, port)
        demo.prepare(environment)
        reserved.close()
        server = demo.start_server(port, 1, environment)
        stack.callback(end, server, signal.SIGTERM)
        demo.wait_until_it_answers(server, port)
        set_up_django(environment)
        playwright = stack.enter_context(sync_playwright())
        browser = stack.enter_context(
            contextlib.closing(playwright.chromium.launch(executable_path=found))
        )
        for lang in WORDS:
            for size in SIZES:
                for theme in THEMES:
                    Walk(browser, f"http://{HOST}:{port}", lang, size, theme).go()
                sheet(browser, lang, size)
    return 0


def set_up_django(environment: dict[str, str]) -> None:
    """Let this process speak for operators, in the demo's database."""
    import django

    os.environ.update(environment, DJANGO_ALLOW_ASYNC_UNSAFE="true")
    sys.path.insert(0, str(demo.PROJECT))
    django.setup()


class Operator:
    """The other side of one conversation, which the visitor has begun last."""

    def __init__(self) -> None:
        from django.contrib.auth import get_user_model

        from django_messenger.models import Conversation

        self.user: Any = get_user_model().objects.get(username="anna")
        self.conversation = Conversation.objects.latest("pk")

    def answer(self, body: str) -> Any:
        """Reply."""
        from django_messenger.services.messages import reply_message

        return reply_message(
            user=self.user, conversation=self.conversation, body=body, force=True
        ).message

    def edit(self, message: Any, body: str) -> None:
        """Correct a reply."""
        from django_messenger.services.corrections import edit_message

        edit_message(user=self.user, message=message, body=body)

    def remove(self, message: Any) -> None:
        """Take a reply back."""
        from django_messenger.services.corrections import remove_message

        remove_message(user=self.user, message=message)

    def type(self) -> None:
        """Be seen typing."""
        from django_messenger.services.presence import note_operator

        note_operator(user=self.user, conversation=self.conversation, typing=True, viewing=True)

    def resolve(self) -> None:
        """End the conversation."""
        from django_messenger.services.conversations import change_conversation

        change_conversation(user=self.user, conversation=self.conversation, status="resolved")


def asking_inbox() -> Any:
    """An inbox of the demo that asks everything before the first message."""
    from django_messenger.models import Inbox

    inbox, _ = Inbox.objects.get_or_create(
        name="Asking",
        branch=Inbox.objects.earliest("pk").branch,
        defaults={
            "ask_name": "optional",
            "ask_email": "required",
            "ask_phone": "optional",
            "ask_consent": True,
            "consent_url": "https://example.com/privacy",
        },
    )
    return inbox


class Walk:
    """One visitor's way through all states, in one language, size and theme."""

    def __init__(self, browser: Browser, site: str, lang: str, size: str, theme: Any) -> None:
        width, height = SIZES[size]
        self.context: BrowserContext = browser.new_context(
            viewport={"width": width, "height": height},
            locale={"en": "en-GB", "ru": "ru-RU"}[lang],
            color_scheme=theme,
            reduced_motion="reduce",
        )
        self.site, self.words, self.name = site, WORDS[lang], f"{lang}-{size}-{theme}"
        self.count = 0
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)

    def go(self) -> None:
        """Take all pictures."""
        from django.core.cache import cache

        cache.clear()  # the limits of calls know one visitor only: us
        for part in (
            self.first_words,
            self.conversation,
            self.trouble,
            self.ending,
            self.questions,
        ):
            part()
        self.context.close()
        print(f"{self.name}: {self.count} states", flush=True)

    @property
    def chat(self) -> Locator:
        """The widget's element."""
        return self.page.locator("django-messenger")

    def picture(self, state: str) -> None:
        """Write a picture of what the window shows."""
        self.count += 1
        self.page.mouse.move(1, 1)
        self.page.wait_for_timeout(250)
        self.page.screenshot(path=FOLDER / f"{self.name}-{self.count:02}-{state}.png")

    def say(self, text: str) -> Locator:
        """Write as the visitor."""
        box = self.chat.locator(".input")
        box.fill(text)
        box.press("Enter")
        return self.chat.locator(".own", has_text=text)

    def see(self, text: str) -> None:
        """Wait for a text in the log."""
        expect(self.chat.locator(".log").get_by_text(text).first).to_be_visible()

    def while_answers(self, status: int, act: Callable[[], None]) -> None:
        """Do something while the server answers messages like this; 0: not at all."""

        def answer(route: Any) -> None:
            if status:
                route.fulfill(
                    status=status,
                    json={"code": "invalid", "detail": ""},
                    headers={"Access-Control-Allow-Origin": "*", "Retry-After": "30"},
                )
            else:
                route.abort()

        self.page.route("**/send/", answer)
        act()
        self.page.unroute("**/send/")

    def first_words(self) -> None:
        """The launcher, the empty chat, its menus, a text that is too long."""
        self.page.goto(f"{self.site}/")
        launcher = self.chat.locator(".launcher")
        expect(launcher).to_be_visible()
        self.picture("launcher")
        launcher.focus()
        self.page.keyboard.press("Shift+Tab")
        self.page.keyboard.press("Tab")
        self.picture("launcher-focused")
        launcher.click()
        expect(self.chat.locator(".smile")).to_be_visible()
        self.page.wait_for_timeout(500)
        self.picture("open")
        self.chat.locator(".smile").click()
        expect(self.chat.locator(".grid")).to_be_visible()
        self.picture("emoji")
        self.page.keyboard.press("Escape")
        self.chat.locator(".bell").click()
        expect(self.chat.locator(".menu")).to_be_visible()
        self.picture("settings")
        self.page.keyboard.press("Escape")
        self.chat.locator(".input").fill("x" * 2003)
        expect(self.chat.locator(".hint")).not_to_be_empty()
        self.picture("too-long")

    def conversation(self) -> None:
        """What both say to one another."""
        expect(self.say(self.words["question"])).to_contain_text("·")
        self.picture("sent")
        self.operator = Operator()
        self.operator.answer(self.words["answer"])
        self.see(self.words["answer"].partition("https")[0].strip())
        expect(self.chat.locator(".log").get_by_role("link")).to_be_visible()
        wrong = self.operator.answer(self.words["removed"])
        late = self.operator.answer("…")
        self.operator.edit(late, self.words["edited"])
        self.operator.remove(wrong)
        self.see(self.words["edited"])
        expect(self.chat.locator(".gone .text")).not_to_be_empty()
        self.operator.type()
        expect(self.chat.locator(".typing")).not_to_be_empty()
        self.picture("conversation")
        self.chat.locator("header button").last.click()
        self.operator.answer(self.words["edited"])
        expect(self.chat.locator(".badge")).to_be_visible()
        self.picture("unread")
        self.chat.locator(".launcher").click()
        expect(self.chat.locator(".badge")).to_be_hidden()

    def trouble(self) -> None:
        """No network, refusals, too many messages."""
        self.while_answers(400, lambda: expect(self.say(self.words["refused"])).to_have_class(
            "row own tail bad"
        ))  # fmt: skip
        self.picture("refused")
        self.chat.locator(".bad .meta button").last.click()
        self.context.set_offline(True)
        self.say(self.words["waiting"])
        expect(self.chat.locator(".bar")).to_be_visible()
        self.picture("offline")
        self.context.set_offline(False)
        expect(self.chat.locator(".own", has_text=self.words["waiting"])).to_contain_text("·")
        self.while_answers(429, self.hurry)
        self.page.reload()
        expect(self.chat.locator(".launcher")).to_be_visible()
        if not self.chat.locator("dialog").is_visible():
            self.chat.locator(".launcher").click()
        expect(self.chat.locator(".own", has_text=self.words["thanks"])).to_contain_text("·")

    def hurry(self) -> None:
        """Be told to wait."""
        self.say(self.words["thanks"])
        expect(self.chat.locator(".bar")).to_be_visible()
        self.picture("too-many")

    def ending(self) -> None:
        """The conversation is over."""
        self.operator.resolve()
        star = self.chat.locator(".star").nth(3)
        star.click()
        self.picture("rating")
        self.chat.locator(".ending .main").click()
        expect(self.chat.locator(".ending .lead")).to_be_visible()
        expect(star).to_be_hidden()
        self.picture("rated")

    def questions(self) -> None:
        """What an inbox wants to know first; the page of its own."""
        token = asking_inbox().widget_token
        self.page.goto(f"{self.site}/api/widget/chat/{token}/")
        expect(self.chat.locator(".card")).to_be_visible()
        self.picture("page")
        script = f'<script async src="/api/widget/loader.js" data-widget-token="{token}"></script>'
        document = f'<!doctype html><meta name="viewport" content="width=device-width">{script}'
        self.page.route("**/asking/", lambda route: route.fulfill(
            body=document, content_type="text/html"
        ))  # fmt: skip
        self.page.goto(f"{self.site}/asking/")
        self.chat.locator(".launcher").click()
        expect(self.chat.locator(".card")).to_be_visible()
        self.chat.locator("[type=tel]").fill("12")
        self.say(self.words["question"])
        self.picture("questions")


def sheet(browser: Browser, lang: str, size: str) -> None:
    """Put the pictures of one language and size beside one another, in one picture."""
    width, columns = (240, 9) if size == "phone" else (480, 4)
    cells = ""
    for path in sorted(FOLDER.glob(f"{lang}-{size}-*-*.png")):
        data = base64.b64encode(path.read_bytes()).decode()
        title = path.stem.removeprefix(f"{lang}-{size}-")
        cells += f'<figure><img src="data:image/png;base64,{data}" width="{width}">{title}</figure>'
    page = browser.new_page(viewport={"width": columns * (width + 8), "height": 600})
    style = f"*{{margin:0}}body{{display:grid;grid-template-columns:repeat({columns},1fr);gap:6px}}"
    page.set_content(f"<style>{style}figure{{font:12px sans-serif}}</style>{cells}")
    page.screenshot(path=FOLDER / f"sheet-{lang}-{size}.png", full_page=True)
    page.close()


if __name__ == "__main__":
    sys.exit(main())
