"""Correcting, blocking and merging contacts."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from django_messenger.exceptions import InvalidTransition
from django_messenger.models import Contact, ContactMerge, Conversation, Message
from django_messenger.services.conversations import open_conversation
from django_messenger.services.merging import undo_merge
from django_messenger.services.visitors import Claims, welcome_visitor
from tests.factories import make_contact, make_conversation, make_inbox, make_visitor, say
from tests.operators.client import Api, ids
from tests.operators.conftest import World
from tests.widget.client import PAGE, Widget


def at(contact: Contact, rest: str = "") -> str:
    return f"contacts/{contact.public_id}/{rest}"


def person(world: World, **fields: Any) -> Contact:
    contact = make_contact(world.north.branch, **fields)
    make_conversation(world.north, contact)
    return contact


def test_a_correction_reaches_the_lists(world: World) -> None:
    contact = person(world, name="Olga", phone="1")
    before = Conversation.objects.get(contact=contact).revision
    changed = Api(world.anna).patch(at(contact), {"name": "Olga K.", "email": "o@example.com"})
    assert changed.json()["email"] == "o@example.com"
    assert changed.json()["phone"] == "1"
    row = Conversation.objects.select_related("contact").get(contact=contact)
    assert (row.contact.name, row.revision) == ("Olga K.", before + 1)
    for wrong in ({"email": "nobody"}, {"name": "x" * 201}, {"phone": 5}):
        assert Api(world.anna).patch(at(contact), wrong).status_code == 400
    assert Api(world.boris).patch(at(contact), {"name": "x"}).status_code == 404


def test_a_blocked_contact_is_heard_by_nobody(world: World) -> None:
    inbox = make_inbox(world.north.branch, allowed_origins=[PAGE])
    chat = Widget(inbox).start()
    chat.send("Hello").expect(201)
    contact = Contact.objects.get(conversations__inbox=inbox)
    api = Api(world.anna)
    blocked = api.post(at(contact, "block/")).json()
    assert blocked["blocked_at"]
    assert api.post(at(contact, "block/")).json()["blocked_at"] == blocked["blocked_at"]
    contact.refresh_from_db()
    assert contact.blocked_by == world.anna
    chat.send("Spam").expect(201)
    assert Message.objects.get(body="Spam").quarantined_at is not None
    assert api.post(at(contact, "unblock/")).json()["blocked_at"] is None
    chat.send("Sorry").expect(201)
    assert Message.objects.get(body="Sorry").quarantined_at is None
    assert Api(world.boris).post(at(contact, "block/")).status_code == 404


# --- Merging --------------------------------------------------------------------------------------


def merge(world: World, contact: Contact, other: Contact) -> Any:
    return Api(world.anna).post(at(contact, "merge/"), {"other": str(other.public_id)})


def test_two_become_one_and_two_again(world: World) -> None:
    kept = person(world, name="Olga")
    other = make_contact(world.north.branch, email="o@example.com")
    elsewhere = make_inbox(world.north.branch)
    conversation = make_conversation(elsewhere, other)
    visitor = make_visitor(elsewhere, other)
    api = Api(world.anna)

    preview = api.get(at(kept, "merge/"), other=other.public_id).json()
    assert preview == {
        "fields": {"name": "Olga", "email": "o@example.com", "phone": ""},
        "conversations": 1,
        "closed": 0,
        "ends_sessions": False,
    }
    assert merge(world, kept, other).status_code == 201
    conversation.refresh_from_db()
    visitor.refresh_from_db()
    kept.refresh_from_db()
    assert (conversation.contact, visitor.contact) == (kept, kept)
    assert kept.email == "o@example.com"
    assert ids(api.get("contacts/")) == [str(kept.public_id)]
    assert api.get(at(other)).status_code == 404
    assert merge(world, kept, other).status_code == 400

    undone = api.post(at(kept, "unmerge/"), {"other": str(other.public_id)})
    assert undone.json()["undone_at"]
    conversation.refresh_from_db()
    visitor.refresh_from_db()
    kept.refresh_from_db()
    assert (conversation.contact, visitor.contact) == (other, other)
    assert (kept.email, len(ids(api.get("contacts/")))) == ("", 2)
    again = api.post(at(kept, "unmerge/"), {"other": str(other.public_id)})
    assert again.status_code == 400
    assert merge(world, kept, other).status_code == 201
    assert ContactMerge.objects.get(undone_at=None).by == world.anna


def test_an_inbox_has_room_for_one_live_conversation(world: World) -> None:
    kept, other = person(world, name="Old"), person(world, name="New")
    older, newer = Conversation.objects.order_by("pk")
    preview = Api(world.anna).get(at(kept, "merge/"), other=other.public_id).json()
    assert preview["closed"] == 1
    assert merge(world, kept, other).status_code == 201
    older.refresh_from_db()
    newer.refresh_from_db()
    assert (older.status, newer.status) == ("closed", "open")
    assert older.contact == newer.contact == kept


def test_the_browser_in_the_middle_of_a_talk_goes_on(world: World) -> None:
    """Its session ends; its token finds the conversation again, now that of the kept contact."""
    kept = make_contact(world.north.branch, name="Olga")
    inbox = make_inbox(world.north.branch, allowed_origins=[PAGE])
    make_conversation(world.north, kept)
    started = welcome_visitor(inbox=inbox, claims=Claims())
    say(started.conversation, "Hello")
    assert merge(world, kept, started.contact).status_code == 201
    again = welcome_visitor(inbox=inbox, claims=Claims(), visitor_token=started.visitor_token or "")
    assert (again.contact, again.conversation) == (kept, started.conversation)


def test_who_has_proved_nothing_gets_nothing_of_who_has(world: World) -> None:
    kept = person(world, name="Olga", trust="verified", external_id="1")
    inbox = make_inbox(world.north.branch)
    started = welcome_visitor(inbox=inbox, claims=Claims())
    say(started.conversation, "I am Olga")
    preview = Api(world.anna).get(at(kept, "merge/"), other=started.contact.public_id).json()
    assert preview["ends_sessions"] is True
    assert merge(world, kept, started.contact).status_code == 201
    again = welcome_visitor(inbox=inbox, claims=Claims(), visitor_token=started.visitor_token or "")
    assert again.contact not in (kept, started.contact)
    assert again.conversation.contact == again.contact


def test_a_proven_contact_is_the_one_that_stays(world: World) -> None:
    proven = person(world, trust="verified", external_id="1")
    for kept in (person(world), person(world, trust="verified", external_id="2")):
        refused = merge(world, kept, proven)
        assert refused.status_code == 400
        assert refused.json()["errors"]["other"][0]["code"] == "verified"


def test_branches_never_meet(world: World) -> None:
    kept = person(world)
    foreign = make_contact(world.south.branch)
    make_conversation(world.south, foreign)
    api = Api(world.anna)
    told = {merge(world, kept, foreign).content}
    told.add(api.post(at(kept, "merge/"), {"other": str(uuid4())}).content)
    assert len(told) == 1
    assert merge(world, kept, kept).status_code == 400
    assert (
        Api(world.admin)
        .post(at(kept, "merge/"), {"other": str(foreign.public_id)})
        .json()["errors"]
    )
    assert not ContactMerge.objects.exists()


def test_a_chain_is_undone_from_its_end(world: World) -> None:
    one, two, three = (person(world) for _ in range(3))
    assert merge(world, two, three).status_code == 201
    assert merge(world, one, two).status_code == 201
    first = ContactMerge.objects.order_by("pk")[0]
    with pytest.raises(InvalidTransition):
        undo_merge(user=world.anna, merge=first)
    Api(world.anna).post(at(one, "unmerge/"), {"other": str(two.public_id)})
    undo_merge(user=world.anna, merge=first)
    assert {c.contact for c in Conversation.objects.exclude(status="closed")} <= {one, two, three}


def test_a_merged_contact_keeps_nothing_live(world: World) -> None:
    kept, other = person(world), person(world)
    merge(world, kept, other)
    fresh, created = open_conversation(inbox=world.north, contact=kept)
    assert not created
    assert fresh.contact == kept
