"""``identify/``: words describe, only a signature proves; and then the session is a new one."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from django_messenger.models import Contact, Conversation, Inbox, Visitor
from django_messenger.services.identity import sign_identity
from django_messenger.services.inboxes import save_inbox
from tests.factories import make_contact, make_operator
from tests.operators.client import Api
from tests.widget.client import Widget, committing


@pytest.fixture
def inbox(inbox: Inbox) -> Inbox:
    inbox.identity_mode, inbox.identity_secret = Inbox.IdentityMode.OPTIONAL, "s" * 40
    with committing():
        save_inbox(inbox)
    return inbox


def signed(inbox: Inbox, who: str = "42", **said: str) -> str:
    return sign_identity(inbox, external_id=who, **said)


# --- Without proof --------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [False, True])
def test_words_describe_ones_own_contact(chat: Widget, form: bool) -> None:
    chat.form = form
    told = chat.post("identify/", {"name": " Ann ", "email": "ann@example.com", "phone": "+1"})

    assert told.expect(200) == {
        "contact": {"name": "Ann", "email": "ann@example.com", "trust": "claimed"}
    }
    contact = Contact.objects.get()
    assert (contact.name, contact.phone, contact.trust) == ("Ann", "+1", "claimed")
    chat.poll().expect(200)
    assert chat.bootstrap().expect(200)["contact"]["name"] == "Ann"


def test_words_find_nobody(chat: Widget, inbox: Inbox) -> None:
    known = make_contact(
        inbox.branch, name="Olga", email="olga@example.com", phone="+7", external_id="7"
    )
    claim = {"email": "olga@example.com", "phone": "+7", "external_id": "7"}
    told = chat.post("identify/", claim).expect(200)

    assert told["contact"] == {"name": "", "email": "olga@example.com", "trust": "claimed"}
    own = Contact.objects.exclude(pk=known.pk).get()
    assert (own.external_id, own.attributes) == ("", {"claimed_external_id": "7"})
    before = Contact.objects.filter(pk=known.pk).values().get()
    assert Conversation.objects.get().contact == own
    assert Contact.objects.filter(pk=known.pk).values().get() == before


def test_a_known_and_an_unknown_address_look_the_same(chat: Widget, inbox: Inbox) -> None:
    make_contact(inbox.branch, email="known@example.com")
    for who in ("known", "nobody"):
        told = chat.post("identify/", {"email": f"{who}@example.com"}).expect(200)
        own = {"name": "", "email": f"{who}@example.com", "trust": "claimed"}
        assert told == {"contact": own}


def test_words_do_not_change_what_is_proven(inbox: Inbox, widget: Widget) -> None:
    widget.start(identity=signed(inbox, name="Ann"))
    told = widget.post("identify/", {"name": "Mallory", "email": "m@example.com"}).expect(200)
    assert told["contact"] == {"name": "Ann", "email": "", "trust": "verified"}


def test_attributes_are_added_to_the_conversation(chat: Widget, conversation: Conversation) -> None:
    chat.send("Hello")
    anna = make_operator(conversation.branch)
    api = Api(anna)
    cursor = api.get("conversations/changes/").json()["cursor"]
    chat.post("identify/", {"attributes": {"plan": "pro", "seats": 3}}).expect(200)
    chat.form = True
    chat.post("identify/", {"attributes": '{"seats": 4}'}).expect(200)

    conversation.refresh_from_db()
    assert conversation.attributes == {"plan": "pro", "seats": 4}
    (row,) = api.get(f"conversations/changes/?cursor={cursor}").json()["conversations"]
    assert row["revision"] == conversation.revision
    revision = conversation.revision
    chat.post("identify/", {"attributes": '{"seats": 4}'}).expect(200)
    conversation.refresh_from_db()
    assert conversation.revision == revision


def test_attributes_do_not_pile_up(chat: Widget) -> None:
    for letter in "ab":
        part = {f"{letter}{number}": 1 for number in range(30)}
        answer = chat.post("identify/", {"attributes": part})
    assert list(answer.expect(400)["errors"]) == ["attributes"]
    assert len(Conversation.objects.get().attributes) == 30


@pytest.mark.parametrize(
    "said",
    [
        {"email": "no address"},
        {"name": 5},
        {"name": "x" * 201},
        {"attributes": []},
        {"consent": "yes"},
        {"consent": True},
        {"identity": 5},
    ],
)
def test_strict_types(chat: Widget, said: dict[str, Any]) -> None:
    assert list(chat.post("identify/", said).expect(400)["errors"]) == list(said)


def test_what_may_not_be_set_is_ignored(chat: Widget) -> None:
    before = Contact.objects.values().get()
    forged = {"trust": "verified", "branch": 1, "epoch": 9, "blocked_at": None, "id": 1}
    chat.post("identify/", forged).expect(200)
    assert Contact.objects.values().get() == before


# --- With proof -----------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [False, True])
def test_proof_brings_a_new_session(chat: Widget, inbox: Inbox, form: bool) -> None:
    chat.form = form
    chat.send("Said before")
    former = Widget(inbox, session=chat.session)
    answer = chat.post("identify/", {"identity": signed(inbox, name="Ann", email="a@example.com")})
    told = answer.expect(201)

    assert told["contact"] == {"name": "Ann", "email": "a@example.com", "trust": "verified"}
    assert told["widget_session_token"] != former.session
    assert told["visitor_token"] != chat.visitor
    assert (told["messages"], told["has_older"], told["config"]["name"]) == ([], False, "Shop")
    assert former.poll().expect(401)["code"] == "invalid_session"
    assert former.send("x").expect(401)["code"] == "invalid_session"
    chat.session = told["widget_session_token"]
    assert chat.poll().expect(200)["messages"] == []
    assert set(told) == set(Widget(inbox).bootstrap().json)


def test_proof_decides_the_contact(chat: Widget, inbox: Inbox) -> None:
    """What somebody said before at the same browser stays where it was."""
    chat.send("Said before")
    at_home = Widget(inbox).start(identity=signed(inbox))
    at_home.send("From home")
    anonymous = Conversation.objects.exclude(contact__external_id="42").get()

    told = chat.post("identify/", {"identity": signed(inbox)}).expect(200)

    assert [message["body"] for message in told["messages"]] == ["From home"]
    assert Contact.objects.filter(external_id="42").count() == 1
    anonymous.refresh_from_db()
    assert anonymous.contact.external_id == ""
    assert Visitor.objects.filter(contact__external_id="42").count() == 2


def test_the_same_person_goes_on_where_they_are(inbox: Inbox, widget: Widget) -> None:
    widget.start(identity=signed(inbox))
    widget.send("Hello")
    other_tab = Widget(inbox, visitor=widget.visitor).start()
    told = widget.post("identify/", {"identity": signed(inbox, name="Ann")}).expect(200)

    assert "visitor_token" not in told
    assert [message["body"] for message in told["messages"]] == ["Hello"]
    for token in (widget.session, other_tab.session):
        assert Widget(inbox, session=token).poll().status == 401
    widget.session = told["widget_session_token"]
    widget.poll().expect(200)
    assert Contact.objects.get().name == "Ann"


def test_an_idle_tab_hears_of_it_too(inbox: Inbox, widget: Widget) -> None:
    """Its next poll would be answered from the cache alone."""
    widget.start(identity=signed(inbox))
    tab = Widget(inbox, visitor=widget.visitor).start()
    cursor = tab.poll().expect(200)["cursor"]
    tab.poll(cursor).expect(200)
    widget.post("identify/", {"identity": signed(inbox)}).expect(200)
    assert tab.poll(cursor).status == 401


def test_nobody_takes_over_another_by_words_beside_a_proof(chat: Widget, inbox: Inbox) -> None:
    make_contact(inbox.branch, external_id="7", email="olga@example.com", name="Olga")
    claim = {"identity": signed(inbox, "42"), "external_id": "7", "email": "olga@example.com"}
    told = chat.post("identify/", claim).expect(201)
    assert told["contact"] == {"name": "", "email": "", "trust": "verified"}
    assert Contact.objects.get(external_id="42").email == ""


@pytest.mark.parametrize("what", ["other secret", "other inbox", "expired", "none", "garbage"])
def test_a_bad_proof_changes_nothing(chat: Widget, inbox: Inbox, what: str) -> None:
    other = Inbox(branch=inbox.branch, identity_secret="t" * 40, public_id=inbox.public_id)
    stranger = Inbox(branch=inbox.branch, identity_secret="s" * 40)
    token = {
        "other secret": signed(other),
        "other inbox": signed(stranger),
        "expired": "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjF9.x",
        "none": "eyJhbGciOiJub25lIn0.e30.",
        "garbage": "x" * 5000,
    }[what]
    before = (Contact.objects.count(), Visitor.objects.values().get())
    answer = chat.post("identify/", {"identity": token, "name": "Mallory"})
    assert answer.expect(401)["code"] == "identity_invalid"
    assert (Contact.objects.count(), Visitor.objects.values().get()) == before
    assert Contact.objects.get().name == ""
    chat.poll().expect(200)


def test_where_identities_are_off_they_are_ignored(chat: Widget, inbox: Inbox) -> None:
    Inbox.objects.update(identity_mode="off")
    told = chat.post("identify/", {"identity": "anything", "name": "Ann"}).expect(200)
    assert told == {"contact": {"name": "Ann", "email": "", "trust": "claimed"}}


def test_a_revoked_browser_proves_nothing(chat: Widget, inbox: Inbox) -> None:
    Visitor.objects.update(revoked_at=timezone.now())
    answer = chat.post("identify/", {"identity": signed(inbox)})
    assert answer.expect(401)["code"] == "invalid_session"


def test_a_session_token_of_ones_own_making_is_not_adopted(chat: Widget, inbox: Inbox) -> None:
    mine = "x" * 43
    told = chat.post("identify/", {"identity": signed(inbox), "visitor_token": mine}).expect(201)
    assert mine not in (told["widget_session_token"], told["visitor_token"])
