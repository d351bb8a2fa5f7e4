"""Takes the pictures of the documentation from a real demo: ``python -m tools.screenshots``."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tools import chromium, demo, services
from tools.processes import HOST, end

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "_static"
SIZE: ViewportSize = {"width": 1280, "height": 800}
QUESTION = "Hello! Do you deliver the oak dining table, and could it be 20 cm longer?"
ANSWER = "Good day! Yes to both: made to measure takes three weeks, delivery in the city is free."
THANKS = "Wonderful. I will come by on Saturday to look at the wood."
QUESTION_RU = "Здравствуйте! Можно ли посмотреть образцы дуба у вас в мастерской?"  # noqa: RUF001
ANSWER_RU = "Добрый день! Конечно, мы работаем каждый день с десяти до семи."  # noqa: RUF001
THANKS_RU = "Отлично, зайду в субботу 🙂"


def main() -> int:
    """Serve a demo of our own, talk in it, and take the pictures; returns the exit code."""
    found = chromium.find()
    if not found:
        print(chromium.MISSING)
        return 1
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)  # the demo data belong into a database that is thrown away
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
        playwright = stack.enter_context(sync_playwright())
        browser = stack.enter_context(
            contextlib.closing(playwright.chromium.launch(executable_path=found))
        )
        take(browser, f"http://{HOST}:{port}")
    return 0


def take(browser: Browser, site: str) -> None:
    """Let a visitor and an operator talk, and picture both sides."""
    visitor = new_page(browser)
    visitor.goto(f"{site}/")
    chat = visitor.locator("django-messenger")
    chat.locator(".launcher").click()
    say(visitor, QUESTION)

    operator = new_page(browser)
    operator.goto(f"{site}/messenger/")
    operator.locator("[name=username]").fill("anna")
    operator.locator("[name=password]").fill("demo")
    operator.keyboard.press("Enter")
    answer(operator, QUESTION, ANSWER)
    expect(chat.get_by_text(ANSWER)).to_be_visible(timeout=20_000)
    say(visitor, THANKS)
    picture(visitor, "widget")

    operator.reload()
    expect(operator.get_by_text(THANKS).first).to_be_visible()
    picture(operator, "panel")
    operator.goto(f"{site}/messenger/")
    picture(operator, "list")

    phone = browser.new_context(
        viewport={"width": 390, "height": 760}, locale="ru-RU", color_scheme="dark"
    ).new_page()
    phone.goto(f"{site}/")
    phone.locator("django-messenger .launcher").click()
    say(phone, QUESTION_RU)
    operator.goto(f"{site}/messenger/")
    answer(operator, QUESTION_RU, ANSWER_RU)
    expect(phone.get_by_text(ANSWER_RU)).to_be_visible(timeout=20_000)
    say(phone, THANKS_RU)
    picture(phone, "widget-phone")


def new_page(browser: Browser) -> Page:
    """Open a window of somebody who speaks English."""
    return browser.new_context(viewport=SIZE, locale="en-GB", color_scheme="light").new_page()


def answer(operator: Page, question: str, text: str) -> None:
    """Answer, as an operator who looks at the list, a question in it."""
    operator.locator(".dm-row", has_text=question[:30]).get_by_role("link").first.click()
    operator.locator("#dm-composer textarea").fill(text)
    operator.keyboard.press("Control+Enter")
    expect(operator.locator("#dm-thread, main").get_by_text(text).first).to_be_visible()


def say(visitor: Page, text: str) -> None:
    """Write as the visitor and wait until the server has it."""
    box = visitor.locator("django-messenger .input")
    box.fill(text)
    box.press("Enter")
    expect(visitor.locator("django-messenger .own", has_text=text)).to_contain_text("·")


def picture(page: Page, name: str) -> None:
    """Write a picture of what the window shows."""
    page.mouse.move(0, 0)
    page.wait_for_timeout(500)
    page.screenshot(path=PICTURES / f"{name}.png")
    print(f"wrote docs/_static/{name}.png")


if __name__ == "__main__":
    sys.exit(main())
