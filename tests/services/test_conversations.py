"""What operators change: status, priority, labels, assignee, read marks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from django_messenger.exceptions import (
    AlreadyAssigned,
    InvalidInput,
    InvalidTransition,
    NewerReply,
    PermissionDenied,
    Stale,
)
from django_messenger.models import Conversation, Label, ReadMark
from django_messenger.services.conversations import (
    assign_conversation,
    change_conversation,
    open_conversation,
    read_by_visitor,
    read_conversation,
)
from django_messenger.services.messages import reply_message
from tests.factories import (
    answer,
    make_branch,
    make_conversation,
    make_inbox,
    make_operator,
    make_supervisor,
    make_user,
    say,
)

pytestmark = pytest.mark.django_db

STATUSES = tuple(Conversation.Status.values)
#: The states of the design page "Domain", written down a second time on purpose.
ALLOWED = {
    ("open", "pending"),
    ("pending", "open"),
    ("open", "snoozed"),
    ("snoozed", "open"),
    ("open", "resolved"),
    ("pending", "resolved"),
    ("snoozed", "resolved"),
    ("resolved", "open"),
    ("resolved", "closed"),
    ("open", "closed"),
    ("pending", "closed"),
    ("snoozed", "closed"),
}


def soon() -> Any:
    return timezone.now() + timedelta(hours=1)


def bring(conversation: Conversation, status: str) -> Conversation:
    """Put a conversation into a status by hand."""
    until = soon() if status == "snoozed" else None
    Conversation.objects.filter(pk=conversation.pk).update(status=status, snoozed_until=until)
    conversation.refresh_from_db()
    return conversation


def stored(conversation: Conversation) -> Conversation:
    return Conversation.objects.get(pk=conversation.pk)


@pytest.fixture
def conversation() -> Conversation:
    return make_conversation()


@pytest.fixture
def anna(conversation: Conversation) -> Any:
    return make_operator(conversation.branch, name="Anna")


@pytest.fixture
def boris(conversation: Conversation) -> Any:
    """A colleague of Anna's."""
    return make_operator(conversation.branch, name="Boris")


@pytest.fixture
def vera(conversation: Conversation) -> Any:
    return make_supervisor(conversation.branch, name="Vera")


@pytest.fixture
def stranger() -> Any:
    """An operator of another branch."""
    return make_operator(make_branch(), name="Stranger")


# --- Status ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", STATUSES)
@pytest.mark.parametrize("before", STATUSES)
def test_the_way_from_status_to_status(
    conversation: Conversation, anna: Any, before: str, after: str
) -> None:
    bring(conversation, before)
    until = soon() if after == "snoozed" else None

    def change() -> Conversation:
        return change_conversation(
            user=anna, conversation=conversation, status=after, snoozed_until=until
        )

    if before != after and (before, after) not in ALLOWED:
        with pytest.raises(InvalidTransition):
            change()
        assert (stored(conversation).status, stored(conversation).revision) == (before, 1)
        return
    changed = change()
    row = stored(conversation)
    assert (row.status, row.snoozed_until) == (after, until)
    assert (changed.status, changed.revision) == (row.status, row.revision)
    assert row.revision == (1 if before == after != "snoozed" else 2)


def test_who_resolved_it_and_when(conversation: Conversation, anna: Any) -> None:
    change_conversation(user=anna, conversation=conversation, status="resolved")
    row = stored(conversation)
    assert row.resolved_by == anna
    assert row.resolved_at is not None
    change_conversation(user=anna, conversation=conversation, status="open")
    row = stored(conversation)
    assert row.resolved_by is row.resolved_at is None


@pytest.mark.parametrize("until", [None, timedelta(0), timedelta(seconds=-1)])
def test_to_snooze_takes_a_time_to_come(
    conversation: Conversation, anna: Any, until: timedelta | None
) -> None:
    moment = None if until is None else timezone.now() + until
    with pytest.raises(InvalidInput) as caught:
        change_conversation(
            user=anna, conversation=conversation, status="snoozed", snoozed_until=moment
        )
    assert list(caught.value.errors) == ["snoozed_until"]
    assert stored(conversation).status == "open"


@pytest.mark.parametrize("status", [None, "open", "resolved"])
def test_only_a_snoozed_conversation_takes_a_time(
    conversation: Conversation, anna: Any, status: str | None
) -> None:
    with pytest.raises(InvalidInput):
        change_conversation(
            user=anna, conversation=conversation, status=status, snoozed_until=soon()
        )


def test_the_time_of_a_snoozed_conversation_can_be_moved(
    conversation: Conversation, anna: Any
) -> None:
    bring(conversation, "snoozed")
    later = soon() + timedelta(days=1)
    change_conversation(user=anna, conversation=conversation, snoozed_until=later)
    assert stored(conversation).snoozed_until == later


