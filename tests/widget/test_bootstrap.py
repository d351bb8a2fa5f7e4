"""``POST bootstrap/``: exact bodies, what is taken and what is not."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest

from django_messenger.models import Contact, Conversation, Inbox, Message, Visitor
from django_messenger.services.identity import sign_identity
from django_messenger.services.inboxes import save_inbox
from tests.factories import answer, make_branch, make_inbox, make_operator, say
from tests.widget.client import Widget

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z")


def counts() -> tuple[int, int, int]:
    return Contact.objects.count(), Visitor.objects.count(), Conversation.objects.count()


def test_a_new_visitor(inbox: Inbox, widget: Widget) -> None:
    told = widget.bootstrap(name="Ann", email="ann@example.com").expect(201)
    conversation = Conversation.objects.get()
    assert TOKEN.fullmatch(told.pop("widget_session_token"))
    assert TOKEN.fullmatch(told.pop("visitor_token"))
    assert told == {
        "expires_in": 43_200,
        "conversation": {"id": str(conversation.public_id), "status": "open", "rating": None},
        "contact": {"name": "Ann", "email": "ann@example.com", "trust": "claimed"},
        "messages": [],
        "cursor": 0,
        "has_older": False,
        "config": widget.config().json,
    }
    assert uuid.UUID(told["conversation"]["id"])


def test_a_known_visitor(chat: Widget) -> None:
    conversation = Conversation.objects.get()
    anna = make_operator(conversation.branch, name="Anna")
    chat.send("Hello", client_id="a").expect(201)
    conversation.refresh_from_db()
    answer(conversation, anna, "Good day")
    answer(conversation, anna, "Between us", note=True)
    first = chat.session
    told = chat.bootstrap().expect(200)
    assert "visitor_token" not in told
    assert told["widget_session_token"] != first
    assert told["conversation"] == {
        "id": str(conversation.public_id),
        "status": "open",
        "rating": None,
    }
    assert (told["cursor"], told["has_older"]) == (3, False)
    mine, hers = told["messages"]
    assert TIME.fullmatch(mine.pop("created_at"))
    assert TIME.fullmatch(hers.pop("created_at"))
    ids = [str(message.public_id) for message in Message.objects.order_by("seq")]
    assert mine == {
        "id": ids[0],
        "seq": 1,
        "revision": 1,
        "kind": "visitor",
        "body": "Hello",
        "author": None,
        "client_id": "a",
        "edited_at": None,
        "removed": False,
        "attachments": [],
    }
    assert hers == {
        "id": ids[1],
        "seq": 2,
        "revision": 2,
        "kind": "operator",
        "body": "Good day",
        "author": {"name": "Anna", "avatar_url": None},
        "edited_at": None,
        "removed": False,
        "attachments": [],
    }


def test_the_newest_fifty_in_order(chat: Widget) -> None:
    conversation = Conversation.objects.get()
    for number in range(1, 52):
        say(conversation, f"No. {number}")
    told = chat.bootstrap().expect(200)
    assert [message["seq"] for message in told["messages"]] == list(range(2, 52))
    assert (told["has_older"], told["cursor"]) == (True, 51)


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "x" * 5000, "\u00e9" * 43])
def test_an_unknown_visitor_token_makes_a_new_visitor(chat: Widget, token: str) -> None:
    told = chat.bootstrap(visitor_token=token).expect(201)
    assert TOKEN.fullmatch(told["visitor_token"])
    assert told["visitor_token"] != token
    assert counts() == (2, 2, 2)


def test_the_visitor_token_of_another_inbox_makes_a_new_visitor(chat: Widget) -> None:
    other = Widget(make_inbox(make_branch(), allowed_origins=["https://shop.example"]))
    told = other.bootstrap(visitor_token=chat.visitor).expect(201)
    assert told["visitor_token"] != chat.visitor
    chat.bootstrap().expect(200)


def test_known_and_unknown_addresses_are_answered_alike(chat: Widget) -> None:
    known = Conversation.objects.get()
    Contact.objects.update(
        email="ann@example.com", phone="+1", external_id="42", trust="verified", name="Ann"
    )
    say(known, "My secret")
    told = []
    for email, phone, external_id in (
        ("ann@example.com", "+1", "42"),
        ("bob@example.com", "+2", "43"),
    ):
        stranger = Widget(chat.inbox)
        body = stranger.bootstrap(email=email, phone=phone, external_id=external_id).expect(201)
        for unique in ("widget_session_token", "visitor_token"):
            body.pop(unique)
        assert body["conversation"].pop("id") != str(known.public_id)
        assert body["contact"].pop("email") == email
        told.append(body)
    assert told[0] == told[1]
    assert "secret" not in str(told)


# --- Input ----------------------------------------------------------------------------------------


def test_what_is_said_about_the_page(widget: Widget) -> None:
    widget.start(
        page_url="https://ann:pw@shop.example:8443/cart?token=1#top",
        referrer="http://search.example/?q=private",
        locale="pt-BR",
        attributes={"plan": "pro", "seats": 3, "tags": ["a"]},
        phone="+49 30 1",
        external_id="42",
    )
    conversation = Conversation.objects.get()
    assert conversation.source_url == "https://shop.example:8443/cart"
    assert conversation.referrer == "http://search.example/"
    assert conversation.locale == "pt-BR"
    assert conversation.attributes == {"plan": "pro", "seats": 3, "tags": ["a"]}
    assert conversation.contact.phone == "+49 30 1"
    assert conversation.contact.external_id == ""


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//shop.example",
        "http://",
        "http://[",
        "https:/shop.example",
        "no address",
        "",
    ],
)
def test_other_addresses_are_dropped_without_a_word(widget: Widget, address: str) -> None:
    widget.start(page_url=address, referrer=address)
    conversation = Conversation.objects.get()
    assert conversation.source_url == conversation.referrer == ""


def test_long_addresses_are_cut(widget: Widget) -> None:
    widget.start(page_url="https://shop.example/" + "x" * 9000)
    assert len(Conversation.objects.get().source_url) == 2000


@pytest.mark.parametrize("locale", ["../../x", "english please", "e", "ru;q=1", "x" * 35])
def test_a_locale_that_is_none_is_dropped(widget: Widget, locale: str) -> None:
    widget.start(locale=locale)
    assert Conversation.objects.get().locale == ""


def test_names_are_one_clean_line(widget: Widget) -> None:
    told = widget.bootstrap(name=" A\u202enn\n\u0007 <b>B</b> ").expect(201)
    assert told["contact"]["name"] == "Ann  <b>B</b>"


BAD = {
    "name": [5, True, ["Ann"], {"a": 1}, 1.5, "x" * 201, None],
    "email": [5, True, [], "no address", "a@b", "x" * 250 + "@example.com", None],
    "phone": [5, False, {}, "1" * 51, None],
    "external_id": [42, [], "x" * 201, None],
    "page_url": [5, [], {}, None],
    "referrer": [True, None],
    "locale": [5, [], "x" * 36, None],
    "attributes": [
        5,
        True,
        False,
        0,
        "text",
        [],
        [1],
        None,
        {"a": {"b": {"c": {"d": {"e": {"f": {}}}}}}},
        {f"k{number}": 1 for number in range(51)},
        {"a": "x" * 8200},
        {"a": 2**63},
    ],
}


@pytest.mark.parametrize(("field", "value"), [(f, v) for f, values in BAD.items() for v in values])
def test_types_are_strict_and_lengths_have_an_end(widget: Widget, field: str, value: Any) -> None:
    told = widget.bootstrap(**{field: value}).expect(400)
    assert told["code"] == "invalid"
    assert set(told) == {"detail", "code", "errors"}
    assert list(told["errors"]) == [field]
    assert all(set(problem) >= {"message", "code"} for problem in told["errors"][field])
    assert counts() == (0, 0, 0)


@pytest.mark.parametrize("field", ["widget_token", "visitor_token", "identity"])
@pytest.mark.parametrize("value", [5, True, [], {}, 1.5])
def test_a_token_is_a_text(widget: Widget, field: str, value: Any) -> None:
    told = widget.bootstrap(**{field: value}).expect(400)
    assert (told["code"], list(told["errors"])) == ("invalid", [field])
    assert counts() == (0, 0, 0)


def test_a_form_says_the_same(widget: Widget) -> None:
    widget.form = True
    told = widget.bootstrap(name="Ann", attributes='{"plan": "pro"}', email="").expect(201)
    assert told["contact"] == {"name": "Ann", "email": "", "trust": "claimed"}
    assert Conversation.objects.get().attributes == {"plan": "pro"}
    for text in ("[]", "5", "no JSON", '"text"', "{", "null"):
        answer_ = Widget(widget.inbox, form=True).bootstrap(attributes=text)
        assert list(answer_.expect(400)["errors"]) == ["attributes"]


def test_what_is_not_asked_for_is_ignored(inbox: Inbox, widget: Widget) -> None:
    other = make_inbox(make_branch())
    widget.start(
        branch=str(other.branch_id),
        inbox=other.pk,
        inbox_id=other.pk,
        status="closed",
        assignee=1,
        trust="verified",
        epoch=5,
        revision=99,
        created_at="2000-01-01T00:00:00Z",
        widget_session_token="x" * 43,
        blocked_at=None,
        contact=1,
    )
    conversation = Conversation.objects.select_related("contact").get()
    assert (conversation.inbox, conversation.branch) == (inbox, inbox.branch)
    assert (conversation.status, conversation.assignee, conversation.revision) == ("open", None, 0)
    assert (conversation.contact.trust, conversation.contact.epoch) == ("anonymous", 0)
    assert conversation.created_at.year > 2000
    assert widget.session != "x" * 43


def test_nobody_at_home(inbox: Inbox, widget: Widget) -> None:
    unknown = {"detail": "There is no such chat.", "code": "unknown_widget"}
    for token in ("other-token", "", "x" * 65, "a b c d e f", "\u00e9" * 10):
        assert widget.bootstrap(widget_token=token).expect(404) == unknown
    assert widget.call("POST", "bootstrap/", {}).expect(404) == unknown
    assert widget.call("POST", "bootstrap/").expect(404) == unknown
    inbox.is_active = False
    save_inbox(inbox)
    assert widget.bootstrap().expect(404) == unknown
    assert counts() == (0, 0, 0)


# --- Identity -------------------------------------------------------------------------------------


@pytest.fixture
def signing(inbox: Inbox) -> Inbox:
    inbox.identity_mode = "optional"
    inbox.identity_secret = "s" * 32
    save_inbox(inbox)
    return inbox


def test_a_signed_visitor(signing: Inbox, widget: Widget) -> None:
    identity = sign_identity(signing, external_id="42", name="Ann")
    told = widget.bootstrap(identity=identity, name="Mallory").expect(201)
    assert told["contact"] == {"name": "Ann", "email": "", "trust": "verified"}
    other_browser = Widget(signing)
    again = other_browser.bootstrap(identity=identity).expect(200)
    assert again["conversation"] == told["conversation"]
    assert again["visitor_token"] != told["visitor_token"]


@pytest.mark.parametrize("with_visitor", [False, True])
def test_an_identity_that_does_not_verify(
    signing: Inbox, widget: Widget, with_visitor: bool
) -> None:
    if with_visitor:
        widget.start()
    before = counts()
    answer_ = widget.bootstrap(identity="garbage", name="Ann")
    assert answer_.expect(401) == {
        "detail": "The signed identity is not valid.",
        "code": "identity_invalid",
    }
    assert answer_.headers["www-authenticate"]
    assert counts() == before


def test_an_identity_that_is_missing(signing: Inbox, widget: Widget) -> None:
    signing.identity_mode = "required"
    save_inbox(signing)
    for said in ({}, {"identity": ""}):
        answer_ = widget.bootstrap(**said)
        assert answer_.expect(401) == {
            "detail": "This chat is for signed-in visitors.",
            "code": "identity_required",
        }
        assert answer_.headers["www-authenticate"]
    assert counts() == (0, 0, 0)


def test_an_identity_where_nobody_asked_for_one(inbox: Inbox, widget: Widget) -> None:
    told = widget.bootstrap(identity="garbage").expect(201)
    assert told["contact"]["trust"] == "anonymous"


def test_an_identity_goes_before_the_browsers_own_conversation(
    signing: Inbox, widget: Widget
) -> None:
    first = widget.bootstrap(name="Somebody").expect(201)
    widget.send("Before logging in").expect(201)
    anonymous = widget.visitor
    told = widget.bootstrap(identity=sign_identity(signing, external_id="42")).expect(201)
    assert told["conversation"] != first["conversation"]
    assert told["messages"] == []
    assert widget.visitor != anonymous
    back = Widget(signing, visitor=anonymous).bootstrap().expect(200)
    assert back["conversation"]["id"] == first["conversation"]["id"]
    assert [message["body"] for message in back["messages"]] == ["Before logging in"]
