"""Consent before the first message: kept with its wording, where the inbox asks for it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

import django_messenger
from django_messenger.models import Consent, Conversation, Inbox
from django_messenger.services.inboxes import save_inbox
from tests.widget.client import Widget, committing


@pytest.fixture
def inbox(inbox: Inbox) -> Inbox:
    inbox.ask_consent, inbox.consent_url = True, "https://shop.example/privacy"
    inbox.appearance = {"texts": {"consent": {"en": "I agree.", "pt-BR": "Concordo."}}}
    with committing():
        save_inbox(inbox)
    return inbox


@pytest.mark.parametrize("form", [False, True])
def test_it_is_kept_as_it_was_shown(widget: Widget, form: bool) -> None:
    widget.form = form
    widget.start(consent="on", locale="en-GB")
    consent, conversation = Consent.objects.get(), Conversation.objects.get()
    assert (consent.contact, consent.conversation) == (conversation.contact, conversation)
    assert (consent.text, consent.url) == ("I agree.", "https://shop.example/privacy")
    assert (consent.locale, consent.version) == ("en-GB", django_messenger.__version__)
    assert consent.given_at >= conversation.created_at


@pytest.mark.parametrize(
    ("locale", "text"), [("pt_br", "Concordo."), ("pt", ""), ("ru", ""), ("", "")]
)
def test_the_wording_of_the_language(widget: Widget, locale: str, text: str) -> None:
    widget.start(consent="on", locale=locale)
    assert Consent.objects.get().text == text


def test_once_per_wording(inbox: Inbox, widget: Widget) -> None:
    for _ in range(2):
        widget.start(consent="on", locale="en")
    assert Consent.objects.count() == 1
    inbox.consent_url = "https://shop.example/privacy-2"
    with committing():
        save_inbox(inbox)
    widget.start(consent="on", locale="en")
    urls = Consent.objects.order_by("pk").values_list("url", flat=True)
    assert list(urls) == ["https://shop.example/privacy", "https://shop.example/privacy-2"]


def test_not_where_nobody_asks_and_not_without_a_word(inbox: Inbox, widget: Widget) -> None:
    for said in ({}, {"consent": ""}):
        widget.start(**said)
    Inbox.objects.update(ask_consent=False)
    widget.start(consent="on")
    assert not Consent.objects.exists()


def test_old_clients_that_say_nothing_are_let_in(inbox: Inbox, widget: Widget) -> None:
    inbox.ask_email = Inbox.Ask.REQUIRED
    with committing():
        save_inbox(inbox)
    widget.bootstrap().expect(201)


def test_later_too(widget: Widget) -> None:
    widget.start()
    widget.post("identify/", {"consent": "on", "locale": "en"}).expect(200)
    assert Consent.objects.get().text == "I agree."


@pytest.mark.parametrize("value", ["yes", "ON", True, 1, ["on"], None])
def test_strict(widget: Widget, value: Any) -> None:
    assert list(widget.bootstrap(consent=value).expect(400)["errors"]) == ["consent"]


def test_a_proof_cannot_be_changed(widget: Widget) -> None:
    widget.start(consent="on", locale="en")
    consent = Consent.objects.get()
    for changes in ({"text": "I give you my house."}, {"url": ""}, {"version": "9"}):
        with pytest.raises(IntegrityError, match="dm_consent_immutable"), transaction.atomic():
            Consent.objects.update(**changes)
    consent.text = "I give you my house."
    with pytest.raises(ValidationError):
        consent.save()