def test_a_second_live_conversation_cannot_be_reopened(
    conversation: Conversation, anna: Any
) -> None:
    bring(conversation, "resolved")
    make_conversation(conversation.inbox, conversation.contact)
    with pytest.raises(InvalidTransition):
        change_conversation(user=anna, conversation=conversation, status="open")
    assert stored(conversation).status == "resolved"


def test_opening_gives_the_live_one(conversation: Conversation) -> None:
    inbox, contact = conversation.inbox, conversation.contact
    assert open_conversation(inbox=inbox, contact=contact) == (conversation, False)
    bring(conversation, "closed")
    fresh, made = open_conversation(inbox=inbox, contact=contact)
    assert made
    assert (fresh.branch, fresh.revision, fresh.last_message_at) == (inbox.branch, 0, None)


# --- Priority, labels, lock -----------------------------------------------------------------------


def test_a_change_counts_once_and_no_change_not_at_all(
    conversation: Conversation, anna: Any
) -> None:
    label = Label.objects.create(name="vip", branch=conversation.branch)
    wish: dict[str, Any] = {"priority": "high", "labels": [label], "status": "pending"}
    for _ in range(2):
        change_conversation(user=anna, conversation=conversation, **wish)
        row = stored(conversation)
        assert (row.revision, row.priority, row.status) == (2, "high", "pending")
        assert list(row.labels.all()) == [label]
    change_conversation(user=anna, conversation=conversation, labels=[])
    assert (stored(conversation).revision, conversation.labels.count()) == (3, 0)
    change_conversation(user=anna, conversation=conversation)
    assert stored(conversation).revision == 3


def test_the_lock_refuses_who_has_seen_an_older_state(
    conversation: Conversation, anna: Any
) -> None:
    seen = conversation.revision
    change_conversation(
        user=anna, conversation=conversation, priority="high", expected_revision=seen
    )
    with pytest.raises(Stale):
        change_conversation(
            user=anna, conversation=conversation, priority="low", expected_revision=seen
        )
    assert stored(conversation).priority == "high"


def test_every_change_moves_the_cursor_of_lists(conversation: Conversation, anna: Any) -> None:
    Conversation.objects.filter(pk=conversation.pk).update(change_xid=1)
    for change in (
        lambda: change_conversation(user=anna, conversation=conversation, priority="low"),
        lambda: assign_conversation(user=anna, conversation=conversation, assignee=anna),
        lambda: read_conversation(user=anna, conversation=conversation, read_seq=1),
        lambda: read_by_visitor(conversation=conversation, read_seq=2),
        lambda: say(conversation),
    ):
        before = stored(conversation).revision
        change()
        row = stored(conversation)
        assert (row.revision, row.change_xid > 1) == (before + 1, True)
        Conversation.objects.filter(pk=conversation.pk).update(change_xid=1)


# --- Permission -----------------------------------------------------------------------------------


def test_who_may_change_nothing(conversation: Conversation, stranger: Any) -> None:
    inactive = make_operator(conversation.branch)
    inactive.is_active = False
    inactive.save()
    gone = make_operator(conversation.branch)
    gone.messenger_operator.is_active = False
    gone.messenger_operator.save()
    member = make_user()
    for user in (stranger, inactive, gone, member):
        with pytest.raises(PermissionDenied):
            change_conversation(user=user, conversation=conversation, priority="high")
        with pytest.raises(PermissionDenied):
            assign_conversation(user=user, conversation=conversation, assignee=user)
    assert stored(conversation).revision == 1


def test_a_superuser_may_everywhere(conversation: Conversation) -> None:
    root = make_user(superuser=True)
    change_conversation(user=root, conversation=conversation, status="resolved")
    assert stored(conversation).resolved_by == root


# --- Assignment -----------------------------------------------------------------------------------


def test_taking_what_is_free(conversation: Conversation, anna: Any, boris: Any) -> None:
    taken = assign_conversation(user=anna, conversation=conversation, assignee=anna)
    assert (taken.assignee, stored(conversation).assignee) == (anna, anna)
    with pytest.raises(AlreadyAssigned) as caught:
        assign_conversation(user=boris, conversation=conversation, assignee=boris)
    assert caught.value.assignee == anna
    assert (stored(conversation).assignee, stored(conversation).revision) == (anna, 2)


def test_taking_over_what_one_has_seen(conversation: Conversation, anna: Any, boris: Any) -> None:
    assign_conversation(user=anna, conversation=conversation, assignee=anna)
    assign_conversation(user=boris, conversation=conversation, assignee=boris, expected=anna.pk)
    assert stored(conversation).assignee == boris
    with pytest.raises(AlreadyAssigned) as caught:
        assign_conversation(user=anna, conversation=conversation, assignee=anna, expected=anna.pk)
    assert caught.value.assignee == boris


def test_taking_twice_is_one_change(conversation: Conversation, anna: Any) -> None:
    for _ in range(2):
        assign_conversation(user=anna, conversation=conversation, assignee=anna)
    assert stored(conversation).revision == 2


