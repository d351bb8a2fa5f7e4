"""The table of contacts, the card of one, and making one of two."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_messenger.models import Consent, Contact, Conversation, Operator
from tests.factories import (
    answer,
    make_contact,
    make_conversation,
    make_inbox,
    make_operator,
    make_user,
    say,
)
from tests.panel.conftest import World, client_of
from tests.panel.pages import Page, url_of, visit

CONTACTS = "/messenger/contacts/"


def card(contact: Contact) -> str:
    return f"{CONTACTS}{contact.public_id}/"


def merge_of(contact: Contact) -> str:
    return f"{card(contact)}merge/"


@pytest.fixture
def maria(world: World) -> Contact:
    """She has written to North."""
    fields = {"name": "Maria Ash", "email": "maria@example.com", "trust": "claimed"}
    contact = make_contact(world.north.branch, **fields)
    make_conversation(world.north, contact, body="Is oak harder?")
    return contact


@pytest.fixture
def masha(world: World) -> Contact:
    """The same person with another browser."""
    fields = {"name": "Masha", "email": "maria@example.com", "phone": "+7 900 123-45-67"}
    contact = make_contact(world.north.branch, **fields)
    make_conversation(world.north, contact, body="And beech?")
    return contact


@pytest.fixture
def foreign(world: World) -> Contact:
    """Somebody of the other branch, with the same e-mail."""
    contact = make_contact(world.south.branch, name="Maria South", email="maria@example.com")
    make_conversation(world.south, contact)
    return contact


def make_reader(branch: Any) -> Any:
    """Make an operator who may look and do nothing else."""
    user = make_user()
    Operator.objects.create(user=user, display_name="Rita").branches.add(branch)
    user.user_permissions.add(Permission.objects.get(codename="view_conversation"))
    return user


def open_as(user: Any, url: str, **query: str) -> Page:
    return visit(client_of(user), url, **query)


# --- The table ------------------------------------------------------------------------------------


def test_the_table_says_who_has_written(world: World, maria: Contact, foreign: Contact) -> None:
    blocked = make_contact(world.north.branch, phone="+7 900 000-00-00", trust="verified")
    conversation = make_conversation(world.north, blocked)
    client = client_of(world.anna)
    visit(client, card(blocked)).press("Block")
    page = visit(client, CONTACTS)
    assert "Maria Ash" in page.links
    for text in ("maria@example.com", "Unverified", "Verified", "Blocked", "+7 900 000-00-00"):
        assert text in page.text
    assert "Maria South" not in page.text
    assert page.links["Contacts"] == CONTACTS
    assert page.title.startswith("Contacts")
    assert str(conversation.contact) in page.links


@pytest.mark.parametrize("text", ["mari", "ash", "maria@example", "MARIA"])
def test_the_table_is_searched(world: World, maria: Contact, foreign: Contact, text: str) -> None:
    make_conversation(world.north, body="Somebody else")
    page = open_as(world.anna, CONTACTS, q=text)
    assert "Maria Ash" in page.links
    assert "Maria South" not in page.text
    assert page.html.count("dm-who__link") == 1
    assert f'value="{text}"' in page.html


def test_nobody_found_and_nobody_there(world: World, maria: Contact) -> None:
    page = open_as(world.anna, CONTACTS, q="zebra")
    assert "Nobody found" in page.text
    assert "Maria Ash" in page.follow("Show everybody").links
    assert "Nobody has written yet" in open_as(world.boris, CONTACTS).text


def test_pages_of_the_table(world: World) -> None:
    for number in range(51):
        contact = make_contact(world.north.branch, name=f"Visitor no. {number:02}")
        make_conversation(world.north, contact)
    first = open_as(world.anna, CONTACTS)
    assert "Visitor no. 50" in first.links
    assert "Visitor no. 00" not in first.links
    second = first.follow("Older")
    assert "Visitor no. 00" in second.links
    assert "Visitor no. 50" in second.follow("Newer").links
    assert "Visitor no. 50" in open_as(world.anna, CONTACTS, cursor="worn out").links


def test_the_table_costs_the_same_however_many_there_are(world: World) -> None:
    client = client_of(world.anna)

    def cost(url: str = CONTACTS) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert visit(client, url).status == 200
        return len(queries)

    make_conversation(world.north)
    cost()
    one = cost()
    for _ in range(20):
        make_conversation(world.north)
    assert cost() == one


# --- The card -------------------------------------------------------------------------------------


def test_the_card_leads_from_the_conversation_and_back(world: World, maria: Contact) -> None:
    page = open_as(world.anna, url_of(Conversation.objects.get(contact=maria)))
    page = page.follow("Edit contact")
    assert page.url == card(maria)
    assert page.title.startswith("Maria Ash")
    assert "Is oak harder?" in page.follow("Is oak harder?").text
    assert "Maria Ash" in page.follow("All contacts").links


def test_details_are_corrected(world: World, maria: Contact) -> None:
    page = open_as(world.anna, card(maria))
    page = page.press("Save", name=" Maria  Oak ", phone="+7 900 1")
    assert "Saved." in page.text
    maria.refresh_from_db()
    assert (maria.name, maria.phone) == ("Maria  Oak", "+7 900 1")


def test_what_was_typed_stays_beside_what_is_wrong(world: World, maria: Contact) -> None:
    page = open_as(world.anna, card(maria))
    page = page.press("Save", name="x" * 300, email="no address", phone="5\x00")
    assert page.status == 400
    assert page.value("name") == "x" * 300
    assert page.value("email") == "no address"
    assert "Enter a valid email address." in page.text
    assert page.html.count('aria-invalid="true"') == 2
    assert page.title.startswith("Not done")
    maria.refresh_from_db()
    assert maria.name == "Maria Ash"


def test_blocking_and_back(world: World, maria: Contact) -> None:
    page = open_as(world.anna, card(maria)).press("Block")
    assert "Only they see what they write." in page.text
    assert "Anna" in page.text
    maria.refresh_from_db()
    assert maria.blocked_at is not None
    page = page.press("Unblock")
    assert "Not blocked any more." in page.text
    maria.refresh_from_db()
    assert maria.blocked_at is None


def test_consents_stand_in_the_history(world: World, maria: Contact) -> None:
    conversation = Conversation.objects.get(contact=maria)
    Consent.objects.create(
        contact=maria,
        conversation=conversation,
        text="You may keep it.",
        url="https://shop.example/privacy",
        locale="en",
        version="1",
        fingerprint="f",
        given_at=conversation.created_at,
    )
    page = open_as(world.anna, card(maria))
    assert "You may keep it." in page.text
    assert "https://shop.example/privacy" in page.links


def test_who_may_not_change_only_reads(world: World, maria: Contact) -> None:
    client = client_of(make_reader(world.north.branch))
    page = visit(client, card(maria))
    assert "maria@example.com" in page.text
    assert not {"Save", "Block"} & set(page.buttons)
    assert "Merge with another contact" not in page.links
    for data in ({"action": "edit", "name": "X"}, {"action": "block"}, {"action": "unmerge"}):
        assert client.post(card(maria), data).status_code in (400, 403)
    assert client.post(card(maria), {"action": "block"}).status_code == 403
    assert visit(client, merge_of(maria)).status == 403
    maria.refresh_from_db()
    assert (maria.name, maria.blocked_at) == ("Maria Ash", None)


def test_an_unknown_action_changes_nothing(world: World, maria: Contact) -> None:
    client = client_of(world.anna)
    for data in ({}, {"action": "erase"}, {"action": "unmerge", "other": "x"}):
        assert client.post(card(maria), data).status_code == 400


# --- Merging --------------------------------------------------------------------------------------


def test_two_contacts_become_one_and_two_again(
    world: World, maria: Contact, masha: Contact
) -> None:
    page = open_as(world.anna, card(maria)).follow("Merge with another contact")
    assert "With the same e-mail or phone" in page.text
    page = page.follow("Compare with Masha")
    for text in ("1 conversation moves to Maria Ash.", "1 active conversation is closed for ever"):
        assert text in page.text
    assert "is taken over" in page.text
    page = page.press("Merge", name="other")
    assert page.url == card(maria)
    assert "Merged." in page.text
    maria.refresh_from_db()
    assert (maria.name, maria.phone) == ("Masha", "+7 900 123-45-67")
    assert "And beech?" in page.text
    assert "Anna merged Masha into this contact." in page.text
    # The former address leads to the contact that was kept.
    assert open_as(world.anna, card(masha)).url == card(maria)

    page = page.press("Separate Masha again")
    assert "They are two contacts again." in page.text
    assert "Undone" in page.text
    maria.refresh_from_db()
    assert (maria.name, maria.phone) == ("Maria Ash", "")
    assert "Masha" in open_as(world.anna, CONTACTS).links


def test_what_somebody_changed_after_a_merge_stays(
    world: World, maria: Contact, masha: Contact
) -> None:
    page = open_as(world.anna, merge_of(maria), other=str(masha.public_id))
    page = page.press("Merge", name="other").press("Save", name="Marie")
    page.press("Separate Masha again")
    maria.refresh_from_db()
    assert maria.name == "Marie"


def test_the_other_one_can_be_kept(world: World, maria: Contact, masha: Contact) -> None:
    page = open_as(world.anna, merge_of(maria), other=str(masha.public_id))
    page = page.follow("Keep Masha instead").press("Merge")
    assert page.url == card(masha)
    assert "Maria Ash" not in open_as(world.anna, CONTACTS).links


def test_a_proven_identity_is_kept(world: World, maria: Contact, masha: Contact) -> None:
    Contact.objects.filter(pk=masha.pk).update(trust="verified")
    page = open_as(world.anna, merge_of(maria), other=str(masha.public_id))
    assert page.status == 400
    assert "This contact has proved who they are." in page.text
    assert "Merge" not in page.buttons
    page = page.follow("Keep Masha instead")
    assert "The browsers of Maria Ash are logged out" in page.text
    assert "Keep Maria Ash instead" not in page.links
    assert "Merged." in page.press("Merge").text


def test_the_other_one_is_looked_for(world: World, maria: Contact, foreign: Contact) -> None:
    make_conversation(world.north, make_contact(world.north.branch, name="Marie Curie"))
    page = open_as(world.anna, merge_of(maria))
    assert "Nobody has the same e-mail or phone." in page.text
    page = page.press("Find", q="mari")
    assert [name for name in page.links if name.startswith("Compare")] == [
        "Compare with Marie Curie"
    ]
    assert "Nobody found" in page.press("Find", q="zebra").text


def test_a_contact_that_went_meanwhile(world: World, maria: Contact, masha: Contact) -> None:
    page = open_as(world.anna, merge_of(maria), other=str(masha.public_id))
    page.press("Merge")
    again = page.press("Merge")
    assert again.status == 400
    assert "There is no such contact." in again.text
    alone = open_as(world.anna, merge_of(maria), other=str(maria.public_id))
    assert alone.status == 400
    assert "Choose another contact" in alone.text


# --- The other branch -----------------------------------------------------------------------------


def test_the_other_branch_looks_like_nothing(
    world: World, maria: Contact, foreign: Contact
) -> None:
    client = client_of(world.anna)
    for url in (card(foreign), merge_of(foreign)):
        assert client.get(url).status_code == 404
        assert client.post(url, {"action": "block"}).status_code == 404
    unknown = visit(client, merge_of(maria), other="0190f1a4-1111-7222-8333-444455556666")
    for other in (foreign, make_contact(world.north.branch, name="Silent")):
        page = visit(client, merge_of(maria), other=str(other.public_id))
        assert (page.status, page.text) == (unknown.status, unknown.text)
        posted = client.post(merge_of(maria), {"other": str(other.public_id)})
        assert posted.status_code == 400
    foreign.refresh_from_db()
    assert (foreign.merged_into, foreign.blocked_at) == (None, None)


def test_a_merged_contact_of_the_other_branch_leads_nowhere(world: World, foreign: Contact) -> None:
    twin = make_contact(world.south.branch, name="Twin")
    make_conversation(world.south, twin)
    page = open_as(world.boris, merge_of(foreign), other=str(twin.public_id)).press("Merge")
    assert page.url == card(foreign)
    assert client_of(world.anna).get(card(twin)).status_code == 404


def test_a_supervisor_of_both_cannot_mix_them(
    world: World, maria: Contact, foreign: Contact
) -> None:
    page = open_as(world.vera, merge_of(maria), other=str(foreign.public_id))
    assert page.status == 400
    assert "Choose another contact of the same branch." in page.text
    assert "Maria South" not in open_as(world.vera, merge_of(maria), q="maria").text
    assert "North" in open_as(world.vera, CONTACTS).text


def test_conversations_that_a_policy_hides_are_not_told(world: World, maria: Contact) -> None:
    inbox = make_inbox(world.north.branch)
    conversation = make_conversation(inbox, maria, body="Between us")
    answer(conversation, make_operator(world.north.branch))
    say(conversation, "Between us")
    assert "Between us" in open_as(world.anna, card(maria)).text
    assert client_of(world.boris).get(card(maria)).status_code == 404
