"""Who is there, and who gets the next conversation: explained, in turn, never too many."""

from __future__ import annotations

import time
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from django_messenger import store
from django_messenger.exceptions import Unavailable
from django_messenger.models import AssignmentLog, Conversation, Inbox, Operator
from django_messenger.services import availability, routing
from django_messenger.services.availability import note_tab, states_of
from django_messenger.services.conversations import assign_conversation, change_conversation
from django_messenger.services.routing import release_absent, route_waiting
from django_messenger.test import override_messenger
from tests.factories import answer, make_conversation, make_inbox, make_operator, say
from tests.operators.client import Api, ids, url
from tests.operators.conftest import World
from tests.threads import run_together
from tests.widget.client import PAGE, Widget


def routed_inbox(world: World, mode: str = "round_robin", **fields: Any) -> Inbox:
    return make_inbox(world.north.branch, assignment=mode, **fields)


def come(*users: Any, capacity: int = 10) -> None:
    """Let operators be online with room for so many."""
    for user in users:
        note_tab(user=user, tab="1")
        Operator.objects.filter(user=user).update(capacity=capacity)


def team(world: World, count: int, capacity: int = 10) -> list[Any]:
    users = [make_operator(world.north.branch) for _ in range(count)]
    come(*users, capacity=capacity)
    return users


def holders(inbox: Inbox) -> list[Any]:
    return [c.assignee for c in Conversation.objects.filter(inbox=inbox).order_by("waiting_since")]


# --- Presence -------------------------------------------------------------------------------------


def test_closing_one_tab_of_two_leaves_one_online(world: World) -> None:
    api = Api(world.anna)

    def beat(tab: str, *, online: bool = True) -> str:
        answered = api.post("me/presence/", {"tab": tab, "online": online})
        assert answered.status_code == 200
        state: str = answered.json()["state"]
        return state

    assert beat("a") == "online"
    assert beat("b") == "online"
    assert beat("a", online=False) == "online"
    assert beat("b", online=False) == "offline"


