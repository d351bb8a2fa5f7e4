"""``append_message``: what each kind of message does to its conversation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from django_messenger import signals
from django_messenger.exceptions import IdempotencyConflict, InvalidInput, InvalidTransition
from django_messenger.models import Conversation, Message
from django_messenger.services.messages import append_message, find_by_client_id
from django_messenger.test import override_messenger
from tests.factories import answer, make_conversation, make_operator, make_user, say

pytestmark = pytest.mark.django_db

Kind = Message.Kind
#: The database's clock moves on within a statement.
MOMENT = timedelta(milliseconds=100)
ANY = tuple(Conversation.Status.values)
#: What lists show, and what only a message in the open may move.
LISTED = ("last_message_at", "preview", "waiting_since", "first_response_at", "change_xid")


def in_status(status: str, **fields: Any) -> Conversation:
    """A conversation with one message of the visitor's, brought into a status by hand."""
    conversation = make_conversation()
    if status == "snoozed":
        fields["snoozed_until"] = timezone.now() + timedelta(hours=1)
    if status == "resolved":
        fields |= {"resolved_at": timezone.now(), "resolved_by": make_user()}
    Conversation.objects.filter(pk=conversation.pk).update(status=status, **fields)
    conversation.refresh_from_db()
    return conversation


def append(conversation: Conversation, kind: Any, **options: Any) -> Message:
    """Store a message in a conversation of any status."""
    options = {"body": f"From {kind}", "statuses": ANY, **options}
    return append_message(conversation=conversation, kind=kind, **options).message


def stored(conversation: Conversation) -> dict[str, Any]:
    return Conversation.objects.values().get(pk=conversation.pk)


# --- Numbers --------------------------------------------------------------------------------------


def test_numbers_are_the_revisions_of_the_conversation() -> None:
    conversation = make_conversation(body="")
    seen = []
    for kind in (Kind.VISITOR, Kind.NOTE, Kind.OPERATOR, Kind.BOT, Kind.SYSTEM):
        message = append(conversation, kind)
        row = Message.objects.get(pk=message.pk)
        assert (row.seq, row.revision) == (message.seq, message.revision)
        assert row.seq == row.revision == stored(conversation)["revision"]
        seen.append(row.seq)
    assert seen == [1, 2, 3, 4, 5]


def test_the_object_in_hand_is_brought_up_to_date() -> None:
    conversation = make_conversation(body="")
    for kind in Kind.values:
        message = append(conversation, kind)
        fresh = Conversation.objects.get(pk=conversation.pk)
        for name in ("revision", "status", "unanswered", "last_visitor_seq", *LISTED[:4]):
            assert getattr(conversation, name) == getattr(fresh, name), name
        row = Message.objects.values().get(pk=message.pk)
        assert {name: getattr(message, name) for name in row} == row


def test_the_transaction_is_noted() -> None:
    conversation = make_conversation()
    for kind in Kind.values:
        append(conversation, kind)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()::text")
            (current,) = cursor.fetchone()
        assert stored(conversation)["change_xid"] == int(current)


def test_a_stale_object_does_no_harm() -> None:
    conversation = make_conversation(body="")
    stale = Conversation.objects.get(pk=conversation.pk)
    for _ in range(3):
        say(conversation)
    assert say(stale).seq == 4
    assert stale.revision == 4


# --- The visitor ----------------------------------------------------------------------------------


def test_a_visitor_waits_from_the_first_unanswered_message() -> None:
    conversation = make_conversation(body="")
    say(conversation, "One")
    first = stored(conversation)
    say(conversation, "Two")
    second = stored(conversation)
    assert abs(first["waiting_since"] - first["last_message_at"]) < MOMENT
    assert second["waiting_since"] == first["waiting_since"]
    assert second["last_message_at"] > first["last_message_at"]
    assert (second["unanswered"], second["last_visitor_seq"], second["preview"]) == (2, 2, "Two")


@pytest.mark.parametrize("status", ["open", "pending", "snoozed", "resolved"])
def test_a_visitor_wakes_what_sleeps(status: str) -> None:
    conversation = in_status(status)
    append(conversation, Kind.VISITOR)
    row = stored(conversation)
    assert row["status"] == ("pending" if status == "pending" else "open")
    assert row["snoozed_until"] is row["resolved_at"] is row["resolved_by_id"] is None


def test_a_reopened_conversation_waits_anew() -> None:
    long_ago = timezone.now() - timedelta(days=2)
    conversation = in_status("resolved", waiting_since=long_ago)
    append(conversation, Kind.VISITOR)
    assert stored(conversation)["waiting_since"] > long_ago + timedelta(days=1)


def test_the_contact_is_the_author() -> None:
    conversation = make_conversation()
    message = conversation.messages.get()
    assert (message.author_contact, message.author_user) == (conversation.contact, None)
    assert message.author_name == ""


