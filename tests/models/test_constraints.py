"""What PostgreSQL itself refuses, however the row comes."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from django_messenger.access import get_branch_model
from django_messenger.models import (
    CannedResponse,
    Contact,
    Conversation,
    Inbox,
    Label,
    Message,
    ReadMark,
    Visitor,
)
from tests.factories import make_branch, make_contact, make_inbox, make_user
from tests.models.rows import conversation_row, message_row

pytestmark = pytest.mark.django_db


class refused:  # noqa: N801 (reads as a statement)
    """The block fails in the database, at this constraint, and is rolled back."""

    def __init__(self, constraint: str) -> None:
        self.raises = pytest.raises(IntegrityError, match=constraint)

    def __enter__(self) -> None:
        self.raises.__enter__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()

    def __exit__(self, kind: Any, error: Any, trace: Any) -> Any:
        if kind is None:
            try:
                connection.check_constraints()
            except IntegrityError as late:
                kind, error, trace = type(late), late, late.__traceback__
        self.atomic.__exit__(kind, error, trace)
        return self.raises.__exit__(kind, error, trace)


# --- Branch of a conversation = branch of its inbox = branch of its contact -----------------------


def test_a_conversation_takes_the_branch_of_its_inbox() -> None:
    inbox = make_inbox()
    conversation = Conversation(inbox=inbox, contact=make_contact(inbox.branch))
    conversation.branch = make_branch()
    conversation.save()
    assert Conversation.objects.get(pk=conversation.pk).branch == inbox.branch


def test_a_conversation_of_another_branch_than_its_inbox_is_refused() -> None:
    inbox, other = make_inbox(), make_branch()
    row = Conversation(inbox=inbox, contact=make_contact(other), branch=other)
    with refused("dm_conversation_branch_of_inbox"):
        Conversation.objects.bulk_create([row])


def test_a_contact_of_another_branch_is_refused() -> None:
    inbox, stranger = make_inbox(), make_contact(make_branch())
    with refused("dm_conversation_branch_of_contact"):
        Conversation.objects.create(inbox=inbox, contact=stranger)
    with pytest.raises(ValidationError) as caught:
        Conversation(inbox=inbox, contact=stranger, branch=inbox.branch).full_clean()
    assert "branch" in caught.value.error_dict


def test_a_conversation_cannot_be_given_to_a_contact_of_another_branch() -> None:
    conversation, stranger = conversation_row(), make_contact(make_branch())
    with refused("dm_conversation_branch_of_contact"):
        Conversation.objects.filter(pk=conversation.pk).update(contact=stranger)


def test_a_branch_in_use_cannot_be_deleted() -> None:
    inbox = make_inbox()
    with pytest.raises(Exception, match="protected"):
        inbox.branch.delete()
    with refused("foreign key"), connection.cursor() as cursor:
        meta = get_branch_model()._meta
        cursor.execute(
            f"DELETE FROM {meta.db_table} WHERE {meta.pk.column} = %s", [inbox.branch_id]
        )


# --- Conversations --------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["open", "pending", "snoozed"])
def test_one_live_conversation_per_inbox_and_contact(status: str) -> None:
    first = conversation_row()
    until = timezone.now() if status == "snoozed" else None
    with refused("dm_conversation_live"):
        conversation_row(first.inbox, contact=first.contact, status=status, snoozed_until=until)


def test_ended_conversations_may_be_many() -> None:
    first = conversation_row(status="closed")
    for status in ("closed", "resolved", "resolved", "open"):
        conversation_row(first.inbox, contact=first.contact, status=status)
    assert first.contact.conversations.count() == 5
    ended = first.contact.conversations.filter(status="resolved")
    with refused("dm_conversation_live"):
        ended.update(status="open")


def test_the_same_contact_may_be_live_in_two_inboxes() -> None:
    first = conversation_row()
    conversation_row(make_inbox(first.branch), contact=first.contact)
    assert first.contact.conversations.count() == 2


@pytest.mark.parametrize("status", ["open", "pending", "resolved", "closed"])
def test_only_a_snoozed_conversation_has_an_hour_to_come_back(status: str) -> None:
    with refused("dm_conversation_snoozed"):
        conversation_row(status=status, snoozed_until=timezone.now())
    conversation = conversation_row(status=status)
    with refused("dm_conversation_snoozed"):
        Conversation.objects.filter(pk=conversation.pk).update(status="snoozed")


def test_a_snoozed_conversation_must_keep_its_hour() -> None:
    later = timezone.now() + timedelta(hours=1)
    conversation = conversation_row(status="snoozed", snoozed_until=later)
    with refused("dm_conversation_snoozed"):
        Conversation.objects.filter(pk=conversation.pk).update(snoozed_until=None)
    with refused("dm_conversation_snoozed"):
        Conversation.objects.filter(pk=conversation.pk).update(status="open")


@pytest.mark.parametrize(
    ("field", "constraint"),
    [("status", "dm_conversation_status"), ("priority", "dm_conversation_priority")],
)
def test_unknown_words_are_refused(field: str, constraint: str) -> None:
    conversation = conversation_row()
    with refused(constraint):
        Conversation.objects.filter(pk=conversation.pk).update(**{field: "strange"})


def test_a_user_has_one_read_mark_per_conversation() -> None:
    conversation, user = conversation_row(), make_user()
    ReadMark.objects.create(conversation=conversation, user=user)
    with refused("dm_read_mark_once"):
        ReadMark.objects.create(conversation=conversation, user=user)


# --- Contacts, visitors, inboxes ------------------------------------------------------------------


def test_an_external_id_is_one_contact_in_a_branch() -> None:
    branch = make_branch()
    make_contact(branch, external_id="42")
    make_contact(make_branch(), external_id="42")
    with refused("dm_contact_external_id"):
        make_contact(branch, external_id="42")


def test_nothing_else_about_a_contact_is_unique() -> None:
    branch = make_branch()
    for _ in range(2):
        make_contact(branch, email="a@example.com", phone="+1", name="Ann", external_id="")
    assert Contact.objects.filter(branch=branch).count() == 2


def test_an_unknown_trust_is_refused() -> None:
    with refused("dm_contact_trust"):
        make_contact(make_branch(), trust="complete")


def test_a_token_names_one_inbox_and_one_browser() -> None:
    inbox = make_inbox(widget_token="shop-token")
    with refused("widget_token"):
        Inbox.objects.create(branch=inbox.branch, name="Other", widget_token="shop-token")
    now = timezone.now()
    browser = {"inbox": inbox, "token_hash": "0" * 64, "last_seen_at": now, "expires_at": now}
    Visitor.objects.create(contact=make_contact(inbox.branch), **browser)
    with refused("token_hash"):
        Visitor.objects.create(contact=make_contact(inbox.branch), **browser)


def test_public_ids_are_unique_and_cannot_be_guessed() -> None:
    for model in (Inbox, Contact, Conversation, Message):
        field = model._meta.get_field("public_id")
        assert field.unique
        made = {field.get_default() for _ in range(3)}
        assert len(made) == 3
        assert all(isinstance(value, uuid.UUID) and value.version == 4 for value in made)


@pytest.mark.parametrize(
    ("model", "field", "values", "constraint"),
    [
        (Label, "name", {"name": "vip"}, "dm_label"),
        (CannedResponse, "shortcut", {"shortcut": "hi", "texts": {"en": "Hi"}}, "dm_canned"),
    ],
)
def test_a_shared_word_is_unique_in_its_scope(
    model: Any, field: str, values: dict[str, Any], constraint: str
) -> None:
    branch = make_branch()
    for scope in (branch, make_branch(), None):
        model.objects.create(branch=scope, **values)
    for scope in (branch, None):
        with refused(constraint):
            model.objects.create(branch=scope, **values)


# --- Messages -------------------------------------------------------------------------------------


@pytest.mark.parametrize("with_user", [False, True])
@pytest.mark.parametrize("with_contact", [False, True])
@pytest.mark.parametrize("kind", Message.Kind.values)
def test_the_author_fits_the_kind(kind: str, with_contact: bool, with_user: bool) -> None:
    conversation = conversation_row()
    author = {
        "author_contact": conversation.contact if with_contact else None,
        "author_user": make_user() if with_user else None,
    }
    # A colleague's account may have been deleted since; the message stays.
    fits = {
        "visitor": with_contact and not with_user,
        "operator": not with_contact,
        "note": not with_contact,
        "bot": not with_contact and not with_user,
        "system": not with_contact and not with_user,
    }
    if fits[kind]:
        message_row(conversation, kind=kind, **author)
    else:
        with refused("dm_message_author"):
            message_row(conversation, kind=kind, **author)


def test_an_unknown_kind_is_refused() -> None:
    with refused("dm_message_kind|dm_message_author"):
        message_row(conversation_row(), kind="shout")


def test_a_number_is_given_once_in_a_conversation() -> None:
    conversation = conversation_row()
    message_row(conversation, 1)
    message_row(conversation_row(), 1)
    with refused("dm_message_seq"):
        message_row(conversation, 1)


@pytest.mark.parametrize(("seq", "revision"), [(0, 1), (-1, 1), (2, 1)])
def test_numbers_count_up_from_one(seq: int, revision: int) -> None:
    with refused("dm_message_revision"):
        message_row(conversation_row(), seq, revision=revision)


def test_a_client_id_is_used_once_by_an_author() -> None:
    conversation, anna, boris = conversation_row(), make_user(), make_user()
    message_row(conversation, 1, client_id="a")
    message_row(conversation, 2, kind="operator", author_user=anna, client_id="a")
    message_row(conversation, 3, kind="note", author_user=boris, client_id="a")
    message_row(conversation_row(), 4, client_id="a")
    with refused("dm_message_visitor_client_id"):
        message_row(conversation, 5, client_id="a")
    for kind in ("operator", "note"):
        with refused("dm_message_user_client_id"):
            message_row(conversation, 5, kind=kind, author_user=anna, client_id="a")


def test_messages_without_a_client_id_may_be_many() -> None:
    conversation = conversation_row()
    for seq in (1, 2):
        message_row(conversation, seq)
    assert conversation.messages.count() == 2


# --- Empty JSON -----------------------------------------------------------------------------------


@pytest.mark.parametrize("empty", [None, "", [], {}, ()])
def test_empty_json_is_of_the_right_kind(empty: Any) -> None:
    inbox = make_inbox()
    contact = make_contact(inbox.branch)
    conversation = conversation_row(inbox, contact)
    for row, field, kind in (
        (inbox, "appearance", dict),
        (inbox, "allowed_origins", list),
        (contact, "attributes", dict),
        (conversation, "attributes", dict),
    ):
        setattr(row, field, empty)
        if isinstance(empty, kind):
            row.full_clean()
        else:
            with pytest.raises(ValidationError) as caught:
                row.full_clean()
            assert list(caught.value.error_dict) == [field]
            setattr(row, field, kind())
