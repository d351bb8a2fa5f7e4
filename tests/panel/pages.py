"""A reader of the panel without a script: it sees text and links, fills forms, presses buttons."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

from django.test import Client

from django_messenger.models import Conversation

LIST = "/messenger/"

Attributes = dict[str, str | None]
_BREAK = "\x1e"
_OFFERS = re.compile(r"<footer.*?</footer>", re.DOTALL)  # closed until somebody asks
_VOID = ("input", "meta", "link", "br", "img", "path", "circle")
_SILENT = ("script", "style", "template", "title")
_BLOCKS = ("p", "li", "div", "h1", "h2", "dt", "dd", "article", "section", "option", "label")


def url_of(conversation: Conversation) -> str:
    """Return the path of a conversation's page."""
    return f"{LIST}{conversation.public_id}/"


@dataclass
class Form:
    """What a browser would send for a form."""

    method: str = "post"
    action: str = ""
    fields: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Button:
    """A submit button and its form."""

    form: Form
    name: str
    value: str
    text: str = ""
    label: str = ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.title = ""
        self.links: dict[str, str] = {}
        self.buttons: list[Button] = []
        self.fields: dict[str, Attributes] = {}
        self.form: Form | None = None
        self.forms: dict[str, Form] = {}  # by id: a field may stand elsewhere
        self._stack: list[str] = []
        self._link = self._button = self._select = self._area = None  # type: Any
        self._hidden = 0  # how deep in what nobody sees

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in _VOID:
            return self._handle_field(tag, given)
        self._stack.append(tag)
        if self._hidden or "hidden" in given or tag == "dialog":
            self._hidden += 1
        if tag in _BLOCKS:
            self.text.append(_BREAK)
        if tag == "form":
            self.form = self.forms.setdefault(given.get("id") or str(len(self.forms)), Form())
            self.form.method = given.get("method") or "get"
            self.form.action = given.get("action") or ""
        elif tag == "a":
            self._link = [given.get("href"), "", given.get("aria-label")]
        else:
            self._handle_field(tag, given)

    def _handle_field(self, tag: str, given: Attributes) -> None:
        form = self.forms.setdefault(given["form"], Form()) if given.get("form") else self.form
        if form is None:
            return
        name, value = given.get("name") or "", given.get("value") or ""
        if name:
            self.fields[name] = given
        if tag == "input":
            value = given.get("value", "on" if given.get("type") == "checkbox" else "") or ""
            chosen = given.get("type") not in ("radio", "checkbox") or "checked" in given
            if chosen:
                form.fields.append((name, value))
        elif tag == "select":
            self._select = [name, None, form]
        elif tag == "option" and self._select:
            if self._select[1] is None or "selected" in given:
                self._select[1] = value
        elif tag == "textarea":
            self._area = [name, "", form]
        elif tag == "button" and given.get("type") == "submit":
            self._button = Button(form, name, value, label=given.get("aria-label") or "")
            self.buttons.append(self._button)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._stack:
            while True:
                self._hidden = max(0, self._hidden - 1)
                if self._stack.pop() == tag:
                    break
        if tag == "a" and self._link:
            self.links[self._link[2] or " ".join(self._link[1].split())] = self._link[0]
            self._link = None
        elif tag == "select" and self._select:
            name, value, form = self._select
            form.fields.append((name, value or ""))
            self._select = None
        elif tag == "textarea" and self._area:
            name, value, form = self._area
            form.fields.append((name, value.removeprefix("\n")))
            self._area = None
        elif tag == "button" and self._button:
            self._button.text = self._button.label or " ".join(self._button.text.split())
            self._button = None
        elif tag == "form":
            self.form = None

    def handle_data(self, data: str) -> None:
        if self._area:
            self._area[1] += data
        elif "title" in self._stack:
            self.title += data
        elif not self._hidden and not any(tag in self._stack for tag in _SILENT):
            self.text.append(data)
            if self._link:
                self._link[1] += data
            if self._button:
                self._button.text += data


class Page:
    """One page as it was answered."""

    def __init__(self, client: Client, response: Any, url: str, *, part: str = "") -> None:
        self.client, self.response, self.url = client, response, url
        self.status: int = response.status_code
        self.html: str = response.content.decode()
        if part:
            inside = part + self.html.partition(part)[2].partition("</div>")[0]
            self.html = _OFFERS.sub("", inside)
        self._reader = _Reader()
        self._reader.feed(self.html)
        self.links = self._reader.links
        self.buttons = [button.text for button in self._reader.buttons]
        self.title = self._reader.title

    @property
    def lines(self) -> list[str]:
        """What can be read, block by block."""
        blocks = "".join(self._reader.text).split(_BREAK)
        return [line for line in (" ".join(block.split()) for block in blocks) if line]

    @property
    def thread(self) -> list[str]:
        """What can be read of the messages, block by block."""
        return Page(self.client, self.response, self.url, part='<div class="dm-lines"').lines

    @property
    def text(self) -> str:
        """What can be read, as one text."""
        return " ".join(self.lines)

    def value(self, name: str) -> str:
        """Return what a field of the page holds, the last one of this name."""
        sent = [pair for button in self._reader.buttons for pair in button.form.fields]
        return [value for key, value in sent if key == name][-1]

    def press(self, text: str, **fields: Any) -> Page:
        """Fill the form of a button, press it and follow where it leads."""
        button = next(found for found in self._reader.buttons if found.text == text)
        data: dict[str, list[str]] = {}
        for name, value in button.form.fields:
            data.setdefault(name, []).append(value)
        if button.name:
            data[button.name] = [button.value]
        data.update(
            {name: value if isinstance(value, list) else [value] for name, value in fields.items()}
        )
        target = urljoin(self.url, button.form.action).partition("#")[0]
        send = self.client.post if button.form.method == "post" else self.client.get
        return _follow(self.client, send(target, data), target)

    def send(self, body: str, *, note: bool = False, **fields: Any) -> Page:
        """Write an answer or a note."""
        kind = "note" if note else "operator"
        return self.press("SendSave note", body=body, kind=kind, **fields)

    def follow(self, text: str) -> Page:
        """Follow the link with this text."""
        return visit(self.client, urljoin(self.url, self.links[text]))


def visit(client: Client, url: str | Conversation = LIST, **query: str) -> Page:
    """Open a page, and follow where it leads."""
    target = url if isinstance(url, str) else url_of(url)
    return _follow(client, client.get(target.partition("#")[0], query), target)


def _follow(client: Client, response: Any, url: str) -> Page:
    while response.status_code in (301, 302):
        url = urljoin(url, response["Location"])
        response = client.get(url.partition("#")[0])
    return Page(client, response, url)