# --- The others -----------------------------------------------------------------------------------


def test_a_reply_ends_the_waiting() -> None:
    conversation = make_conversation()
    anna = make_operator(conversation.branch, name="Anna")
    say(conversation)
    reply = answer(conversation, anna, "Good day")
    row = stored(conversation)
    assert (row["waiting_since"], row["unanswered"], row["preview"]) == (None, 0, "Good day")
    assert abs(row["first_response_at"] - row["last_message_at"]) < MOMENT
    assert (row["last_visitor_seq"], reply.seq) == (2, 3)
    assert (reply.author_user, reply.author_name, reply.author_contact) == (anna, "Anna", None)


def test_the_first_response_is_noted_once() -> None:
    conversation = make_conversation()
    answer(conversation, make_user())
    first = stored(conversation)["first_response_at"]
    say(conversation)
    answer(conversation, make_user())
    assert stored(conversation)["first_response_at"] == first


@pytest.mark.parametrize(
    ("status", "after"),
    [
        ("open", "open"),
        ("pending", "open"),
        ("snoozed", "snoozed"),
        ("resolved", "resolved"),
    ],
)
def test_a_reply_takes_over_from_the_bot_and_wakes_nothing(status: str, after: str) -> None:
    conversation = in_status(status)
    append(conversation, Kind.OPERATOR, author=make_user())
    assert stored(conversation)["status"] == after


@pytest.mark.parametrize("status", ANY)
@pytest.mark.parametrize("kind", [Kind.NOTE, Kind.SYSTEM])
def test_what_visitors_never_see_moves_nothing_that_lists_show(kind: Any, status: str) -> None:
    conversation = in_status(status)
    before = stored(conversation)
    append(conversation, kind, author=make_user() if kind == Kind.NOTE else None)
    after = stored(conversation)
    assert after.pop("revision") == before.pop("revision") + 1
    for row in (before, after):
        del row["change_xid"]
    assert after == before


def test_a_bot_speaks_but_does_not_end_the_waiting() -> None:
    conversation = in_status("pending")
    before = stored(conversation)
    append(conversation, Kind.BOT)
    after = stored(conversation)
    assert after["last_message_at"] > before["last_message_at"]
    assert after["preview"] == "From bot"
    for name in ("waiting_since", "first_response_at", "unanswered", "status"):
        assert after[name] == before[name], name


@pytest.mark.parametrize("status", ANY)
def test_only_the_allowed_statuses_take_a_message(status: str) -> None:
    conversation = in_status(status)
    before = stored(conversation)
    allowed = [word for word in ANY if word != status]
    with pytest.raises(InvalidTransition):
        append(conversation, Kind.OPERATOR, statuses=allowed)
    assert stored(conversation) == before
    assert append(conversation, Kind.OPERATOR, statuses=[status]).seq == 2


# --- The text -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Hi \n there\t", "  Hi \n there\t"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("e\u0301", "é"),
        ("a\x07b\x1b[31m\x7f\x9fc", "ab[31mc"),
        ("אב\u202eגד\u202c", "אב\u202eגד\u202c"),
        ("<b>&amp;</b>", "<b>&amp;</b>"),
        ("👩‍👩‍👧 ok", "👩‍👩‍👧 ok"),
    ],
)
def test_the_text_is_kept_as_typed(typed: str, kept: str) -> None:
    conversation = make_conversation(body="")
    assert Message.objects.get(pk=say(conversation, typed).pk).body == kept


@pytest.mark.parametrize(
    "blank", ["", " ", "\n\t\r\n", "\u200b", "\u3164", "\u2800", "\ufeff\u00a0", "\x07"]
)
def test_a_text_that_shows_nothing_is_blank(blank: str) -> None:
    conversation = make_conversation(body="")
    with pytest.raises(InvalidInput) as caught:
        say(conversation, blank)
    assert [problem.code for problem in caught.value.errors["body"]] == ["blank"]
    assert stored(conversation)["revision"] == 0


