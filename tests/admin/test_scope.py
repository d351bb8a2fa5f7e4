"""Staff of one branch find nothing of another in the admin."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from django_messenger.models import (
    Branch,
    CannedResponse,
    Consent,
    Conversation,
    Inbox,
    Label,
    Operator,
    Rating,
    ReadMark,
    SavedView,
)
from django_messenger.services.conversations import assign_conversation, read_conversation
from django_messenger.services.corrections import remove_message
from django_messenger.services.merging import merge_contacts
from tests.admin.conftest import APP, World
from tests.factories import make_conversation, make_inbox, make_operator, make_visitor

MODELS = [
    "inbox",
    "contact",
    "visitor",
    "conversation",
    "message",
    "rating",
    "consent",
    "readmark",
    "operator",
    "label",
    "cannedresponse",
    "messagerevision",
    "assignmentlog",
    "contactmerge",
    "savedview",
]


def fill(inbox: Inbox) -> dict[str, Any]:
    """Make a row of every model in an inbox's branch."""
    conversation = make_conversation(inbox)
    user = make_operator(inbox.branch)
    read_conversation(user=user, conversation=conversation, read_seq=1)
    number = conversation.pk
    rating = Rating(conversation=conversation, score=5, rated_at=timezone.now())
    consent = Consent(
        contact=conversation.contact, conversation=conversation, given_at=timezone.now()
    )
    rating.save()
    consent.save()
    texts = {"en": "Hello"}
    supervisor = make_operator(inbox.branch, role="supervisor")
    other = make_conversation(inbox)
    merge = merge_contacts(user=supervisor, contact=conversation.contact, other=other.contact)
    said = other.messages.get()
    remove_message(user=supervisor, message=said)
    conversation.refresh_from_db()
    assign_conversation(user=user, conversation=other, assignee=user)
    return {
        "messagerevision": said.revisions.get(),
        "assignmentlog": other.assignments.get(),
        "contactmerge": merge,
        "savedview": SavedView.objects.create(branch=inbox.branch, name=f"v{number}"),
        "inbox": inbox,
        "contact": conversation.contact,
        "visitor": make_visitor(inbox, conversation.contact),
        "conversation": conversation,
        "message": conversation.messages.get(),
        "rating": rating,
        "consent": consent,
        "readmark": ReadMark.objects.get(conversation=conversation),
        "operator": Operator.objects.get(user=user),
        "label": Label.objects.create(branch=inbox.branch, name=f"l{number}"),
        "cannedresponse": CannedResponse.objects.create(
            branch=inbox.branch, shortcut=f"c{number}", texts=texts
        ),
    }


def rows(response: Any) -> set[Any]:
    return set(response.context["cl"].result_list)


def test_every_model_has_a_page_and_a_branch_of_the_hosts_has_not() -> None:
    registered = {
        model._meta.model_name for model in admin.site._registry if model._meta.app_label == APP
    }
    expected = set(MODELS) | (set() if Branch._meta.swapped else {"branch"})

    assert registered == expected


@pytest.mark.parametrize("model", MODELS)
def test_another_branch_is_not_there(world: World, model: str) -> None:
    own, foreign = fill(world.north)[model], fill(world.south)[model]

    listed = rows(world.vera.get(model))
    assert own in listed
    assert foreign not in listed
    assert {own, foreign} <= rows(world.admin.get(model))

    absent = world.vera.get(model, "change", 987654321)
    for page in ("change", "delete", "history"):
        opened = world.vera.get(model, page, foreign.pk)
        if opened.status_code != 403:
            assert (opened.status_code, opened["Location"]) == (302, absent["Location"])
    assert world.vera.get(model, "change", own.pk).status_code == 200
    assert world.admin.get(model, "change", foreign.pk).status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_staff_without_a_branch_sees_nothing(world: World, model: str) -> None:
    fill(world.north)
    operator = world.supervisor.messenger_operator
    operator.branches.clear()

    assert not rows(world.vera.get(model))


@pytest.mark.parametrize("model", MODELS)
def test_staff_without_the_permission_sees_no_page(world: World, model: str) -> None:
    fill(world.north)
    world.supervisor.user_permissions.clear()
    world.supervisor.groups.clear()

    assert world.vera.get(model).status_code == 403


def test_choices_hold_own_branches_only(world: World) -> None:
    south = world.south.branch
    for model in ("inbox", "contact", "label", "cannedresponse"):
        form = world.vera.get(model, "add").context["adminform"].form
        assert list(form.fields["branch"].queryset) == [world.north.branch]
    form = world.vera.get("operator", "add").context["adminform"].form
    assert list(form.fields["branches"].queryset) == [world.north.branch]
    form = world.admin.get("inbox", "add").context["adminform"].form
    assert set(form.fields["branch"].queryset) == {world.north.branch, south}


def test_filters_name_own_branches_only(world: World) -> None:
    for inbox in (world.north, world.south):
        fill(inbox)

    for model in ("inbox", "contact", "visitor", "conversation", "label", "cannedresponse"):
        page = world.vera.get(model).content.decode()
        assert "South" not in page, model


@pytest.mark.parametrize(
    ("model", "lookup"),
    [
        ("inbox", "identity_secret__startswith"),
        ("inbox", "identity_secret_previous__startswith"),
        ("inbox", "widget_token__startswith"),
        ("inbox", "previous_widget_token"),
        ("visitor", "token_hash__startswith"),
        ("visitor", "inbox__identity_secret__startswith"),
        ("conversation", "inbox__identity_secret__startswith"),
        ("operator", "user__password__startswith"),
    ],
)
def test_secrets_cannot_be_guessed_through_the_query(world: World, model: str, lookup: str) -> None:
    fill(world.north)
    for pages in (world.vera, world.admin):
        response = pages.get(model, **{lookup: "a"})
        assert response.status_code in (302, 400)


def test_no_secret_is_shown(world: World) -> None:
    secret, previous = "s" * 40, "p" * 40
    Inbox.objects.filter(pk=world.north.pk).update(
        identity_secret=secret,
        identity_secret_previous=previous,
        previous_widget_token="old-token-1",
    )
    row = fill(world.north)
    pages = [world.admin.get(model) for model in MODELS]
    pages += [world.admin.get(model, "change", row[model].pk) for model in MODELS]
    world.supervisor.user_permissions.remove(
        *world.supervisor.user_permissions.filter(codename="change_inbox")
    )
    world.supervisor.groups.clear()
    pages.append(world.vera.get("inbox", "change", world.north.pk))

    for page in pages:
        assert page.status_code == 200
        text = page.content.decode()
        for word in (secret, previous, "old-token-1", row["visitor"].token_hash):
            assert word not in text
    for model in MODELS:
        assert world.north.widget_token not in world.admin.get(model).content.decode()


@pytest.mark.parametrize("model", MODELS)
def test_a_list_costs_the_same_for_one_and_for_many(world: World, model: str) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert world.admin.get(model).status_code == 200
        return len(captured)

    fill(world.north)
    count()
    one = count()
    for _ in range(4):
        fill(make_inbox(world.north.branch))

    assert count() == one


def test_the_start_page_opens(world: World) -> None:
    page = world.vera.http.get(reverse("admin:index"))

    assert page.status_code == 200
    assert "Messenger" in page.content.decode()


def test_an_empty_conversation_is_in_no_list(world: World) -> None:
    empty = make_conversation(world.north, body="")

    assert rows(world.admin.get("conversation")) == set()
    assert Conversation.objects.get() == empty
