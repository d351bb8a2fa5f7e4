"""Filters of the list, and views that keep them under a name."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from django_messenger.models import Conversation, Label, SavedView
from django_messenger.services.conversations import assign_conversation
from tests.factories import make_branch, make_contact, make_conversation, make_inbox
from tests.panel.conftest import World, client_of
from tests.panel.pages import LIST, visit
from tests.panel.test_list import Open, names, start


@pytest.fixture
def shop(world: World) -> Conversation:
    """One conversation in a second inbox of North, labelled and in Anna's hands."""
    inbox = make_inbox(world.north.branch, name="Shop")
    contact = make_contact(world.north.branch, name="Tom")
    conversation = make_conversation(inbox, contact, body="About a table")
    Conversation.objects.get(pk=conversation.pk).labels.add(Label.objects.create(name="Sale"))
    assign_conversation(user=world.anna, conversation=conversation, assignee=world.anna)
    return conversation


def test_a_list_is_narrowed_by_inbox_assignee_and_label(
    world: World, anna: Open, shop: Conversation
) -> None:
    start(world, "Maria")
    label = Label.objects.get()
    for query in (
        {"inbox": str(shop.inbox.public_id)},
        {"assignee": str(world.anna.pk)},
        {"label": str(label.pk)},
    ):
        page = anna(**query)
        assert names(page) == ["Tom"], query
        assert "Filters: 1 is set" in page.html
        assert page.links["Clear filters"] == f"{LIST}?view=all"
    assert names(anna(assignee="none")) == ["Maria"]
    assert names(anna(inbox=str(shop.inbox.public_id), assignee="none")) == []
    assert names(anna(ordering="waiting_since"))[0] == "Tom"


@pytest.mark.parametrize(
    "query",
    [
        {"inbox": "x"},
        {"inbox": "\x00"},
        {"label": "many"},
        {"label": "9" * 30},
        {"assignee": "\x00"},
        {"assignee": "somebody"},
        {"ordering": "password"},
    ],
)
def test_what_is_no_filter_is_left_out(world: World, anna: Open, query: dict[str, str]) -> None:
    start(world, "Maria")
    assert names(anna(**query)) == ["Maria"]


def test_another_branch_cannot_be_asked_for(world: World, anna: Open) -> None:
    start(world, "Maria")
    make_conversation(world.south, body="From the south")
    page = anna(inbox=str(world.south.public_id))
    assert names(page) == []
    assert "Website South" not in page.html
    assert "Boris" not in page.html


def test_a_view_is_saved_found_again_counted_and_deleted(
    world: World, anna: Open, shop: Conversation
) -> None:
    start(world, "Maria")
    page = anna(view="mine", inbox=str(shop.inbox.public_id)).press("Save view", name="My shop")
    assert "The view is saved." in page.text
    assert page.html.count('aria-current="page"') == 1
    again = anna().follow("My shop 1")
    assert names(again) == ["Tom"]
    gone = again.press("Delete the view “My shop”")
    assert "The view is deleted." in gone.text
    assert not SavedView.objects.exists()


def test_names_are_told_apart_and_kept_to_oneself(world: World, anna: Open) -> None:
    page = anna(view="mine").press("Save view", name="")
    assert "Give it a name." in page.text
    page = anna(view="mine").press("Save view", name="<b>Mine</b>")
    assert "&lt;b&gt;Mine&lt;/b&gt;" in page.html
    page = anna(view="waiting").press("Save view", name="<b>Mine</b>")
    assert "There is a view of this name." in page.text
    assert "Mine&lt;/b&gt;" not in visit(client_of(world.vera)).html


def test_who_manages_shares_with_a_branch(world: World, anna: Open) -> None:
    vera = visit(client_of(world.vera), LIST, view="unassigned")
    page = vera.press("Save view", name="Shared", share=str(world.north.branch_id))
    assert "The view is saved." in page.text
    assert "Shared 0" in anna().links
    assert "Shared 0" not in visit(client_of(world.boris)).links
    assert "Delete the view “Shared”" not in anna(view="unassigned").buttons


@pytest.mark.parametrize("share", ["0", "x", "\x00", "foreign"])
def test_nobody_shares_with_strangers(world: World, share: str) -> None:
    data = {"name": "Spy", "share": str(world.south.branch_id) if share == "foreign" else share}
    client = client_of(world.anna)
    client.post(f"{LIST}views/?view=mine", data)
    assert not SavedView.objects.exists()
    assert client.post(f"{LIST}views/", {"name": "Own", "share": str(world.north.branch_id)})
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("number", ["", "x", "99999999999999999999", "foreign"])
def test_nobody_deletes_what_is_not_theirs(world: World, number: str) -> None:
    foreign = SavedView.objects.create(user=world.boris, name="His", query={"view": "mine"})
    number = str(foreign.pk) if number == "foreign" else number
    answer = client_of(world.anna).post(f"{LIST}views/", {"delete": number})
    assert answer.status_code == 404
    assert SavedView.objects.count() == 1


def test_the_script_gets_the_counts_with_the_rows(world: World, anna: Open) -> None:
    conversation = start(world, "Maria")
    anna(view="unassigned").press("Save view", name="Queue")
    view = SavedView.objects.get()
    html = client_of(world.anna).get(f"{LIST}rows/?ids={conversation.public_id}").content.decode()
    assert f'data-dm-count="saved-{view.pk}">1<' in html


def test_the_number_of_queries_stays_the_same(world: World) -> None:
    def count(client: Client) -> int:
        client.get(LIST)
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST)
        return len(queries)

    client = client_of(world.anna)
    SavedView.objects.create(user=world.anna, name="0", query={"view": "mine"})
    few = count(client)
    for turn in range(1, 8):
        SavedView.objects.create(user=world.anna, name=str(turn), query={"label": str(turn)})
        make_inbox(world.north.branch)
        Label.objects.create(name=str(turn))
        make_branch(f"Other {turn}")
    assert count(client) == few


def test_a_name_loses_what_cannot_be_stored(world: World) -> None:
    client_of(world.anna).post(f"{LIST}views/?view=mine", {"name": "My\x00 own"})
    assert SavedView.objects.get().name == "My own"