@pytest.mark.parametrize("unfit", ["a\x00b", "a\ud800", "\udfff", "\x00"])
def test_what_the_database_cannot_keep_is_refused(unfit: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        say(make_conversation(body=""), unfit)
    assert [problem.code for problem in caught.value.errors["body"]] == ["invalid"]


@pytest.mark.parametrize("letter", ["x", "я", "🦊", "e\u0301"])
def test_the_limit_counts_characters_after_normalisation(letter: str) -> None:
    with override_messenger(MAX_MESSAGE_LENGTH=10):
        conversation = make_conversation(body="")
        assert len(say(conversation, letter * 10).body) == 10
        with pytest.raises(InvalidInput) as caught:
            say(conversation, letter * 11)
    (problem,) = caught.value.errors["body"]
    assert (problem.code, problem.limit) == ("too_long", 10)


def test_the_preview_is_one_short_line() -> None:
    conversation = make_conversation(body="")
    say(conversation, "\n Dear  all,\n\n" + "я" * 500)
    preview = stored(conversation)["preview"]
    assert preview.startswith("Dear all, яяя")
    assert len(preview) == 160


# --- The client's word ----------------------------------------------------------------------------


def test_a_repeated_client_id_stores_nothing() -> None:
    conversation = make_conversation(body="")
    first = append_message(conversation=conversation, kind=Kind.VISITOR, body="Hi", client_id="a")
    say(conversation, "Between")
    before = stored(conversation)
    again = append_message(conversation=conversation, kind=Kind.VISITOR, body="Hi", client_id="a")
    assert (first.created, again.created) == (True, False)
    assert again.message == first.message
    assert again.conversation.revision == 2
    assert stored(conversation) == before


def test_the_same_text_after_normalisation_is_the_same_message() -> None:
    conversation = make_conversation(body="")
    first = say(conversation, "e\u0301\r\n", client_id="a")
    assert say(conversation, "é\n", client_id="a") == first


def test_another_text_under_a_used_client_id_is_a_conflict() -> None:
    conversation = make_conversation(body="")
    say(conversation, "Hi", client_id="a")
    before = stored(conversation)
    with pytest.raises(IdempotencyConflict):
        say(conversation, "Ho", client_id="a")
    assert stored(conversation) == before


def test_client_ids_of_different_authors_do_not_meet() -> None:
    conversation = make_conversation(body="")
    anna, boris = make_user(), make_user()
    made = [
        say(conversation, "Hi", client_id="a"),
        append(conversation, Kind.OPERATOR, body="Hi", author=anna, client_id="a"),
        append(conversation, Kind.OPERATOR, body="Hi", author=boris, client_id="a"),
        say(make_conversation(body=""), "Hi", client_id="a"),
    ]
    assert len({message.pk for message in made}) == 4
    assert find_by_client_id(conversation, Kind.OPERATOR, boris, "a") == made[2]


@pytest.mark.parametrize("client_id", ["x" * 65, "a\nb", "a\x00", "\u200b", "\ud800"])
def test_a_client_id_is_64_printable_characters(client_id: str) -> None:
    conversation = make_conversation(body="")
    with pytest.raises(InvalidInput) as caught:
        say(conversation, client_id=client_id)
    assert list(caught.value.errors) == ["client_id"]
    assert say(conversation, client_id="я" * 64).client_id == "я" * 64


# --- Signals --------------------------------------------------------------------------------------


@pytest.fixture
def heard() -> Any:
    """Names of the events that were announced, in order."""
    events: list[Any] = []

    def note(sender: Any, event: Any, **kwargs: Any) -> None:
        events.append(event)

    each = (signals.message_added, signals.conversation_opened)
    for signal in each:
        signal.connect(note)
    yield events
    for signal in each:
        signal.disconnect(note)


def names(events: list[Any]) -> list[str]:
    return [type(event).__name__ for event in events]


def test_signals_come_after_the_commit(
    heard: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    conversation = make_conversation(body="")
    with django_capture_on_commit_callbacks(execute=True):
        message = say(conversation)
        assert heard == []
    assert names(heard) == ["MessageAdded", "ConversationOpened"]
    assert heard[0].message == message
    assert heard[1].reopened is False


def test_no_signal_for_what_was_rolled_back(
    heard: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    conversation = make_conversation(body="")

    def change_of_mind() -> None:
        with transaction.atomic():
            say(conversation)
            raise LookupError

    with django_capture_on_commit_callbacks(execute=True), pytest.raises(LookupError):
        change_of_mind()
    assert heard == []
    assert not conversation.messages.exists()
    assert stored(conversation)["revision"] == 0


def test_a_conversation_opens_with_its_first_message_that_is_no_note(
    heard: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    conversation = make_conversation(body="")
    with django_capture_on_commit_callbacks(execute=True):
        append(conversation, Kind.NOTE)
        append(conversation, Kind.VISITOR, quarantined=True)
        say(conversation)
        say(conversation)
        Conversation.objects.filter(pk=conversation.pk).update(status="resolved")
        conversation.refresh_from_db()
        append(conversation, Kind.VISITOR)
    opened = [event for event in heard if type(event).__name__ == "ConversationOpened"]
    assert [event.reopened for event in opened] == [False, True]
    added = [event.message.kind for event in heard if type(event).__name__ == "MessageAdded"]
    assert added == ["note", "visitor", "visitor", "visitor"]


def test_a_failing_receiver_disturbs_nobody(
    heard: list[Any], django_capture_on_commit_callbacks: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(**kwargs: Any) -> None:
        raise RuntimeError("of the host's")

    signals.message_added.connect(fail)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            say(make_conversation(body=""))
    finally:
        signals.message_added.disconnect(fail)
    assert names(heard) == ["MessageAdded", "ConversationOpened"]
    assert "fail" in caplog.text
