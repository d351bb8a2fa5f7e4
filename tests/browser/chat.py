"""The widget as a visitor sees it."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


class Chat:
    """The chat on one page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.element = page.locator("django-messenger")
        self.launcher = self.element.locator(".launcher")
        self.panel = self.element.locator("dialog")
        self.input = self.panel.locator(".input")
        self.send_button = self.panel.locator(".send")
        self.bar = self.panel.locator(".bar")
        self.hint = self.panel.locator(".hint")
        self.log = self.panel.get_by_role("log")
        self.own = self.log.locator(".own")
        self.badge = self.element.locator(".badge")

    def open(self) -> Chat:
        """Press the launcher."""
        self.launcher.click()
        expect(self.input).to_be_focused()
        return self

    def open_if_closed(self) -> Chat:
        """Press the launcher if the panel is not there yet."""
        expect(self.launcher).to_be_visible()
        return self if self.panel.is_visible() else self.open()

    def close(self) -> None:
        """Press the cross."""
        self.close_by("Close chat")

    def close_by(self, name: str) -> None:
        """Press the button of this name in the panel."""
        self.panel.get_by_role("button", name=name).click()
        expect(self.panel).to_be_hidden()

    def write(self, text: str) -> Locator:
        """Type a text, press Enter and return its bubble."""
        self.input.fill(text)
        self.input.press("Enter")
        return self.bubble(text)

    def say(self, text: str) -> Locator:
        """Write a text and wait until the server has it."""
        bubble = self.write(text)
        expect(bubble).to_contain_text("Sent")
        return bubble

    def bubble(self, text: str) -> Locator:
        """The row of a message that holds the text."""
        return self.log.locator(".row").filter(has_text=text)

    @property
    def texts(self) -> list[str]:
        """The messages in order, without the greeting."""
        return self.log.locator(".row .text").all_text_contents()[1:]
