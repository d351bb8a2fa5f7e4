"""``GET config/`` public, cacheable, and it creates nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from django_messenger.models import Contact, Conversation, Inbox, Visitor
from django_messenger.services.inboxes import save_inbox
from django_messenger.services.sightings import note_sighting
from django_messenger.test import override_messenger
from tests.widget.client import PAGE, Widget, committing

NOTHING = {"detail": "There is no such chat.", "code": "unknown_widget"}


def test_what_it_tells(widget: Widget) -> None:
    assert widget.config().expect(200) == {
        "name": "Shop",
        "locale": "",
        "appearance": {
            "color": "#1d4ed8",
            "on_color": "#ffffff",
            "position": "right",
            "theme": "auto",
        },
        "texts": {"title": {}, "greeting": {}},
        "availability": {"state": "open"},
        "identity": "off",
        "pre_chat": {"fields": [], "consent": None},
        "features": {"typing": True, "rating": True, "emoji": True, "sound": True},
        "limits": {"max_message_length": 2000, "max_comment_length": 1000},
        "honeypot_field": "website",
    }


def test_what_the_inbox_says(inbox: Inbox, widget: Widget) -> None:
    inbox.locale = "ru"
    inbox.identity_mode = "optional"
    inbox.identity_secret = "s" * 32
    inbox.appearance = {
        "color": "#FFEE00",
        "position": "left",
        "theme": "dark",
        "title": {"ru": "Чат"},
        "greeting": {"en": "Hello!"},
    }
    save_inbox(inbox)
    with override_messenger(MAX_MESSAGE_LENGTH=500, HONEYPOT_FIELD="homepage"):
        told = widget.config().expect(200)
    assert told["appearance"] == {
        "color": "#FFEE00",
        "on_color": "#000000",
        "position": "left",
        "theme": "dark",
    }
    assert told["texts"] == {"title": {"ru": "Чат"}, "greeting": {"en": "Hello!"}}
    assert (told["locale"], told["identity"], told["honeypot_field"]) == (
        "ru",
        "optional",
        "homepage",
    )
    assert told["limits"]["max_message_length"] == 500
    assert "s" * 32 not in str(told)


def test_texts_of_any_string_in_any_language(inbox: Inbox, widget: Widget) -> None:
    inbox.appearance = {
        "title": {"en": "Ask us"},
        "texts": {
            "title": {"en": "Hidden by the one above", "de": "Fragen Sie"},
            "send": {"de": "Senden"},
            "consent": {"en": "I agree.", "ru": "Согласен."},
        },
    }
    save_inbox(inbox)
    assert widget.config().expect(200)["texts"] == {
        "title": {"en": "Ask us", "de": "Fragen Sie"},
        "greeting": {},
        "send": {"de": "Senden"},
        "consent": {"en": "I agree.", "ru": "Согласен."},
    }


def test_questions_consent_and_switches(inbox: Inbox, widget: Widget) -> None:
    inbox.ask_phone, inbox.ask_name = Inbox.Ask.OPTIONAL, Inbox.Ask.REQUIRED
    inbox.ask_consent, inbox.consent_url = True, "https://shop.example/privacy"
    inbox.show_typing = inbox.play_sound = False
    save_inbox(inbox)
    told = widget.config().expect(200)
    assert told["pre_chat"] == {
        "fields": [{"name": "name", "required": True}, {"name": "phone", "required": False}],
        "consent": {"url": "https://shop.example/privacy"},
    }
    assert told["features"] == {"typing": False, "rating": True, "emoji": True, "sound": False}
    inbox.ask_consent = False
    with committing():
        save_inbox(inbox)
    assert widget.config().expect(200)["pre_chat"]["consent"] is None


def test_it_creates_nothing(widget: Widget) -> None:
    widget.config().expect(200)
    for model in (Contact, Conversation, Visitor):
        assert not model._default_manager.exists()


def test_it_may_be_kept_for_a_while(widget: Widget) -> None:
    answer = widget.config()
    assert answer.headers["cache-control"] == "public, max-age=60, stale-while-revalidate=600"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "Origin" in answer.headers["vary"]


def test_the_etag_saves_the_body(inbox: Inbox, widget: Widget) -> None:
    etag = widget.config().headers["etag"]
    for value in (etag, f"W/{etag}", f'"other", {etag}'):
        kept = widget.config(headers={"If-None-Match": value})
        assert (kept.status, kept.content, kept.headers["etag"]) == (304, b"", etag)
        assert kept.headers["cache-control"].startswith("public")
        assert kept.headers["access-control-allow-origin"] == "https://shop.example"
    assert widget.config(headers={"If-None-Match": '"other"'}).status == 200
    with override_messenger(MAX_MESSAGE_LENGTH=10):
        assert widget.config(headers={"If-None-Match": etag}).status == 200


def test_unknown_and_inactive_look_the_same(inbox: Inbox, widget: Widget) -> None:
    Inbox.objects.update(is_active=False)
    answers = [widget.config()]
    for token in ("", "other-token", "x", "shop-token%00", "%ff", "x" * 5000, "shop%20token"):
        answers.append(widget.call("GET", f"config/?widget_token={token}"))
    answers.append(widget.call("GET", "config/"))
    for answer in answers:
        assert answer.expect(404) == NOTHING
        assert answer.headers["cache-control"] == "no-store"


def test_both_tokens_work_while_one_takes_over(inbox: Inbox, widget: Widget) -> None:
    soon = timezone.now() + timedelta(days=1)
    Inbox.objects.update(
        widget_token="new-token",
        previous_widget_token="shop-token",
        previous_widget_token_until=soon,
    )
    assert widget.config().status == 200
    inbox.widget_token = "new-token"
    assert widget.config().status == 200


@pytest.mark.parametrize("name", ["widget_session_token", "visitor_token", "identity"])
def test_no_secret_stands_in_its_url(widget: Widget, name: str) -> None:
    answer = widget.call("GET", f"config/?widget_token=shop-token&{name}=x")
    assert answer.expect(400) == {
        "detail": "Tokens do not belong into the URL.",
        "code": "token_in_url",
    }


def test_it_costs_no_query_while_the_cache_knows_it(
    widget: Widget, django_assert_num_queries: Any
) -> None:
    note_sighting(inbox_id=widget.inbox.pk, origin=PAGE)  # once an hour a site is stored
    with django_assert_num_queries(1):
        widget.config().expect(200)
    with django_assert_num_queries(0):
        widget.config().expect(200)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_other_methods(widget: Widget, method: str) -> None:
    answer = widget.call(method, "config/?widget_token=shop-token")
    assert answer.expect(405)["code"] == "method_not_allowed"
    assert "GET" in answer.headers["allow"]
