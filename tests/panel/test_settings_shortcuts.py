"""Labels and canned responses in the panel's settings, without a script."""

from __future__ import annotations

from typing import Any

import pytest

from django_messenger.models import CannedResponse, Conversation, Label
from django_messenger.panel.canned import _values
from django_messenger.panel.settings.shortcuts import VARIABLES
from tests.factories import make_supervisor, make_user
from tests.panel.conftest import World, client_of
from tests.panel.pages import visit
from tests.perf.counting import measure

CANNED = "/messenger/settings/canned/"
LABELS = "/messenger/settings/labels/"


@pytest.fixture
def client(world: World) -> Any:
    """Somebody who manages North, and North only."""
    return client_of(make_supervisor(world.north.branch, name="Nina"))


@pytest.fixture
def root() -> Any:
    return client_of(make_user(superuser=True))


def test_a_response_is_made_changed_and_deleted(world: World, client: Any) -> None:
    page = visit(client, CANNED).follow("New response")
    page = page.press("Save", shortcut="/hello", text__en="Hello\r\nthere", text__ru="")
    assert page.url == CANNED
    row = CannedResponse.objects.get()
    assert (row.shortcut, row.branch) == ("hello", world.north.branch)
    assert row.texts == {"en": "Hello\nthere"}
    page.follow("/hello").press("Save", text__ru="Привет")
    row.refresh_from_db()
    assert row.texts == {"en": "Hello\nthere", "ru": "Привет"}

    page = visit(client, f"{CANNED}{row.pk}/")
    assert "Confirm" in page.press("Delete").text
    assert CannedResponse.objects.exists()
    assert page.press("Delete", sure="1").url == CANNED
    assert not CannedResponse.objects.exists()


def test_a_text_in_a_further_language_stays(world: World, client: Any) -> None:
    texts = {"en": "Hello", "de": "Hallo"}
    row = CannedResponse.objects.create(branch=world.north.branch, shortcut="hi", texts=texts)
    visit(client, f"{CANNED}{row.pk}/").press("Save", text__en="Good day")
    row.refresh_from_db()
    assert row.texts == {"en": "Good day", "de": "Hallo"}


def test_a_shortcut_is_unique_in_words(world: World, client: Any) -> None:
    CannedResponse.objects.create(branch=world.north.branch, shortcut="hi", texts={"en": "Hi"})
    CannedResponse.objects.create(branch=world.south.branch, shortcut="bye", texts={"en": "Bye"})
    page = visit(client, f"{CANNED}new/").press("Save", shortcut="hi", text__en="Typed")
    assert page.status == 400
    assert "There is an answer with this shortcut already." in page.text
    assert page.value("text__en") == "Typed"
    assert page.press("Save", shortcut="bye").url == CANNED


def test_what_is_missing_is_said_beside_its_field(world: World, client: Any) -> None:
    page = visit(client, f"{CANNED}new/").press("Save", shortcut="two words")
    assert "Write the text in one language at least." in page.text
    page = page.press("Save", text__en="Text")
    assert "Use letters, digits, - and _ only." in page.text
    assert page.value("text__en") == "Text"


def test_the_search_finds_shortcuts_and_texts(world: World, client: Any) -> None:
    branch = world.north.branch
    CannedResponse.objects.create(branch=branch, shortcut="hi", texts={"ru": "Добрый день"})
    CannedResponse.objects.create(branch=branch, shortcut="bye", texts={"en": "Bye"})
    CannedResponse.objects.create(branch=world.south.branch, shortcut="south", texts={"en": "Bye"})
    assert "/hi" in visit(client, CANNED, q="добрый").links
    found = visit(client, CANNED, q="bye")
    assert "/bye" in found.links
    assert "/hi" not in found.links
    assert "/south" not in found.links
    assert "Nothing found" in visit(client, CANNED, q="nowhere\x00").text


