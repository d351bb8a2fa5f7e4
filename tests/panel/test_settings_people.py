"""Operators and branches in the panel's settings, without a script."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model

from django_messenger.models import AssignmentLog, Conversation, Operator
from django_messenger.selectors.preferences import Preferences
from django_messenger.selectors.team import find_person
from django_messenger.services.conversations import assign_conversation
from django_messenger.services.preferences import save_preferences
from tests.factories import make_conversation, make_operator, make_supervisor, make_user
from tests.panel.conftest import World, client_of, now_in
from tests.panel.pages import visit
from tests.perf.counting import measure

PEOPLE = "/messenger/settings/operators/"


@pytest.fixture
def nina(world: World) -> Any:
    """Somebody who manages North, and North only."""
    return make_supervisor(world.north.branch, name="Nina")


@pytest.fixture
def client(nina: Any) -> Any:
    return client_of(nina)


def row_of(user: Any) -> Operator:
    return Operator.objects.get(user=user)


def url_of(user: Any) -> str:
    return f"{PEOPLE}{row_of(user).pk}/"


def branches_of(user: Any) -> set[str]:
    return {str(branch) for branch in row_of(user).branches.all()}


def test_the_list_shows_who_shares_a_branch(world: World, client: Any) -> None:
    page = visit(client, PEOPLE)
    assert {"Anna", "Nina", "Vera"} <= set(page.links)
    assert "Boris" not in page.links
    assert "South" not in page.text


def test_the_list_costs_the_same_with_more_people(world: World, client: Any) -> None:
    visit(client, PEOPLE)
    with measure() as one:
        visit(client, PEOPLE)
    for _ in range(20):
        make_operator(world.north.branch)
    with measure() as many:
        assert visit(client, PEOPLE).status == 200
    assert len(one.sql) == len(many.sql)
    assert len(one.sql) <= 15


def test_somebody_with_an_account_becomes_an_operator(world: World, client: Any) -> None:
    person = make_user("petra@example.com")
    page = visit(client, PEOPLE).follow("Add an operator")
    wrong = page.press("Add", login="nobody@example.com", display_name="Petra")
    assert "There is no active user with this login." in wrong.text
    assert wrong.value("display_name") == "Petra"
    page = wrong.press("Add", login="petra@example.com")
    assert "Petra is an operator now." in page.text
    assert "django_messenger.view_conversation" in page.text
    assert branches_of(person) == {"North"}


def test_whoever_is_switched_off_by_the_host_cannot_be_added(world: World, client: Any) -> None:
    person = make_user("petra@example.com", is_active=False)
    page = visit(client, f"{PEOPLE}new/")
    answer = page.press("Add", login="petra@example.com", display_name="Petra")
    assert "There is no active user with this login." in answer.text
    assert not Operator.objects.filter(user=person).exists()


def test_an_operator_of_another_branch_gets_ours_too(world: World, client: Any) -> None:
    login = world.boris.get_username()
    visit(client, f"{PEOPLE}new/").press("Add", login=login, display_name="Bob")
    assert branches_of(world.boris) == {"North", "South"}
    assert row_of(world.boris).display_name == "Boris"


def test_only_superusers_give_roles(world: World, client: Any) -> None:
    person = make_user("petra@example.com")
    data = {"login": "petra@example.com", "display_name": "Petra", "role": "supervisor"}
    data["branches"] = str(world.north.branch.pk)
    assert client.post(f"{PEOPLE}new/", data).status_code == 302
    assert not person.groups.exists()
    page = visit(client_of(make_user(superuser=True)), f"{PEOPLE}new/").press("Add", **data)
    assert "lacks" not in page.text
    assert person.groups.count() == 1


def test_no_branch_can_be_given_that_one_does_not_see(world: World, client: Any) -> None:
    south = str(world.south.branch.pk)
    make_user("petra@example.com")
    data = {"login": "petra@example.com", "display_name": "Petra", "branches": south}
    assert client.post(f"{PEOPLE}new/", data).status_code == 400
    changed = {"display_name": "Anna", "capacity": "5", "branches": south}
    assert client.post(url_of(world.anna), changed).status_code == 400
    assert branches_of(world.anna) == {"North"}


def test_hidden_branches_stay(world: World, client: Any) -> None:
    page = visit(client, url_of(world.vera))
    assert "South" not in page.text
    assert "They also answer in branches that you do not see" in page.text
    page.press("Save", display_name="Vera V.", capacity="3")
    assert branches_of(world.vera) == {"North", "South"}
    visit(client, url_of(world.vera)).press("Save", branches=[])
    assert branches_of(world.vera) == {"South"}
    assert (row_of(world.vera).display_name, row_of(world.vera).capacity) == ("Vera V.", 3)
    assert visit(client, url_of(world.vera)).status == 404


def test_what_was_typed_is_kept_beside_what_is_wrong(world: World, client: Any) -> None:
    page = visit(client, url_of(world.anna)).press(
        "Save", display_name="Anna B.", capacity="-1", branches=[]
    )
    assert page.status == 400
    assert page.value("display_name") == "Anna B."
    page = page.press("Save", capacity="4")
    assert "Choose at least one branch, or switch the operator off." in page.text
    assert row_of(world.anna).display_name == "Anna"


def test_who_is_switched_off_gives_the_conversations_back(
    world: World, client: Any, conversation: Conversation
) -> None:
    assign_conversation(user=world.anna, conversation=conversation, assignee=world.anna)
    page = visit(client, url_of(world.anna))
    assert "1 conversation that they have in hand goes back into the queue" in page.text
    page = page.press("Switch the operator off")
    assert "Anna is switched off. 1 conversation is back in the queue." in page.text
    assert now_in(conversation).assignee is None
    log = AssignmentLog.objects.order_by("-pk").first()
    assert log is not None
    assert (log.cause, log.trace["why"]) == ("released", "inactive")
    assert visit(client_of(world.anna), conversation).status == 404

    visit(client, url_of(world.anna)).press("Switch the operator on")
    assert visit(client_of(world.anna), conversation).status == 200


def test_a_branch_taken_away_gives_its_conversations_back(world: World) -> None:
    north, south = make_conversation(world.north), make_conversation(world.south)
    for conversation in (north, south):
        assign_conversation(user=world.vera, conversation=conversation, assignee=world.vera)
    root = client_of(make_user(superuser=True))
    page = visit(root, url_of(world.vera))
    page = page.press("Save", branches=[str(world.south.branch.pk)])
    assert "1 conversation is back in the queue." in page.text
    assert now_in(north).assignee is None
    assert now_in(south).assignee == world.vera
    assert "does not answer here any more" in visit(root, north).text


def test_nobody_switches_off_themselves_or_where_they_do_not_see(
    world: World, client: Any, nina: Any
) -> None:
    for user in (nina, world.vera):
        assert "Switch the operator off" not in visit(client, url_of(user)).buttons
        assert client.post(f"{url_of(user)}switch/", {"off": "1"}).status_code == 409
        assert row_of(user).is_active
    assert client.get(f"{url_of(world.anna)}switch/").status_code == 405


def test_who_was_switched_off_elsewhere_is_not_brought_back(world: World, client: Any) -> None:
    row = row_of(world.boris)
    row.is_active = False
    row.save()
    login = world.boris.get_username()
    page = visit(client, f"{PEOPLE}new/").press("Add", login=login, display_name="Boris")
    assert "This operator was switched off." in page.text
    assert not row_of(world.boris).is_active


def test_a_foreign_operator_is_absent(world: World, client: Any) -> None:
    absent = client.get(f"{PEOPLE}987654/")
    foreign = client.get(url_of(world.boris))
    assert (foreign.status_code, foreign.content) == (404, absent.content)
    assert client.post(url_of(world.boris), {"display_name": "B"}).status_code == 404
    assert client.post(f"{url_of(world.boris)}switch/", {"off": "1"}).status_code == 404
    assert row_of(world.boris).is_active


def test_who_may_not_manage_sees_nobody(world: World) -> None:
    client = client_of(world.anna)
    for url in (PEOPLE, f"{PEOPLE}new/", url_of(world.anna), "/messenger/settings/branches/"):
        assert visit(client, url).status == 403
    assert client.post(f"{PEOPLE}new/", {"login": "x"}).status_code == 403


def test_a_superuser_with_preferences_is_no_operator(world: World) -> None:
    root = make_user(superuser=True)
    save_preferences(user=root, preferences=Preferences(sound=True))
    page = visit(client_of(root), PEOPLE)
    assert url_of(root) not in page.links.values()
    assert {"Anna", "Boris", "Nina", "Vera"} & set(page.links) == {"Anna", "Boris", "Vera"}


def test_branches_are_looked_at(world: World, client: Any) -> None:
    page = visit(client, "/messenger/settings/branches/")
    assert "North" in page.text
    assert "South" not in page.text
    assert "for ever" in page.text


def test_a_host_whose_people_log_in_by_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    user: Any = get_user_model()
    monkeypatch.setattr(user, "USERNAME_FIELD", user._meta.pk.name)
    assert find_person("nobody") is None
