"""What each figure of a report counts, in hand-made conversations."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from django_messenger.exceptions import InvalidInput
from django_messenger.models import Conversation, Message
from django_messenger.selectors.reports.figures import Figures, Report, Spread
from django_messenger.selectors.reports.period import Period, check_period, period_of
from django_messenger.selectors.reports.report import read_report
from django_messenger.services.contacts import block_contact
from django_messenger.services.conversations import assign_conversation, change_conversation
from django_messenger.services.handover import hand_over_conversation
from django_messenger.services.merging import merge_contacts
from django_messenger.test import override_messenger
from tests.factories import make_contact, make_inbox, make_operator
from tests.operators.conftest import World
from tests.reports import NOON, add, hours_ago, rate, resolve, tell

DAY = Period(NOON.date(), NOON.date())
MINUTE, HOUR = 60, 3600


def read(user: Any, period: Period = DAY, **narrow: Any) -> Report:
    return read_report(user, period, **narrow)


def total(user: Any, period: Period = DAY, **narrow: Any) -> Figures:
    return read(user, period, **narrow).total


def lately(user: Any) -> Figures:
    """The figures of the last days, this moment included."""
    today = timezone.now().date()
    return total(user, Period(today - timedelta(days=9), today + timedelta(days=1)))


def people(report: Report) -> dict[Any, Figures]:
    return {user and user.pk: figures for user, figures in report.operators}


# --- First responses -----------------------------------------------------------------------------


def test_a_first_response_is_the_first_answer_to_the_first_message(world: World) -> None:
    lines = [
        (0, "visitor"),
        (30, "visitor"),
        (100, world.anna),
        (400, "visitor"),
        (405, world.anna),
    ]
    tell(world.north, NOON, lines)
    figures = total(world.vera)
    assert figures.first_response == Spread(100, 100)
    assert (figures.new, figures.unanswered) == (1, 0)
    assert (figures.visitor_messages, figures.operator_messages) == (3, 2)


def test_bots_notes_and_what_was_quarantined_do_not_answer_or_ask(world: World) -> None:
    talk = tell(world.north, NOON, [(10, "visitor"), (12, "bot")])
    add(talk, NOON, "visitor", quarantined=True)
    add(talk, NOON + timedelta(seconds=20), world.anna, note=True)
    assert total(world.vera).unanswered == 1
    add(talk, NOON + timedelta(seconds=70), world.anna)
    figures = total(world.vera)
    assert figures.first_response == Spread(60, 60)
    assert (figures.visitor_messages, figures.operator_messages) == (1, 1)


def test_what_an_operator_says_before_the_visitor_answers_nothing(world: World) -> None:
    tell(world.north, NOON, [(0, world.anna), (50, "visitor"), (57, world.anna)])
    figures = total(world.vera)
    assert figures.first_response == Spread(7, 7)
    assert figures.waits == figures.new == 1


def test_a_conversation_without_a_visitor_is_not_new(world: World) -> None:
    tell(world.north, NOON, [(0, world.anna)])
    figures = total(world.vera)
    assert (figures.new, figures.waits, figures.operator_messages) == (0, 0, 1)


def test_percentiles_lie_between_what_was_measured(world: World) -> None:
    for seconds in (10, 20, 30, 40):
        tell(world.north, NOON, [(0, "visitor"), (seconds, world.anna)])
    tell(world.north, NOON, [(0, "visitor")])
    figures = total(world.vera)
    assert figures.first_response == Spread(25, 37)
    assert (figures.new, figures.unanswered) == (5, 1)


def test_a_conversation_of_the_days_before_is_not_new(world: World) -> None:
    talk = tell(world.north, NOON - timedelta(days=1), [(0, "visitor"), (5, world.anna)])
    add(talk, NOON, "visitor")
    add(talk, NOON + timedelta(seconds=40), world.anna)
    figures = total(world.vera)
    assert (figures.new, figures.first_response) == (0, None)
    assert (figures.waits, figures.waiting) == (1, Spread(40, 40))


def test_a_removed_message_was_said(world: World) -> None:
    talk = tell(world.north, NOON, [(0, "visitor"), (9, world.anna)])
    Message.objects.filter(conversation=talk).update(removed_at=NOON, body="")
    assert total(world.vera).first_response == Spread(9, 9)


# --- Waiting -------------------------------------------------------------------------------------


def test_every_wait_counts_from_the_oldest_message_without_an_answer(world: World) -> None:
    lines = [(0, "visitor"), (5, "visitor"), (10, world.anna), (100, "visitor"), (130, world.anna)]
    tell(world.north, NOON, [*lines, (140, world.anna), (200, "visitor")])
    figures = total(world.vera)
    assert (figures.waits, figures.waits_open) == (3, 1)
    assert figures.waiting == Spread(20, 28)


def test_resolving_without_a_word_does_not_end_a_wait(world: World) -> None:
    talk = tell(world.north, NOON, [(0, "visitor")])
    resolve(talk, world.vera, NOON + timedelta(seconds=30))
    add(talk, NOON + timedelta(seconds=60), "visitor")
    add(talk, NOON + timedelta(seconds=90), world.anna)
    assert total(world.vera).waiting == Spread(90, 90)


# --- Missed --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("hours", "missed"), [(23, 0), (25, 1)])
def test_who_waits_for_a_day_has_been_missed(world: World, hours: float, missed: int) -> None:
    tell(world.north, hours_ago(hours), [(0, "visitor")])
    figures = lately(world.vera)
    assert (figures.missed, figures.unanswered) == (missed, 1)


def test_a_late_answer_is_late_and_not_missed(world: World) -> None:
    tell(world.north, NOON, [(0, "visitor"), (48 * HOUR, world.anna)])
    figures = total(world.vera)
    assert figures.missed == 0
    assert figures.first_response == Spread(48 * HOUR, 48 * HOUR)


def test_resolved_without_an_answer_is_missed_at_once(world: World) -> None:
    talk = tell(world.north, hours_ago(1), [(0, "visitor")])
    resolve(talk, world.vera, timezone.now())
    assert lately(world.vera).missed == 1


def test_what_was_closed_or_answered_by_a_bot_is_not_missed(world: World) -> None:
    spam = tell(world.north, NOON, [(0, "visitor")])
    change_conversation(user=world.vera, conversation=spam, status="closed")
    tell(world.north, NOON, [(0, "visitor"), (1, "bot")])
    figures = total(world.vera)
    assert (figures.missed, figures.unanswered, figures.unresolved) == (0, 2, 1)


# --- Resolutions ---------------------------------------------------------------------------------


def test_a_resolution_lasts_from_the_first_message(world: World) -> None:
    talk = tell(world.north, NOON - timedelta(days=2), [(0, "visitor"), (5, world.anna)])
    resolve(talk, world.anna, NOON)
    figures = total(world.vera)
    assert (figures.resolved, figures.new) == (1, 0)
    assert figures.resolution == Spread(48 * HOUR, 48 * HOUR)


def test_what_was_reopened_is_not_resolved(world: World) -> None:
    talk = tell(world.north, NOON, [(0, "visitor")])
    resolve(talk, world.anna, NOON)
    assert (total(world.vera).resolved, total(world.vera).unresolved) == (1, 0)
    add(talk, NOON + timedelta(hours=1), "visitor")
    assert (total(world.vera).resolved, total(world.vera).unresolved) == (0, 1)


def test_closing_what_was_resolved_leaves_it_resolved(world: World) -> None:
    talk = tell(world.north, NOON, [(0, "visitor")])
    resolve(talk, world.anna, NOON)
    change_conversation(user=world.vera, conversation=talk, status="closed")
    assert total(world.vera).resolved == 1


def test_a_resolution_before_any_message_takes_no_negative_time(world: World) -> None:
    talk = tell(world.north, NOON, [(60, "visitor")])
    resolve(talk, world.anna, NOON)
    assert total(world.vera).resolution == Spread(0, 0)


def test_handing_over_is_neither_a_resolution_nor_a_miss(world: World) -> None:
    talk = tell(world.north, hours_ago(1), [(0, "visitor")])
    other = make_inbox(world.north.branch)
    hand_over_conversation(user=world.vera, conversation=talk, inbox=other, reason="Yours")
    report = read_report(world.vera, Period(*[timezone.now().date()] * 2))
    figures = lately(world.vera)
    assert (figures.new, figures.unanswered, figures.unresolved) == (2, 2, 1)
    assert (figures.resolved, figures.missed) == (0, 0)
    assert other in [inbox for inbox, _ in report.inboxes]


def test_a_merge_moves_no_figure(world: World) -> None:
    talk = tell(world.north, NOON, [(0, "visitor"), (5, world.anna)])
    before = total(world.vera)
    kept = make_contact(world.north.branch)
    merge_contacts(user=world.vera, contact=kept, other=talk.contact)
    assert total(world.vera) == before


def test_a_blocked_contact_still_counts(world: World) -> None:
    talk = tell(world.north, NOON, [(0, "visitor")])
    block_contact(user=world.vera, contact=talk.contact)
    assert total(world.vera).new == 1


# --- Ratings -------------------------------------------------------------------------------------


def test_four_and_five_of_five_are_good(world: World) -> None:
    for score in (1, 3, 4, 5):
        talk = tell(world.north, NOON - timedelta(days=3), [(0, "visitor")])
        resolve(talk, world.anna, NOON - timedelta(days=3))
        rate(talk, score, NOON)
    figures = total(world.vera)
    assert (figures.ratings, figures.good, figures.satisfaction) == (4, 2, 0.5)
    assert figures.resolved == 0
    assert Figures().satisfaction is None


# --- By day, inbox and operator ------------------------------------------------------------------


def test_every_row_of_the_operators_adds_up_to_the_total(world: World) -> None:
    clara = make_operator(world.north.branch, name="Clara")
    first = tell(
        world.north, NOON, [(0, "visitor"), (60, world.anna), (70, "visitor"), (75, clara)]
    )
    resolve(first, clara, NOON + timedelta(hours=1))
    rate(first, 5, NOON + timedelta(hours=2))
    assigned = tell(world.north, NOON, [(0, "visitor")])
    assign_conversation(user=clara, conversation=assigned, assignee=clara)
    tell(world.north, NOON, [(0, "visitor")])
    report = read(world.vera)
    rows = people(report)
    assert list(rows) == [world.anna.pk, clara.pk, None]
    anna, claras, nobody = rows.values()
    assert (anna.new, anna.first_response) == (1, Spread(60, 60))
    assert (claras.new, claras.unanswered, claras.missed) == (1, 1, 1)
    assert (claras.resolved, claras.good, claras.operator_messages) == (1, 1, 1)
    assert claras.waiting == Spread(5, 5)
    assert (nobody.new, nobody.missed, nobody.visitor_messages) == (1, 1, 1)
    for name in ("new", "missed", "waits", "resolved", "visitor_messages", "operator_messages"):
        parts = sum(getattr(figures, name) for figures in rows.values())
        assert parts == getattr(report.total, name), name


def test_narrowed_to_an_operator_or_an_inbox(world: World) -> None:
    door = make_inbox(world.north.branch)
    tell(world.north, NOON, [(0, "visitor"), (60, world.anna)])
    tell(door, NOON, [(0, "visitor"), (30, world.vera)])
    anna = total(world.vera, operator=world.anna.messenger_operator)
    assert (anna.new, anna.first_response) == (1, Spread(60, 60))
    narrowed = read(world.vera, inbox=door)
    assert (narrowed.total.new, narrowed.total.first_response) == (1, Spread(30, 30))
    assert [inbox for inbox, _ in narrowed.inboxes] == [door]
    assert total(world.vera, inbox=door, operator=world.anna.messenger_operator) == Figures()


def test_what_a_deleted_account_did_counts_for_nobody(world: World) -> None:
    gone = make_operator(world.north.branch)
    tell(world.north, NOON, [(0, "visitor"), (60, gone)])
    gone.delete()
    rows = people(read(world.vera))
    assert rows[None].first_response == Spread(60, 60)


def test_days_begin_at_midnight_of_the_host(world: World, settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Moscow"
    midnight = datetime(2024, 5, 14, 21, tzinfo=UTC)
    tell(world.north, midnight - timedelta(milliseconds=1), [(0, "visitor")])
    tell(world.north, midnight, [(0, "visitor")])
    tell(world.north, midnight + timedelta(days=1) - timedelta(milliseconds=1), [(0, "visitor")])
    with timezone.override("America/New_York"):
        assert total(world.vera).new == 2
    report = read(world.vera, Period(date(2024, 5, 14), date(2024, 5, 16)))
    assert [figures.new for _, figures in report.days] == [1, 2, 0]


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2024, 3, 31), 23), (date(2024, 10, 27), 25), (date(2024, 6, 1), 24)]
)
def test_days_on_which_the_clocks_change(
    world: World, settings: Any, day: date, hours: int
) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    start, end = Period(day, day).bounds
    assert end - start == timedelta(hours=hours)
    for at in (start, start + timedelta(hours=hours - 1, minutes=59), end):
        tell(world.north, at, [(0, "visitor"), (2 * HOUR, world.anna)])
    report = read(world.vera, Period(day, day + timedelta(days=1)))
    assert [figures.new for _, figures in report.days] == [2, 1]
    assert report.total.first_response == Spread(2 * HOUR, 2 * HOUR)


def test_the_days_before_are_as_many(world: World) -> None:
    for days in (1, 2, 3, 4, 5):
        tell(world.north, NOON - timedelta(days=days), [(0, "visitor"), (days, world.anna)])
    report = read(
        world.vera, Period(NOON.date() - timedelta(days=2), NOON.date() - timedelta(days=1))
    )
    assert (report.total.new, report.before.new) == (2, 2)
    assert report.before.first_response == Spread(3.5, 3.9)


def test_a_day_that_is_not_over_is_compared_with_as_much_of_the_one_before() -> None:
    today = Period(date(2024, 5, 15), date(2024, 5, 15))
    start, end = today.bounds_before(datetime(2024, 5, 15, 9, 30, tzinfo=UTC))
    assert (start, end) == (
        datetime(2024, 5, 14, tzinfo=UTC),
        datetime(2024, 5, 14, 9, 30, tzinfo=UTC),
    )
    over = today.bounds_before(datetime(2024, 5, 16, tzinfo=UTC))
    assert over == (datetime(2024, 5, 14, tzinfo=UTC), datetime(2024, 5, 15, tzinfo=UTC))
    to_come = today.bounds_before(datetime(2024, 5, 1, tzinfo=UTC))
    assert to_come == (datetime(2024, 5, 14, tzinfo=UTC),) * 2


@pytest.mark.parametrize(
    ("preset", "first", "last"),
    [
        ("today", date(2024, 3, 1), date(2024, 3, 1)),
        ("yesterday", date(2024, 2, 29), date(2024, 2, 29)),
        ("week", date(2024, 2, 24), date(2024, 3, 1)),
        ("days30", date(2024, 2, 1), date(2024, 3, 1)),
        ("month", date(2024, 3, 1), date(2024, 3, 1)),
        ("last_month", date(2024, 2, 1), date(2024, 2, 29)),
    ],
)
def test_presets(preset: Any, first: date, last: date) -> None:
    assert period_of(preset, date(2024, 3, 1)) == Period(first, last)


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        (date(2024, 1, 2), date(2024, 1, 1), "reversed"),
        (date(2023, 1, 1), date(2024, 1, 2), "too_long"),
        (date(1, 1, 1), date(1, 1, 2), "invalid"),
        (date(9999, 12, 31), date(9999, 12, 31), "invalid"),
    ],
)
def test_a_period_that_cannot_be(first: date, last: date, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_period(first, last)
    [[problem]] = caught.value.errors.values()
    assert problem.code == code
    assert len(check_period(date(2024, 1, 1), date(2024, 12, 31))) == 366


# --- Whose ---------------------------------------------------------------------------------------


def test_another_branch_is_not_there(world: World) -> None:
    talk = tell(world.south, NOON, [(0, "visitor"), (60, world.boris)])
    resolve(talk, world.boris, NOON)
    rate(talk, 5, NOON)
    report = read(make_operator(world.north.branch, role="supervisor"))
    assert (report.total, report.before) == (Figures(), Figures())
    assert (report.inboxes, report.operators) == ([], [])
    assert all(figures == Figures() for _, figures in report.days)
    assert total(world.boris).new == 1
    assert total(make_operator()) == Figures()


@override_messenger(ACCESS_POLICY="tests.operators.policies.OwnAndFree")
def test_the_hosts_policy_decides(world: World) -> None:
    talk = tell(world.north, NOON, [(0, "visitor"), (60, world.anna)])
    assign_conversation(user=world.anna, conversation=talk, assignee=world.anna)
    assert total(world.anna).new == 1
    assert total(world.vera).new == 0


def test_a_time_limit_is_a_word_and_not_a_fault(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django_messenger.selectors.reports.report.TIMEOUT", 50)
    slow = "SELECT id FROM django_messenger_conversation WHERE pg_sleep(1) IS NOT NULL"
    tell(world.north, NOON, [(0, "visitor")])
    with monkeypatch.context() as patch:
        patch.setattr(
            "django_messenger.selectors.reports.statements.talks", lambda scope: (slow, [])
        )
        with pytest.raises(InvalidInput) as caught:
            read(world.vera)
    assert caught.value.errors["to"][0].code == "too_long"
    assert Conversation.objects.exists()
