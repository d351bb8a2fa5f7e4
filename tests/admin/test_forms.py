"""What the admin changes, it changes by the services; what is fixed stays."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import reverse

from django_messenger.models import (
    Contact,
    Conversation,
    Inbox,
    Label,
    Message,
    Operator,
    ReadMark,
)
from django_messenger.selectors.inboxes import find_inbox, find_public_inbox
from django_messenger.services.conversations import read_conversation
from django_messenger.services.operators import GROUPS, save_operator
from tests.admin.conftest import World
from tests.factories import (
    answer,
    make_contact,
    make_conversation,
    make_operator,
    make_user,
    make_visitor,
)

SECRET = "s" * 40


def settings_of(inbox: Inbox, **changes: Any) -> dict[str, Any]:
    return {
        "name": inbox.name,
        "is_active": "on",
        "allowed_origins": "[]",
        "locale": "",
        "time_zone": "UTC",
        "appearance": "{}",
        "ask_name": "no",
        "ask_email": "no",
        "ask_phone": "no",
        "reopen_hours": "72",
        "assignment": "off",
        "identity_mode": "off",
        **changes,
    }


def problems(response: Any) -> dict[str, Any]:
    assert response.status_code == 200
    return dict(response.context["adminform"].form.errors)


def test_an_inbox_is_made_in_a_branch_of_ones_own(world: World) -> None:
    new = settings_of(world.north, name="Shop", widget_token="shop-token-1")

    foreign = world.vera.post("inbox", "add", **new, branch=world.south.branch.pk)
    assert set(problems(foreign)) == {"branch"}

    made = world.vera.post("inbox", "add", **new, branch=world.north.branch.pk)
    assert made.status_code == 302
    assert Inbox.objects.get(name="Shop").branch == world.north.branch
    assert find_inbox("shop-token-1") is not None


def test_the_branch_of_an_inbox_cannot_be_posted(world: World) -> None:
    data = settings_of(world.north, name="New name", branch=world.south.branch.pk)
    forged = {"epoch": 9, "widget_token": "chosen-by-me", "previous_widget_token": "x"}
    token = world.north.widget_token

    saved = world.admin.post("inbox", "change", world.north.pk, **data, **forged)

    assert saved.status_code == 302
    stored = Inbox.objects.get(pk=world.north.pk)
    assert (stored.name, stored.branch) == ("New name", world.north.branch)
    assert (stored.epoch, stored.widget_token, stored.previous_widget_token) == (0, token, "")


@pytest.mark.django_db(transaction=True)
def test_saving_an_inbox_reaches_the_visitors(world: World) -> None:
    token = world.north.widget_token
    assert find_public_inbox(token) is not None
    data = settings_of(world.north)
    del data["is_active"]

    world.admin.post("inbox", "change", world.north.pk, **data)

    stored = Inbox.objects.get(pk=world.north.pk)
    assert (stored.is_active, stored.epoch) == (False, 1)
    assert find_public_inbox(token) is None


def test_what_the_widget_asks_and_has_is_set_by_boxes(world: World) -> None:
    data = settings_of(
        world.north,
        ask_email="required",
        ask_consent="on",
        consent_url="https://shop.example/privacy",
        offer_emoji="on",
    )
    world.admin.post("inbox", "change", world.north.pk, **data)

    stored = Inbox.objects.get(pk=world.north.pk)
    assert stored.pre_chat == {
        "fields": [{"name": "email", "required": True}],
        "consent": {"url": "https://shop.example/privacy"},
    }
    assert stored.features == {"typing": False, "rating": False, "emoji": True, "sound": False}


def test_secrets_stay_unless_new_ones_are_given(world: World) -> None:
    inbox = world.north

    def save(**secrets: str) -> Inbox:
        data = settings_of(inbox, identity_mode="optional", **secrets)
        assert world.admin.post("inbox", "change", inbox.pk, **data).status_code == 302
        return Inbox.objects.get(pk=inbox.pk)

    stored = save(identity_secret=SECRET, identity_secret_previous=SECRET[::-1] + "p")
    assert stored.identity_secret == SECRET
    stored = save(identity_secret="", identity_secret_previous="")
    assert (stored.identity_secret, stored.identity_secret_previous[-1]) == (SECRET, "p")
    stored = save(forget_previous_secret="on")
    assert (stored.identity_secret, stored.identity_secret_previous) == (SECRET, "")

    short = settings_of(inbox, identity_secret="short")
    assert set(problems(world.admin.post("inbox", "change", inbox.pk, **short))) == {
        "identity_secret"
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("allowed_origins", '["example.com"]'),
        ("allowed_origins", "{"),
        ("appearance", '{"script": 1}'),
        ("appearance", '{"title": {"en": "\\u0000"}}'),
        ("appearance", '{"texts": {"send": {"en": ""}}}'),
        ("time_zone", "Moon/Sea"),
        ("ask_email", "always"),
        ("consent_url", "javascript:alert(1)"),
        ("reopen_hours", "-1"),
        ("name", ""),
        ("name", "a\x00b"),
    ],
)
def test_a_bad_value_is_shown_at_its_field(world: World, field: str, value: str) -> None:
    data = settings_of(world.north, **{field: value})

    assert set(problems(world.admin.post("inbox", "change", world.north.pk, **data))) == {field}


def test_tokens_are_rotated(world: World) -> None:
    old = world.north.widget_token
    foreign = world.south.widget_token

    done = world.vera.act("inbox", "rotate_tokens", world.north.pk, world.south.pk)

    assert "another week" in done.content.decode()
    stored = Inbox.objects.get(pk=world.north.pk)
    assert stored.widget_token != old
    assert find_inbox(old) == stored
    assert Inbox.objects.get(pk=world.south.pk).widget_token == foreign


def test_a_contact_keeps_its_branch_and_trust(world: World) -> None:
    contact = make_contact(world.north.branch, name="Mria", external_id="42")
    conversation = make_conversation(world.north, contact)
    data = {
        "name": "Maria",
        "email": "m@example.com",
        "attributes": "{}",
        "branch": world.south.branch.pk,
        "external_id": "43",
        "trust": "verified",
        "merged_into": make_contact(world.north.branch).pk,
    }

    assert world.vera.post("contact", "change", contact.pk, **data).status_code == 302

    stored = Contact.objects.get(pk=contact.pk)
    assert (stored.name, stored.email) == ("Maria", "m@example.com")
    assert (stored.branch, stored.external_id) == (world.north.branch, "42")
    assert (stored.trust, stored.merged_into) == ("anonymous", None)
    # Lists that show the old name learn of the new one.
    assert Conversation.objects.get(pk=conversation.pk).revision == conversation.revision + 1


def test_a_second_contact_with_an_external_id_is_refused(world: World) -> None:
    make_contact(world.north.branch, external_id="42")
    data = {"branch": world.north.branch.pk, "external_id": "42", "attributes": "{}"}

    assert problems(world.vera.post("contact", "add", **data))
    assert Contact.objects.count() == 1


@pytest.mark.parametrize("model", ["conversation", "message", "readmark", "visitor"])
def test_what_only_services_write_has_no_form(world: World, model: str) -> None:
    conversation = make_conversation(world.north)
    rows = {
        "conversation": conversation,
        "message": conversation.messages.get(),
        "visitor": make_visitor(world.north, conversation.contact),
    }
    pk = rows[model].pk if model in rows else 1

    assert world.admin.get(model, "add").status_code == 403
    assert world.admin.post(model, "change", pk, body="x", status="closed").status_code in (
        302,
        403,
    )
    if model in ("conversation", "message"):
        assert world.admin.post(model, "delete", pk, post="yes").status_code == 403
    assert Message.objects.get().body == "Hello"
    assert Conversation.objects.get().status == "open"


def test_conversations_are_resolved_and_closed_in_bulk(world: World) -> None:
    first, second, foreign = (
        make_conversation(inbox) for inbox in (world.north, world.north, world.south)
    )

    def statuses() -> list[str]:
        return list(Conversation.objects.order_by("pk").values_list("status", flat=True))

    world.vera.act("conversation", "resolve", first.pk, foreign.pk)
    assert statuses() == ["resolved", "open", "open"]
    world.vera.act("conversation", "close", first.pk, second.pk)
    assert statuses() == ["closed", "closed", "open"]
    refused = world.vera.act("conversation", "resolve", first.pk, second.pk)
    assert "does not allow this" in refused.content.decode()
    assert statuses() == ["closed", "closed", "open"]


def test_actions_need_their_permission(world: World) -> None:
    conversation = make_conversation(world.north)
    visitor = make_visitor(world.north, conversation.contact)
    world.supervisor.groups.clear()
    world.supervisor.user_permissions.remove(
        *world.supervisor.user_permissions.filter(codename__startswith="change_")
    )
    token = world.north.widget_token

    for model, action, row in (
        ("conversation", "close", conversation),
        ("visitor", "revoke", visitor),
        ("inbox", "rotate_tokens", world.north),
    ):
        world.vera.act(model, action, row.pk)
        row.refresh_from_db()
    assert conversation.status == "open"
    assert visitor.revoked_at is None
    assert world.north.widget_token == token


def test_visitors_are_logged_out(world: World) -> None:
    own, foreign = make_visitor(world.north), make_visitor(world.south)

    world.vera.act("visitor", "revoke", own.pk, foreign.pk)

    own.refresh_from_db()
    foreign.refresh_from_db()
    assert own.revoked_at is not None
    assert own.epoch == 1
    assert foreign.revoked_at is None


def test_the_messages_of_a_conversation_are_one_step_away(world: World) -> None:
    conversation = make_conversation(world.north, body="Where is my order?")
    make_conversation(world.north, body="Another thing")
    page = world.vera.get("conversation", "change", conversation.pk).content.decode()
    link = f"{world.vera.url('message')}?conversation__id__exact={conversation.pk}"

    assert f'href="{link}"' in page
    listed = world.vera.http.get(link).content.decode()
    assert "Where is my order?" in listed
    assert "Another thing" not in listed


def test_names_are_no_markup(world: World) -> None:
    word = '"><img src=x onerror=alert(1)>'
    contact = make_contact(world.north.branch, name=word)
    conversation = make_conversation(world.north, contact, body=word)
    Label.objects.create(branch=world.north.branch, name=word)

    for page in (
        world.admin.get("contact"),
        world.admin.get("conversation"),
        world.admin.get("conversation", "change", conversation.pk),
        world.admin.get("message"),
        world.admin.get("label"),
    ):
        assert "<img src=x" not in page.content.decode()


def operator_data(operator: Operator, *branches: Any, **changes: Any) -> dict[str, Any]:
    return {
        "display_name": operator.display_name,
        "branches": [branch.pk for branch in branches],
        "is_active": "on",
        "availability": "auto",
        "capacity": "10",
        **changes,
    }


def test_a_supervisor_does_not_touch_branches_of_others(world: World) -> None:
    user = make_operator(world.north.branch, world.south.branch)
    operator = Operator.objects.get(user=user)
    north, south = world.north.branch, world.south.branch

    world.vera.post("operator", "change", operator.pk, **operator_data(operator, display_name="A"))
    operator.refresh_from_db()
    assert (operator.display_name, list(operator.branches.all())) == ("A", [south])
    # No branch is left that both share.
    assert world.vera.get("operator", "change", operator.pk).status_code == 302

    save_operator(user=user, display_name="A", branches=[north])
    forged = operator_data(operator, north, south, user=world.supervisor.pk)
    assert set(problems(world.vera.post("operator", "change", operator.pk, **forged))) == {
        "branches"
    }
    assert list(operator.branches.all()) == [north]
    assert Operator.objects.get(pk=operator.pk).user == user


def test_only_superusers_give_roles(world: World) -> None:
    user = make_operator(world.north.branch)
    operator = Operator.objects.get(user=user)
    data = operator_data(operator, world.north.branch, role="supervisor")

    def groups() -> list[str]:
        return [group.name for group in user.groups.all()]

    assert 'name="role"' not in world.vera.get("operator", "change", operator.pk).content.decode()
    assert world.vera.post("operator", "change", operator.pk, **data).status_code == 302
    assert groups() == [GROUPS["operator"]]
    assert world.admin.post("operator", "change", operator.pk, **data).status_code == 302
    assert groups() == [GROUPS["supervisor"]]
    data["role"] = ""
    world.admin.post("operator", "change", operator.pk, **data)
    assert groups() == [GROUPS["supervisor"]]


def test_a_superuser_makes_an_operator(world: World) -> None:
    user = make_user()
    data = {
        "user": user.pk,
        "display_name": "Olga",
        "branches": [world.north.branch.pk],
        "is_active": "on",
        "availability": "auto",
        "capacity": "10",
        "role": "operator",
    }

    assert world.admin.post("operator", "add", **data).status_code == 302

    assert list(Operator.objects.get(user=user).branches.all()) == [world.north.branch]
    assert Group.objects.get(name=GROUPS["operator"]) in user.groups.all()


def test_what_is_for_all_branches_is_for_superusers(world: World) -> None:
    shared = Label.objects.create(name="vip")
    own = Label.objects.create(branch=world.north.branch, name="return")

    assert world.vera.get("label", "change", shared.pk).status_code == 200
    assert (
        world.vera.post("label", "change", shared.pk, name="x", color="#111111").status_code == 403
    )
    assert world.vera.post("label", "delete", shared.pk, post="yes").status_code == 403
    world.vera.act("label", "delete_selected", shared.pk)
    everywhere = world.vera.post("label", "add", branch="", name="mine", color="#111111")
    assert set(problems(everywhere)) == {"branch"}
    changed = world.vera.post(
        "label", "change", own.pk, name="refund", color="#111111", branch=world.south.branch.pk
    )
    assert changed.status_code == 302
    own.refresh_from_db()
    assert (own.name, own.branch) == ("refund", world.north.branch)
    shared.refresh_from_db()
    assert shared.name == "vip"
    made = world.admin.post("label", "add", branch="", name="new", color="#111111")
    assert made.status_code == 302
    assert world.vera.post("label", "delete", own.pk, post="yes").status_code == 302
    assert set(Label.objects.values_list("name", flat=True)) == {"vip", "new"}


def test_a_user_can_be_deleted_with_all_that_is_theirs(world: World) -> None:
    """The admin refuses a deletion that takes along rows which nobody may delete."""
    user = make_operator(world.north.branch)
    conversation = make_conversation(world.north)
    read_conversation(user=user, conversation=conversation, read_seq=1)
    answer(conversation, user)
    label = user._meta.app_label, user._meta.model_name
    if not admin.site.is_registered(type(user)):
        pytest.skip("the users of this shape have no page in the admin")

    page = world.admin.http.post(
        reverse("admin:{}_{}_delete".format(*label), args=[user.pk]), {"post": "yes"}
    )

    assert page.status_code == 302
    assert not ReadMark.objects.exists()
    assert Message.objects.get(kind="operator").author_user is None
