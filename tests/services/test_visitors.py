"""Who a visitor is: known by a token or a signed identity, and by nothing they merely say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone

from django_messenger.exceptions import IdentityInvalid, IdentityRequired, Unavailable
from django_messenger.models import Contact, Conversation, Inbox, Visitor
from django_messenger.services.identity import sign_identity
from django_messenger.services.sessions import hash_token
from django_messenger.services.visitors import (
    Claims,
    Welcome,
    check_session,
    revoke_visitor,
    welcome_visitor,
)
from django_messenger.utils import get_widget_session
from tests.factories import make_branch, make_contact, make_inbox, say

pytestmark = pytest.mark.django_db


@pytest.fixture
def inbox() -> Inbox:
    return make_inbox(identity_mode="optional", identity_secret="a" * 32)


def welcome(inbox: Inbox, visitor_token: str = "", identity: str = "", **said: Any) -> Welcome:
    return welcome_visitor(
        inbox=inbox, claims=Claims(**said), visitor_token=visitor_token, identity=identity
    )


def counts() -> tuple[int, int, int]:
    return Contact.objects.count(), Visitor.objects.count(), Conversation.objects.count()


def is_new(party: Welcome) -> bool:
    return party.created and party.visitor_token is not None


def token_of(party: Welcome) -> str:
    assert party.visitor_token is not None
    return party.visitor_token


# --- New and known --------------------------------------------------------------------------------


def test_a_new_visitor(inbox: Inbox) -> None:
    party = welcome(inbox, page_url="https://shop.example/", locale="ru", attributes={"a": 1})
    assert is_new(party)
    assert counts() == (1, 1, 1)
    assert (party.contact.branch, party.contact.trust) == (inbox.branch, "anonymous")
    conversation = Conversation.objects.get()
    assert (conversation.inbox, conversation.contact) == (inbox, party.contact)
    assert (conversation.source_url, conversation.locale) == ("https://shop.example/", "ru")
    assert (conversation.attributes, conversation.last_message_at) == ({"a": 1}, None)
    session = get_widget_session(party.session_token, inbox=inbox)
    assert session is not None
    assert check_session(session) == conversation


def test_the_database_knows_a_visitor_token_by_its_hash_only(inbox: Inbox) -> None:
    token = token_of(welcome(inbox))
    stored = Visitor.objects.values().get()
    assert stored["token_hash"] == hash_token(token)
    assert token not in str(stored)
    assert len(token) == 43


def test_a_known_visitor_comes_back_to_the_same_conversation(inbox: Inbox) -> None:
    first = welcome(inbox)
    again = welcome(inbox, token_of(first))
    assert (again.created, again.visitor_token) == (False, None)
    assert (again.contact, again.conversation) == (first.contact, first.conversation)
    assert again.session_token != first.session_token
    assert counts() == (1, 1, 1)


@pytest.mark.parametrize(
    ("status", "hours_ago", "same"),
    [
        ("open", 0, True),
        ("pending", 0, True),
        ("resolved", 71, True),
        ("resolved", 73, False),
        ("closed", 0, False),
    ],
)
def test_which_conversation_they_come_back_to(
    inbox: Inbox, status: str, hours_ago: int, same: bool
) -> None:
    first = welcome(inbox)
    say(first.conversation)
    at = timezone.now() - timedelta(hours=hours_ago) if status == "resolved" else None
    Conversation.objects.update(status=status, resolved_at=at)
    again = welcome(inbox, token_of(first))
    assert again.contact == first.contact
    assert (again.conversation == first.conversation, again.created) == (same, not same)
    assert Conversation.objects.get(pk=first.conversation.pk).status == status


def test_the_live_conversation_goes_before_a_younger_ended_one(inbox: Inbox) -> None:
    first = welcome(inbox)
    other = Conversation.objects.create(
        inbox=inbox, contact=first.contact, status="resolved", resolved_at=timezone.now()
    )
    assert other.pk > first.conversation.pk
    assert welcome(inbox, token_of(first)).conversation == first.conversation


@pytest.mark.parametrize(
    "token", ["", "x", "x" * 43, "x" * 129, "\x00" * 43, "é" * 43, "'; DROP TABLE x; --"]
)
def test_an_unknown_token_is_ignored_and_never_adopted(inbox: Inbox, token: str) -> None:
    party = welcome(inbox, token)
    assert is_new(party)
    assert party.visitor_token != token
    assert not Visitor.objects.filter(token_hash=hash_token(token)).exists()


def test_the_token_of_another_inbox_is_ignored(inbox: Inbox) -> None:
    first = welcome(inbox)
    for other in (make_inbox(inbox.branch), make_inbox(make_branch())):
        party = welcome(other, token_of(first))
        assert is_new(party)
        assert party.contact != first.contact
        assert party.conversation.inbox == other


@pytest.mark.parametrize("how", ["revoked", "expired", "erased"])
def test_a_token_that_has_ended_is_ignored(inbox: Inbox, how: str) -> None:
    first = welcome(inbox)
    if how == "revoked":
        revoke_visitor(visitor=Visitor.objects.get())
    elif how == "expired":
        Visitor.objects.update(expires_at=timezone.now())
    else:
        Contact.objects.update(erased_at=timezone.now())
    party = welcome(inbox, token_of(first))
    assert is_new(party)
    assert party.contact != first.contact


def test_use_prolongs_a_visitor_token(inbox: Inbox) -> None:
    token = token_of(welcome(inbox))
    soon, earlier = timezone.now() + timedelta(days=1), timezone.now() - timedelta(hours=2)
    Visitor.objects.update(expires_at=soon, last_seen_at=earlier)
    welcome(inbox, token)
    visitor = Visitor.objects.get()
    assert visitor.expires_at > timezone.now() + timedelta(days=179)
    assert visitor.last_seen_at > earlier + timedelta(hours=1)
    Visitor.objects.update(expires_at=soon)
    welcome(inbox, token)
    assert Visitor.objects.get().expires_at == soon


# --- What is merely said --------------------------------------------------------------------------


KNOWN = {"email": "ann@example.com", "phone": "+49 1", "name": "Ann", "external_id": "42"}


@pytest.mark.parametrize("said", [{name: value} for name, value in KNOWN.items()] + [KNOWN])
@pytest.mark.parametrize("trust", ["claimed", "verified"])
def test_saying_what_is_known_of_another_finds_nobody(
    inbox: Inbox, trust: str, said: dict[str, str]
) -> None:
    ann = make_contact(inbox.branch, trust=trust, **KNOWN)
    secret = Conversation.objects.create(inbox=inbox, contact=ann)
    say(secret, "My account number is …")
    before = Contact.objects.values().get(pk=ann.pk)
    party = welcome(inbox, **said)
    assert is_new(party)
    assert party.contact != ann
    assert party.conversation != secret
    assert Contact.objects.values().get(pk=ann.pk) == before
    assert party.contact.external_id == ""
    assert party.contact.trust == "claimed"


def test_what_is_said_describes_ones_own_contact(inbox: Inbox) -> None:
    first = welcome(inbox)
    said = {"name": "Ann", "email": "ann@example.com", "phone": "+49 1", "external_id": "42"}
    welcome(inbox, token_of(first), **said)
    contact = Contact.objects.get()
    assert (contact.name, contact.email, contact.phone) == ("Ann", "ann@example.com", "+49 1")
    assert (contact.trust, contact.external_id) == ("claimed", "")
    assert contact.attributes == {"claimed_external_id": "42"}


def test_saying_nothing_forgets_nothing(inbox: Inbox) -> None:
    first = welcome(inbox, name="Ann")
    welcome(inbox, token_of(first))
    assert (Contact.objects.get().name, Contact.objects.get().trust) == ("Ann", "claimed")


def test_a_verified_contact_is_not_overwritten_by_what_is_said(inbox: Inbox) -> None:
    identity = sign_identity(inbox, external_id="42", name="Ann", email="ann@example.com")
    first = welcome(inbox, identity=identity)
    welcome(inbox, token_of(first), name="Mallory", email="m@example.com", external_id="1")
    contact = Contact.objects.get()
    assert (contact.name, contact.email) == ("Ann", "ann@example.com")
    assert (contact.trust, contact.external_id, contact.attributes) == ("verified", "42", {})


def test_signed_words_go_before_unsigned_ones(inbox: Inbox) -> None:
    identity = sign_identity(inbox, external_id="42", name="Ann")
    welcome(inbox, identity=identity, name="Mallory", email="m@example.com")
    contact = Contact.objects.get()
    assert (contact.name, contact.email, contact.trust) == ("Ann", "", "verified")


# --- What is signed -------------------------------------------------------------------------------


def test_an_identity_finds_its_contact_again(inbox: Inbox) -> None:
    laptop = welcome(inbox, identity=sign_identity(inbox, external_id="42"))
    phone = welcome(inbox, identity=sign_identity(inbox, external_id="42", name="Ann"))
    assert (phone.contact, phone.conversation) == (laptop.contact, laptop.conversation)
    assert phone.visitor_token not in (None, laptop.visitor_token)
    assert counts() == (1, 2, 1)
    assert Contact.objects.get().name == "Ann"


def test_in_all_inboxes_of_a_branch_but_in_no_other(inbox: Inbox) -> None:
    first = welcome(inbox, identity=sign_identity(inbox, external_id="42"))
    options = {"identity_mode": "optional", "identity_secret": "b" * 32}
    beside = make_inbox(inbox.branch, **options)
    elsewhere = make_inbox(make_branch(), **options)
    same = welcome(beside, identity=sign_identity(beside, external_id="42"))
    other = welcome(elsewhere, identity=sign_identity(elsewhere, external_id="42"))
    assert same.contact == first.contact
    assert same.conversation != first.conversation
    assert other.contact != first.contact


def test_an_identity_with_the_token_of_a_stranger(inbox: Inbox) -> None:
    anonymous = welcome(inbox, name="Somebody")
    say(anonymous.conversation, "Before logging in")
    before = Contact.objects.values().get()
    party = welcome(
        inbox, token_of(anonymous), identity=sign_identity(inbox, external_id="42", name="Ann")
    )
    assert party.contact != anonymous.contact
    assert party.conversation != anonymous.conversation
    assert party.visitor_token not in (None, anonymous.visitor_token)
    assert Contact.objects.values().get(pk=anonymous.contact.pk) == before
    # The stranger's own browser still has its own conversation.
    assert welcome(inbox, token_of(anonymous)).conversation == anonymous.conversation


def test_logging_in_as_another_changes_the_contact(inbox: Inbox) -> None:
    ann = welcome(inbox, identity=sign_identity(inbox, external_id="ann"))
    bob = welcome(inbox, token_of(ann), identity=sign_identity(inbox, external_id="bob"))
    assert bob.contact != ann.contact
    assert bob.conversation != ann.conversation


def test_an_identity_with_ones_own_token_needs_no_new_one(inbox: Inbox) -> None:
    first = welcome(inbox, identity=sign_identity(inbox, external_id="42"))
    again = welcome(inbox, token_of(first), identity=sign_identity(inbox, external_id="42"))
    assert (again.visitor_token, again.created) == (None, False)
    assert again.conversation == first.conversation


def test_a_bad_identity_makes_nothing(inbox: Inbox) -> None:
    with pytest.raises(IdentityInvalid):
        welcome(inbox, identity="garbage", name="Ann")
    inbox.identity_mode = "required"
    with pytest.raises(IdentityRequired):
        welcome(inbox, name="Ann")
    assert counts() == (0, 0, 0)


def test_off_ignores_identities(inbox: Inbox) -> None:
    identity = sign_identity(inbox, external_id="42", name="Ann")
    inbox.identity_mode = "off"
    party = welcome(inbox, identity=identity)
    assert (party.contact.external_id, party.contact.trust) == ("", "anonymous")


def test_a_verified_contact_stays_so_without_a_new_proof(inbox: Inbox) -> None:
    first = welcome(inbox, identity=sign_identity(inbox, external_id="42"))
    again = welcome(inbox, token_of(first))
    assert (again.contact, again.contact.trust) == (first.contact, "verified")


# --- Nothing by halves ----------------------------------------------------------------------------


def test_a_session_that_cannot_be_kept_leaves_nothing_behind(inbox: Inbox) -> None:
    nowhere = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    with override_settings(CACHES=nowhere), pytest.raises(Unavailable):
        welcome(inbox, name="Ann")
    assert counts() == (0, 0, 0)
    token = token_of(welcome(inbox))
    with override_settings(CACHES=nowhere), pytest.raises(Unavailable):
        welcome(inbox, token, name="Ann")
    assert counts() == (1, 1, 1)
    assert welcome(inbox, token).visitor_token is None