def test_a_lease_ends_by_itself(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    come(world.anna)
    operator = world.anna.messenger_operator
    assert states_of([operator]) == {operator.pk: "online"}
    now = time.time()
    monkeypatch.setattr(availability.time, "time", lambda: now + availability.LEASE + 1)
    assert states_of([operator]) == {operator.pk: "offline"}


def test_a_choice_by_hand_comes_first(world: World) -> None:
    api = Api(world.anna)
    come(world.anna)
    for chosen, state in (("busy", "busy"), ("away", "away"), ("auto", "online")):
        me = api.patch("me/", {"availability": chosen}).json()
        assert me["operator"]["availability"] == chosen
        (row,) = api.get("operators/").json()["results"]
        assert (row["user"]["name"], row["state"]) == ("Anna", state)
    assert api.patch("me/", {"availability": "asleep"}).status_code == 400


def test_who_is_no_operator_is_not_there(world: World) -> None:
    api = Api(world.admin)
    assert api.post("me/presence/", {"tab": "a"}).status_code == 403
    assert api.patch("me/", {"availability": "away"}).status_code == 403


@pytest.mark.parametrize("tab", ["", "x" * 65, "\n", None, 5])
def test_a_tab_has_a_name(world: World, tab: Any) -> None:
    assert Api(world.anna).post("me/presence/", {"tab": tab}).status_code == 400


def test_the_team_is_that_of_the_branch(world: World) -> None:
    assert (world.anna.pk, world.boris.pk) != (None, None)
    make_conversation(world.north)
    rows = Api(world.anna).get("operators/").json()["results"]
    assert [row["user"]["name"] for row in rows] == ["Anna"]
    assert rows[0] == {
        "user": {"id": str(world.anna.pk), "name": "Anna"},
        "availability": "auto",
        "state": "offline",
        "load": 0,
        "capacity": 10,
    }


# --- Routing --------------------------------------------------------------------------------------


def test_in_turn_oldest_first(world: World) -> None:
    inbox = routed_inbox(world)
    first, second = team(world, 2)
    for _ in range(5):
        make_conversation(inbox)
    assert route_waiting(inbox) == 5
    assert holders(inbox) == [first, second, first, second, first]


def test_to_who_has_the_fewest(world: World) -> None:
    inbox = routed_inbox(world, "least_loaded")
    busy, free = team(world, 2)
    for _ in range(2):
        held = make_conversation(world.north)
        assign_conversation(user=busy, conversation=held, assignee=busy)
    snoozed = make_conversation(world.north)
    assign_conversation(user=free, conversation=snoozed, assignee=free)
    soon = timezone.now() + timedelta(hours=1)
    change_conversation(user=free, conversation=snoozed, status="snoozed", snoozed_until=soon)
    for _ in range(3):
        make_conversation(inbox)
    route_waiting(inbox)
    assert holders(inbox)[:2] == [free, free]


def test_nobody_gets_more_than_fits(world: World) -> None:
    inbox = routed_inbox(world)
    users = team(world, 2, capacity=2)
    for _ in range(6):
        make_conversation(inbox)
    assert route_waiting(inbox) == 4
    assert holders(inbox) == [*users, *users, None, None]


@pytest.mark.parametrize("state", ["offline", "busy", "away", "inactive", "foreign", "no room"])
def test_who_gets_nothing(world: World, state: str) -> None:
    inbox = routed_inbox(world)
    user = make_operator(world.south.branch if state == "foreign" else world.north.branch)
    if state != "offline":
        come(user, capacity=0 if state == "no room" else 5)
    operators = Operator.objects.filter(user=user)
    if state in ("busy", "away"):
        operators.update(availability=state)
    if state == "inactive":
        operators.update(is_active=False)
    make_conversation(inbox)
    assert route_waiting(inbox) == 0
    assert holders(inbox) == [None]


def test_without_the_permission_to_reply_nobody_is_chosen(world: World) -> None:
    inbox = routed_inbox(world)
    (user,) = team(world, 1)
    user.groups.clear()
    make_conversation(inbox)
    assert route_waiting(inbox) == 0


def test_what_is_not_waiting_is_left_alone(world: World) -> None:
    inbox = routed_inbox(world)
    team(world, 1)
    answered, resolved, blocked, quarantined = (make_conversation(inbox) for _ in range(4))
    with override_messenger(ASSIGN_ON_REPLY=False):
        answer(answered, world.vera)
    change_conversation(user=world.vera, conversation=resolved, status="resolved")
    blocked.contact.blocked_at = timezone.now()
    blocked.contact.save()
    change_conversation(user=world.vera, conversation=quarantined, status="closed")
    assert route_waiting(inbox) == 0


def test_the_log_explains(world: World) -> None:
    inbox = routed_inbox(world)
    (user,) = team(world, 1)
    away = make_operator(world.north.branch, name="Gone")
    conversation = make_conversation(inbox)
    route_waiting(inbox)
    (row,) = Api(user).get(url(conversation, "assignments/")).json()["assignments"]
    assert (row["cause"], row["by"], row["assignee"]["id"]) == ("routed", None, str(user.pk))
    assert row["trace"]["mode"] == "round_robin"
    states = {c["user"]: (c["state"], c["load"]) for c in row["trace"]["candidates"]}
    assert states == {str(user.pk): ("online", 0), str(away.pk): ("offline", 0)}


def test_who_gave_it_back_does_not_get_it_again(world: World) -> None:
    inbox = routed_inbox(world)
    (user,) = team(world, 1)
    conversation = make_conversation(inbox)
    route_waiting(inbox)
    assign_conversation(user=user, conversation=conversation, assignee=None, expected=user.pk)
    assert route_waiting(inbox) == 0
    (other,) = team(world, 1)
    assert route_waiting(inbox) == 1
    assert holders(inbox) == [other]


def test_with_the_cache_down_nothing_is_decided(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = routed_inbox(world)
    team(world, 1)
    make_conversation(inbox)

    def broken(*args: Any, **kwargs: Any) -> Any:
        raise Unavailable

    monkeypatch.setattr(store, "get_many", broken)
    assert route_waiting(inbox) == 0
    assert release_absent() == 0


# --- Releasing ------------------------------------------------------------------------------------


def held_by(world: World, user: Any, inbox: Inbox) -> Conversation:
    conversation = make_conversation(inbox)
    assign_conversation(user=user, conversation=conversation, assignee=user)
    return conversation


def let_time_pass(user: Any) -> None:
    """As if the operator's last sign of life were long ago, and the cache old."""
    store.forget(f"dm:seen:{user.pk}")
    store.forget(f"dm:tabs:{user.pk}")
    store.put("dm:online:since", time.time() - 100_000, seconds=1000)


def test_who_waits_for_somebody_gone_goes_to_somebody_there(world: World) -> None:
    inbox = routed_inbox(world)
    gone, there = team(world, 2)
    waiting, answered = held_by(world, gone, inbox), held_by(world, gone, inbox)
    answer(answered, gone)
    by_hand = held_by(world, gone, world.north)
    let_time_pass(gone)
    assert release_absent() == 1
    assert Conversation.objects.get(pk=waiting.pk).assignee == there
    for left_alone in (answered, by_hand):
        assert Conversation.objects.get(pk=left_alone.pk).assignee == gone
    released, routed = AssignmentLog.objects.filter(conversation=waiting).exclude(cause="taken")
    assert (released.cause, released.previous, released.trace["why"]) == (
        "released",
        gone,
        "absent",
    )
    assert routed.cause == "routed"


def test_a_cache_that_was_emptied_releases_nobody(world: World) -> None:
    inbox = routed_inbox(world)
    (user,) = team(world, 1)
    held_by(world, user, inbox)
    let_time_pass(user)
    store.forget("dm:online:since")
    assert release_absent() == 0
    come(world.vera)  # begins the count anew
    assert release_absent() == 0


def test_going_away_by_hand_releases_at_once(world: World) -> None:
    inbox = routed_inbox(world)
    come(world.anna)
    conversation = held_by(world, world.anna, inbox)
    Api(world.anna).patch("me/", {"availability": "away"})
    assert Conversation.objects.get(pk=conversation.pk).assignee is None
    log = AssignmentLog.objects.filter(conversation=conversation).last()
    assert log is not None
    assert (log.cause, log.trace["why"]) == ("released", "away")


def test_the_command(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    inbox = routed_inbox(world)
    gone, there = team(world, 2)
    held_by(world, gone, inbox)
    let_time_pass(gone)
    make_conversation(inbox)
    call_command("messenger_route")
    assert capsys.readouterr().out == "1 released.\n"
    assert holders(inbox) == [there, there]


# --- By themselves, and many at once --------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
class TestByItself:
    def test_a_message_is_enough(self, world: World) -> None:
        inbox = routed_inbox(world, allowed_origins=[PAGE])
        (user,) = team(world, 1)
        chat = Widget(inbox).start()
        chat.send("Hello").expect(201)
        assert holders(inbox) == [user]
        assert ids(Api(user).get("conversations/", view="mine"))

    def test_coming_is_enough(self, world: World) -> None:
        inbox = routed_inbox(world)
        make_conversation(inbox)
        assert holders(inbox) == [None]
        Api(world.anna).post("me/presence/", {"tab": "a"})
        assert holders(inbox) == [world.anna]

    def test_finishing_makes_room(self, world: World) -> None:
        inbox = routed_inbox(world)
        (user,) = team(world, 1, capacity=1)
        first, second = make_conversation(inbox), make_conversation(inbox)
        assert holders(inbox) == [user, None]
        change_conversation(user=user, conversation=first, status="resolved")
        assert Conversation.objects.get(pk=second.pk).assignee == user

    def test_switched_off_nothing_happens(self, world: World) -> None:
        team(world, 1)
        conversation = make_conversation(world.north)
        say(conversation, "Anybody?")
        assert holders(world.north) == [None]

    @pytest.mark.race
    @pytest.mark.parametrize("mode", ["round_robin", "least_loaded"])
    def test_many_deciders_agree(self, world: World, mode: str) -> None:
        """None goes to two, nobody gets more than fits, none is left while there is room."""
        inbox = routed_inbox(world, "off")
        users = team(world, 4, capacity=3)
        for _ in range(15):
            make_conversation(inbox)
        Inbox.objects.filter(pk=inbox.pk).update(assignment=mode)
        inbox.refresh_from_db()
        given = run_together([partial(route_waiting, inbox) for _ in range(6)])
        assert sum(given) == 12
        held = holders(inbox)
        assert [held.count(user) for user in users] == [3, 3, 3, 3]
        assert held[12:] == [None] * 3
        assert AssignmentLog.objects.filter(cause="routed").count() == 12

    @pytest.mark.race
    def test_operators_of_several_branches_are_counted_once(self, world: World) -> None:
        both = make_operator(world.north.branch, world.south.branch)
        come(both, capacity=3)
        doors = [make_inbox(inbox.branch) for inbox in (world.north, world.south)]
        for door in doors:
            for _ in range(4):
                make_conversation(door)
        Inbox.objects.filter(pk__in=[door.pk for door in doors]).update(assignment="least_loaded")
        for door in doors:
            door.refresh_from_db()
        run_together([partial(route_waiting, door) for door in doors * 3])
        assert Conversation.objects.filter(assignee=both).count() == 3

    @pytest.mark.race
    def test_a_taker_and_a_decider_do_not_both_win(self, world: World) -> None:
        inbox = routed_inbox(world, "off")
        (user,) = team(world, 1)
        for _ in range(5):
            conversation = make_conversation(inbox)
            Inbox.objects.filter(pk=inbox.pk).update(assignment="round_robin")
            inbox.refresh_from_db()
            take = partial(
                Api(world.anna).post,
                url(conversation, "assign/"),
                {"assignee": str(world.anna.pk)},
            )
            run_together([take, partial(route_waiting, inbox)])
            log = AssignmentLog.objects.filter(conversation=conversation)
            assert log.count() == 1
            winner = Conversation.objects.get(pk=conversation.pk).assignee
            assert winner in (user, world.anna)
            assert log.get().assignee == winner
            Inbox.objects.filter(pk=inbox.pk).update(assignment="off")

    @pytest.mark.race
    def test_two_releases_at_once_release_once(self, world: World) -> None:
        inbox = routed_inbox(world)
        (user,) = team(world, 1)
        for _ in range(4):
            held_by(world, user, inbox)
        let_time_pass(user)
        assert sum(run_together([release_absent] * 4)) == 4
        assert AssignmentLog.objects.filter(cause="released").count() == 4


def test_the_queue_is_tended_once_in_a_while(world: World) -> None:
    inbox = routed_inbox(world)
    (user,) = team(world, 1)
    make_conversation(inbox)
    routing.tend_queue()
    assert holders(inbox) == [user]
    make_conversation(inbox)
    routing.tend_queue()
    assert holders(inbox) == [user, None]
