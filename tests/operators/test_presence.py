"""Who looks and who types, seen from both sides."""

from __future__ import annotations

import pytest

from django_messenger.models import Conversation
from django_messenger.services.presence import TYPING, note_operator, note_visitor, people_at
from tests.factories import make_conversation, make_operator
from tests.operators.client import Api
from tests.operators.conftest import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation(world: World) -> Conversation:
    return make_conversation(world.north)


def test_a_colleague_who_types_is_seen_by_others_only(
    world: World, conversation: Conversation
) -> None:
    path = f"conversations/{conversation.public_id}/"
    colleague = make_operator(world.north.branch)
    own = Api(world.anna).post(f"{path}typing/", {}).json()
    assert own == {"viewing": [], "typing": [], "visitor_typing": False}
    seen = Api(colleague).get(path).json()["people"]
    assert [person["id"] for person in seen["viewing"]] == [str(world.anna.pk)]
    assert [person["id"] for person in seen["typing"]] == [str(world.anna.pk)]
    Api(world.anna).post(f"{path}typing/", {"typing": False, "viewing": False})
    assert Api(colleague).get(path).json()["people"]["viewing"] == []


def test_leases_end_by_themselves(
    world: World, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    note_visitor(conversation=conversation, typing=True)
    note_operator(user=world.anna, conversation=conversation, typing=True, viewing=True)
    assert people_at(conversation).visitor_types
    later = time.time() + TYPING + 1
    monkeypatch.setattr(time, "time", lambda: later)
    people = people_at(conversation)
    assert not people.typing
    assert [person.key for person in people.viewing] == [str(world.anna.pk)]


def test_the_visitor_hears_only_the_public_name(world: World, conversation: Conversation) -> None:
    note_operator(user=world.anna, conversation=conversation, typing=True, viewing=True)
    name = world.anna.messenger_operator.display_name
    assert people_at(conversation).operator_typing == name