def test_a_label_is_made_changed_and_deleted(
    world: World, client: Any, conversation: Conversation
) -> None:
    page = visit(client, LABELS).follow("New label").press("Save", name="VIP", color="#112233")
    label = Label.objects.get()
    assert (label.name, label.color, label.branch) == ("VIP", "#112233", world.north.branch)
    assert "There is a label of this name already." in (
        visit(client, f"{LABELS}new/").press("Save", name="VIP").text
    )
    conversation.labels.add(label)
    page = page.follow("VIP").press("Save", color="#nothex")
    assert "Write a colour such as #1d4ed8." in page.text
    page = visit(client, f"{LABELS}{label.pk}/").press("Save", name="Important")
    page = page.follow("Important")
    assert "It disappears from 1 conversation." in page.text
    page.press("Delete", sure="1")
    assert not conversation.labels.exists()


@pytest.mark.parametrize("url", [CANNED, LABELS])
def test_what_is_foreign_is_absent(world: World, client: Any, url: str) -> None:
    rows = {
        CANNED: CannedResponse(branch=world.south.branch, shortcut="x", texts={"en": "X"}),
        LABELS: Label(branch=world.south.branch, name="x"),
    }
    row = rows[url]
    row.save()
    absent = client.get(f"{url}{row.pk + 1000}/")
    foreign = client.get(f"{url}{row.pk}/")
    assert (foreign.status_code, foreign.content) == (404, absent.content)
    for data in ({"name": "y", "shortcut": "y"}, {"delete": "1", "sure": "1"}):
        assert client.post(f"{url}{row.pk}/", data).status_code == 404
    assert type(row).objects.filter(pk=row.pk).exists()
    south = {"branch": str(world.south.branch.pk)}
    made = {"name": "n", "color": "#112233", "shortcut": "n", "text__en": "n", **south}
    assert client.post(f"{url}new/", made).status_code == 400
    assert type(row).objects.count() == 1


@pytest.mark.parametrize("url", [CANNED, LABELS])
def test_what_is_for_all_branches_belongs_to_superusers(
    world: World, client: Any, root: Any, url: str
) -> None:
    visit(root, f"{url}new/").press(
        "Save", name="All", color="#112233", shortcut="all", text__en="All", branch=""
    )
    row: Any = (Label if url == LABELS else CannedResponse).objects.get()
    assert row.branch is None
    page = visit(client, f"{url}{row.pk}/")
    assert "only superusers change it" in page.text
    assert "Save" not in page.buttons
    changed = {"name": "Mine", "color": "#112233", "shortcut": "mine", "text__en": "Mine"}
    assert client.post(f"{url}{row.pk}/", changed).status_code == 400
    assert client.post(f"{url}{row.pk}/", {"delete": "1", "sure": "1"}).status_code == 403
    assert client.post(f"{url}new/", changed).status_code == 400
    assert type(row).objects.get().pk == row.pk
    row.refresh_from_db()
    assert "Mine" not in (getattr(row, "name", ""), getattr(row, "shortcut", ""))


@pytest.mark.parametrize("url", [CANNED, LABELS])
def test_operators_may_not(world: World, url: str) -> None:
    client = client_of(world.anna)
    assert visit(client, url).status == 403
    assert client.post(f"{url}new/", {"name": "n"}).status_code == 403


def test_the_lists_cost_the_same_with_more_rows(world: World, client: Any) -> None:
    def cost_of(url: str) -> int:
        visit(client, url)
        with measure() as cost:
            assert visit(client, url).status == 200
        return len(cost.sql)

    def add(number: int) -> None:
        branch = world.north.branch
        Label.objects.create(branch=branch, name=f"l{number}")
        CannedResponse.objects.create(branch=branch, shortcut=f"c{number}", texts={"en": "x"})

    add(0)
    one = [cost_of(CANNED), cost_of(LABELS)]
    for number in range(1, 30):
        add(number)
    assert [cost_of(CANNED), cost_of(LABELS)] == one


def test_the_variables_are_those_that_are_filled_in(world: World, conversation: Any) -> None:
    assert set(VARIABLES) == set(_values(world.anna, conversation))
