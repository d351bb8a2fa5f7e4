"""What an operator does on the page of a conversation, with a browser that runs no script."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from django_messenger.exceptions import InvalidInput
from django_messenger.models import Conversation, Label
from django_messenger.panel import actions
from django_messenger.panel.times import snooze_end
from django_messenger.services.conversations import (
    assign_conversation,
    change_conversation,
    read_conversation,
)
from tests.factories import (
    make_branch,
    make_contact,
    make_conversation,
    make_inbox,
    make_operator,
    say,
)
from tests.panel.conftest import World, client_of, now_in, said
from tests.panel.pages import LIST, Page, url_of, visit

Open = Callable[..., Page]


# --- Who looks after it --------------------------------------------------------------------------


def test_taking_and_giving_back(world: World, anna: Open, conversation: Conversation) -> None:
    page = anna(conversation).press("Take")
    assert "The conversation is yours." in page.text
    assert now_in(conversation).assignee == world.anna
    assert "Take" not in page.buttons
    page = page.press("Back to the queue")
    assert "The conversation is back in the queue." in page.text
    assert now_in(conversation).assignee is None


def test_taking_twice_is_harmless(world: World, anna: Open, conversation: Conversation) -> None:
    page = anna(conversation)
    page.press("Take")
    assert "The conversation is yours." in page.press("Take").text


def test_who_comes_second_reads_who_was_first(
    world: World, anna: Open, conversation: Conversation
) -> None:
    page = anna(conversation)
    colleague = make_operator(world.north.branch, name="Clara")
    assign_conversation(user=colleague, conversation=conversation, assignee=colleague)
    refused = page.press("Take")
    assert refused.status == 409
    assert "Meanwhile Clara has taken the conversation." in refused.text
    assert now_in(conversation).assignee == colleague

    assert "The conversation is yours." in refused.press("Take over").text
    assert now_in(conversation).assignee == world.anna


def test_a_supervisor_assigns_to_whoever_may_answer_there(
    world: World, conversation: Conversation
) -> None:
    clara = make_operator(world.north.branch, name="Clara")
    page = visit(client_of(world.vera), conversation)
    choices = page.html.partition('id="dm-assignee"')[2].partition("</select>")[0]
    assert "Clara" in choices
    assert "Boris" not in choices
    page = page.press("Assign", assignee=str(clara.pk))
    assert "Assigned to Clara." in page.text
    choices = page.html.partition('id="dm-assignee"')[2].partition("</select>")[0]
    assert f'<option value="{clara.pk}" selected>' in choices
    assert now_in(conversation).assignee == clara


def test_assigning_to_a_stranger_is_refused_like_to_nobody_known(
    world: World, conversation: Conversation
) -> None:
    page = visit(client_of(world.vera), conversation)
    refusals = [
        page.press("Assign", assignee=str(key))
        for key in (world.boris.pk, "nonsense", "9" * 40, "\x00")
    ]
    for refused in refusals:
        assert refused.status == 400
        assert "There is no such operator." in refused.text
    assert now_in(conversation).assignee is None


def test_a_transfer_that_is_sent_twice_speaks_once(
    world: World, anna: Open, conversation: Conversation
) -> None:
    page = anna(conversation)
    words = {"message": "I look into it.", "reason": "An old customer of mine"}
    for _ in range(2):
        assert "The conversation is yours." in page.press("Take", **words).text
    assert [kind for kind, _body in said(conversation)] == ["operator", "note"]
    # Whoever knows who has it, and chooses them again, has something to say.
    anna(conversation).press("Back to the queue", assignee=str(world.anna.pk), **words)
    assert len(said(conversation)) == 4


def test_a_reason_that_cannot_be_stored_changes_nothing(
    world: World, anna: Open, conversation: Conversation
) -> None:
    refused = anna(conversation).press("Take", reason="odd \x00 bytes")
    assert refused.status == 400
    assert "The text contains characters that cannot be stored." in refused.text
    assert now_in(conversation).assignee is None


def test_an_operator_may_not_assign_to_others(
    world: World, anna: Open, conversation: Conversation
) -> None:
    clara = make_operator(world.north.branch)
    page = anna(conversation)
    assert "Assign" not in page.buttons
    refused = page.press("Take", assignee=str(clara.pk))
    assert refused.status == 403
    assert "You do not have permission to do this." in refused.text


# --- Status --------------------------------------------------------------------------------------


def test_resolving_leads_to_the_list_and_can_be_undone(
    anna: Open, conversation: Conversation
) -> None:
    listing = anna(conversation).press("Resolve")
    assert listing.url.startswith(f"{LIST}?view=all")
    assert "Resolved: Maria." in listing.text
    assert now_in(conversation).status == "resolved"
    page = listing.press("Undo")
    assert "The conversation is open again." in page.text
    assert now_in(conversation).status == "open"
    assert "Undo" not in anna(f"{LIST}?resolved={conversation.public_id}").buttons


def test_nobody_else_is_offered_the_undo(world: World, conversation: Conversation) -> None:
    change_conversation(user=world.anna, conversation=conversation, status="resolved")
    page = visit(client_of(world.boris), LIST, resolved=str(conversation.public_id))
    assert "Undo" not in page.buttons
    assert "Maria" not in page.text


def test_one_comes_back_to_the_view_that_one_came_from(
    world: World, anna: Open, conversation: Conversation
) -> None:
    page = anna(view="waiting").follow("Maria")
    assert page.links["Back: Waiting"] == f"{LIST}?view=waiting"
    page = page.press("Take").send("Good day!")
    assert page.links["Back: Waiting"] == f"{LIST}?view=waiting"
    assert page.press("Resolve").url.startswith(f"{LIST}?view=waiting&resolved=")


def test_what_the_visitor_has_just_written_is_not_resolved_away(
    anna: Open, conversation: Conversation
) -> None:
    page = anna(conversation)
    say(conversation, "Wait, one more thing!")
    for button in ("Resolve", "Close for ever"):
        refused = page.press(button)
        assert refused.status == 409
        assert "The visitor has written meanwhile." in refused.text
        assert "Wait, one more thing!" in refused.text
        assert now_in(conversation).status == "open"
    refused.press("Resolve")
    assert now_in(conversation).status == "resolved"


def test_resolving_and_reopening(anna: Open, conversation: Conversation) -> None:
    anna(conversation).press("Resolve")
    page = anna(conversation)
    assert "Resolved" in page.text
    assert "Resolve" not in page.buttons
    page.press("Reopen")
    assert now_in(conversation).status == "open"


def test_reopening_beside_another_open_conversation_is_refused_in_words(
    world: World, anna: Open, conversation: Conversation
) -> None:
    anna(conversation).press("Resolve")
    make_conversation(world.north, conversation.contact)
    refused = anna(conversation).press("Reopen")
    assert refused.status == 409
    assert "This contact has another open conversation." in refused.text


def test_pending_and_open_again(anna: Open, conversation: Conversation) -> None:
    page = anna(conversation).press("Mark as pending")
    assert "The conversation is pending." in page.text
    assert now_in(conversation).status == "pending"
    page.press("Make open")
    assert now_in(conversation).status == "open"


def test_a_stale_page_says_how_things_are_now(
    world: World, anna: Open, conversation: Conversation
) -> None:
    page = anna(conversation)
    change_conversation(user=world.anna, conversation=conversation, status="resolved")
    refused = page.press("In an hour")
    assert refused.status == 409
    assert "the status is now “Resolved”" in refused.text
    assert "Reopen" in refused.buttons


def test_snoozing_by_one_press(anna: Open, conversation: Conversation) -> None:
    page = anna(conversation)
    for preset in ("In an hour", "Tomorrow at 9:00", "On Monday at 9:00"):
        page = page.press(preset)
        assert "Snoozed." in page.text
        until = now_in(conversation).snoozed_until
        assert until is not None
        assert timezone.now() < until < timezone.now() + timedelta(days=8)
    page.press("Make open")
    assert now_in(conversation).snoozed_until is None


def test_snoozing_until_a_local_time(settings: Any, anna: Open, conversation: Conversation) -> None:
    settings.TIME_ZONE = "Europe/Moscow"
    year = timezone.now().year + 1
    page = anna(conversation)
    assert "Until (Europe/Moscow)" in page.text
    page.press("Snooze until then", until=f"{year}-01-05T09:30")
    expected = datetime(year, 1, 5, 6, 30, tzinfo=UTC)
    assert now_in(conversation).snoozed_until == expected


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles"])
def test_a_time_that_cannot_be_is_refused_in_words(
    settings: Any, anna: Open, conversation: Conversation, zone: str
) -> None:
    settings.TIME_ZONE = zone
    page = anna(conversation)
    for until, words in (
        ("", "Choose a date and a time."),
        ("nonsense", "Choose a date and a time."),
        ("2001-01-01T00:00", "Choose a time in the coming ten years."),
        ("9999-12-31T23:59", "Choose a time in the coming ten years."),
        ("0001-01-01T00:00", "Choose a time in the coming ten years."),
    ):
        refused = page.press("Snooze until then", until=until)
        assert refused.status == 400
        assert words in refused.text
    assert now_in(conversation).status == "open"


@pytest.mark.parametrize(
    ("preset", "expected"),
    [
        ("hour", "2026-03-29T01:30+01:00"),
        ("tomorrow", "2026-03-29T09:00+02:00"),
        ("monday", "2026-03-30T09:00+02:00"),
    ],
)
def test_presets_mean_the_clock_on_the_wall(
    settings: Any, monkeypatch: pytest.MonkeyPatch, preset: str, expected: str
) -> None:
    settings.TIME_ZONE = "Europe/Berlin"  # summer time begins on 29 March 2026 at 02:00
    now = datetime(2026, 3, 29, 0, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    if preset != "hour":
        now -= timedelta(hours=12)
    monkeypatch.setattr(timezone, "now", lambda: now.astimezone(UTC))
    assert snooze_end(preset, "") == datetime.fromisoformat(expected)


def test_monday_means_the_next_one_on_a_monday_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 3, 30, 7, 0, tzinfo=UTC))
    assert snooze_end("monday", "") == datetime(2026, 4, 6, 9, 0, tzinfo=UTC)


def test_without_time_zones_times_are_naive(settings: Any) -> None:
    settings.USE_TZ = False
    assert timezone.is_naive(snooze_end("tomorrow", ""))
    assert timezone.is_naive(snooze_end("", "2030-01-01T10:00"))
    with pytest.raises(InvalidInput):
        snooze_end("", "")


# --- Priority and labels -------------------------------------------------------------------------


def test_priority_and_labels_are_set_as_a_whole(
    world: World, anna: Open, conversation: Conversation
) -> None:
    everywhere = Label.objects.create(name="VIP", color="#aa0000")
    here = Label.objects.create(name="Delivery", branch=world.north.branch)
    Label.objects.create(name="Elsewhere", branch=make_branch())
    page = anna(conversation)
    assert "Elsewhere" not in page.text
    page = page.press("Save", priority="high", labels=[str(everywhere.pk), str(here.pk)])
    assert "Saved." in page.text
    assert now_in(conversation).priority == "high"
    assert set(conversation.labels.all()) == {everywhere, here}
    page.press("Save", labels=[str(here.pk)])
    assert now_in(conversation).priority == "high"
    assert list(conversation.labels.all()) == [here]


def test_unknown_priorities_and_foreign_labels_are_refused(
    world: World, anna: Open, conversation: Conversation
) -> None:
    foreign = Label.objects.create(name="Elsewhere", branch=world.south.branch)
    page = anna(conversation)
    refused = page.press("Save", priority="nonsense")
    assert (refused.status, "There is no such priority." in refused.text) == (400, True)
    for key in (str(foreign.pk), "0", "-1", "nonsense", "9" * 30):
        refused = page.press("Save", labels=[key])
        assert (refused.status, "There is no such label." in refused.text) == (400, True)
    assert now_in(conversation).priority == "normal"
    assert not conversation.labels.exists()


# --- The rest ------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["", "nonsense", "\x00"])
def test_an_unknown_action_is_refused_in_words(
    world: World, conversation: Conversation, action: str
) -> None:
    response = client_of(world.anna).post(url_of(conversation), {"action": action})
    assert response.status_code == 400
    assert b"The request holds something that cannot be accepted." in response.content


@pytest.mark.parametrize("action", ["assign", "resolve", "snooze", "properties", "reopen", "pend"])
def test_without_the_right_to_change_nothing_is_changed(
    world: World, conversation: Conversation, action: str
) -> None:
    user = make_operator(world.north.branch)
    user.groups.clear()
    user.user_permissions.add(Permission.objects.get(codename="view_conversation"))
    before = now_in(conversation).revision
    data = {"action": action, "preset": "hour", "priority": "high", "assignee": str(user.pk)}
    response = client_of(user).post(url_of(conversation), data)
    assert response.status_code == 403
    assert b"You do not have permission to do this." in response.content
    assert now_in(conversation).revision == before


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused(world: World, conversation: Conversation, method: str) -> None:
    assert getattr(client_of(world.anna), method)(url_of(conversation)).status_code == 405


def test_a_problem_of_one_form_leaves_the_others_alone(
    world: World, anna: Open, conversation: Conversation
) -> None:
    refused = anna(conversation).press("Snooze until then", until="")
    assert refused.value("body") == ""
    assert refused.send("Good day!").status == 200


def test_what_goes_out_of_sight_leads_to_the_list(
    settings: Any, world: World, conversation: Conversation
) -> None:
    settings.MESSENGER = {"ACCESS_POLICY": "tests.panel.policies.OwnOrQueued"}
    page = visit(client_of(world.vera), conversation)
    clara = make_operator(world.north.branch, name="Clara")
    page = page.press("Assign", assignee=str(clara.pk))
    assert page.status == 200
    assert page.url.startswith(f"{LIST}?view=all")
    assert "Assigned to Clara." in page.text


def test_two_inboxes_of_one_branch_do_not_mix_up(world: World, anna: Open) -> None:
    contact = make_contact(world.north.branch, name="Maria")
    first = make_conversation(world.north, contact, body="At the first door")
    second = make_conversation(make_inbox(world.north.branch), contact, body="At the second door")
    anna(first).send("To the first")
    assert said(first) == [("operator", "To the first")]
    assert said(second) == []


def test_a_mark_set_in_the_same_moment_does_not_keep_from_resolving(
    world: World, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks = iter([1])

    def change(**kwargs: Any) -> Any:
        for seq in marks:
            read_conversation(user=world.vera, conversation=conversation, read_seq=seq)
        return change_conversation(**kwargs)

    monkeypatch.setattr(actions, "change_conversation", change)
    data = {"action": "resolve", "last_seen_seq": "1"}
    assert client_of(world.anna).post(url_of(conversation), data).status_code == 302
    assert now_in(conversation).status == "resolved"