def test_putting_back_needs_the_present_holder(
    conversation: Conversation, anna: Any, boris: Any
) -> None:
    assign_conversation(user=anna, conversation=conversation, assignee=anna)
    with pytest.raises(AlreadyAssigned):
        assign_conversation(user=boris, conversation=conversation, assignee=None, expected=boris.pk)
    assign_conversation(user=anna, conversation=conversation, assignee=None, expected=anna.pk)
    assert stored(conversation).assignee is None


def test_only_who_may_assign_gives_it_to_others(
    conversation: Conversation, anna: Any, boris: Any, vera: Any
) -> None:
    with pytest.raises(PermissionDenied):
        assign_conversation(user=anna, conversation=conversation, assignee=boris)
    assign_conversation(user=vera, conversation=conversation, assignee=boris)
    assert stored(conversation).assignee == boris


def test_nobody_gets_what_they_cannot_see(
    conversation: Conversation, vera: Any, stranger: Any
) -> None:
    for nobody in (stranger, make_user()):
        with pytest.raises(InvalidInput) as caught:
            assign_conversation(user=vera, conversation=conversation, assignee=nobody)
        assert [p.code for p in caught.value.errors["assignee"]] == ["unknown"]
    assert stored(conversation).assignee is None


def test_what_is_closed_stays_with_its_holder(conversation: Conversation, anna: Any) -> None:
    bring(conversation, "closed")
    with pytest.raises(InvalidTransition):
        assign_conversation(user=anna, conversation=conversation, assignee=anna)


# --- Read marks -----------------------------------------------------------------------------------


def test_marks_only_move_forward(conversation: Conversation, anna: Any, boris: Any) -> None:
    for _ in range(4):
        say(conversation)
    assert read_conversation(user=anna, conversation=stored(conversation), read_seq=3) == 3
    assert read_conversation(user=anna, conversation=stored(conversation), read_seq=2) == 3
    assert read_conversation(user=boris, conversation=stored(conversation), read_seq=2) == 2
    assert dict(ReadMark.objects.values_list("user", "read_seq")) == {anna.pk: 3, boris.pk: 2}
    assert stored(conversation).operator_read_seq == 3

    assert read_by_visitor(conversation=stored(conversation), read_seq=4) == 4
    assert read_by_visitor(conversation=stored(conversation), read_seq=1) == 4
    assert stored(conversation).visitor_read_seq == 4


def test_nobody_reads_ahead(conversation: Conversation, anna: Any) -> None:
    far = 2**63 - 1
    assert read_by_visitor(conversation=conversation, read_seq=far) == 1
    assert read_conversation(user=anna, conversation=stored(conversation), read_seq=far) == 2


def test_a_mark_that_does_not_move_is_no_change(conversation: Conversation, anna: Any) -> None:
    for _ in range(2):
        read_conversation(user=anna, conversation=conversation, read_seq=1)
        read_by_visitor(conversation=conversation, read_seq=1)
        assert stored(conversation).revision == 3
    read_by_visitor(conversation=conversation, read_seq=0)
    assert stored(conversation).revision == 3


# --- Replies --------------------------------------------------------------------------------------


def test_a_reply_after_an_unseen_reply_is_asked_about(
    conversation: Conversation, anna: Any, boris: Any
) -> None:
    newer = answer(conversation, boris, "I have it")
    with pytest.raises(NewerReply) as caught:
        reply_message(user=anna, conversation=conversation, body="Hi", last_seen_seq=1)
    assert caught.value.messages == [newer]
    for seen, force in ((1, True), (newer.seq, False), (None, False)):
        reply_message(
            user=anna, conversation=conversation, body="Hi", last_seen_seq=seen, force=force
        )
    # Neither one's own replies nor notes nor the visitor's words are a colleague's reply.
    answer(conversation, boris, "Between us", note=True)
    say(conversation)
    assert reply_message(
        user=anna, conversation=conversation, body="Hi", last_seen_seq=newer.seq
    ).created


def test_a_repeated_reply_is_not_asked_about(
    conversation: Conversation, anna: Any, boris: Any
) -> None:
    reply: dict[str, Any] = {"body": "Hi", "client_id": "a", "last_seen_seq": 1}
    first = reply_message(user=anna, conversation=conversation, **reply)
    answer(conversation, boris, "Me too")
    again = reply_message(user=anna, conversation=conversation, **reply)
    assert (again.message, again.created) == (first.message, False)


def test_notes_go_into_closed_conversations_and_replies_do_not(
    conversation: Conversation, anna: Any
) -> None:
    bring(conversation, "closed")
    assert reply_message(user=anna, conversation=conversation, body="Spam", note=True).created
    with pytest.raises(InvalidTransition):
        reply_message(user=anna, conversation=conversation, body="Hi")


def test_the_branch_of_the_inbox_is_the_wall(stranger: Any) -> None:
    conversation = make_conversation(make_inbox())
    with pytest.raises(PermissionDenied):
        reply_message(user=stranger, conversation=conversation, body="Hi")
    assert conversation.messages.count() == 1
