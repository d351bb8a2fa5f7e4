"""Making operators and supervisors, in code and on the command line."""

from __future__ import annotations

from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import FieldDoesNotExist
from django.core.management import CommandError, call_command

from django_messenger.access import ACTIONS, get_branch_model, get_policy
from django_messenger.models import Operator
from django_messenger.services.operators import GROUPS, save_operator
from tests.factories import make_branch, make_user

pytestmark = pytest.mark.django_db


def fresh(user: Any) -> Any:
    """Return the user without the permissions that Django has remembered."""
    return get_user_model()._default_manager.get(pk=user.pk)


def may(user: Any) -> list[str]:
    return [action for action in ACTIONS if get_policy().has_permission(fresh(user), action)]


def groups(user: Any) -> list[str]:
    return [group.name for group in user.groups.all()]


def test_the_role_decides_what_a_user_may_do() -> None:
    user, north, south = make_user(), make_branch(), make_branch()

    operator = save_operator(user=user, display_name="Anna", branches=[north], role="operator")
    assert may(user) == ["view", "reply", "change"]
    assert groups(user) == [GROUPS["operator"]]

    save_operator(user=user, display_name="Anna P.", branches=[south], role="supervisor")
    assert may(user) == list(ACTIONS)
    assert groups(user) == [GROUPS["supervisor"]]
    operator.refresh_from_db()
    assert (operator.display_name, list(operator.branches.all())) == ("Anna P.", [south])

    save_operator(user=user, display_name="Anna", branches=[north])
    assert may(user) == ["view", "reply", "change"]


def test_other_groups_and_a_changed_group_stay_as_they_are() -> None:
    user, branch = make_user(), make_branch()
    user.groups.add(Group.objects.create(name="Accounting"))
    save_operator(user=user, display_name="Anna", branches=[branch])
    role = Group.objects.get(name=GROUPS["operator"])
    role.permissions.remove(Permission.objects.get(codename="change_conversation"))

    save_operator(user=user, display_name="Anna", branches=[branch])

    assert groups(user) == ["Accounting", GROUPS["operator"]]
    assert may(user) == ["view", "reply"]


def test_a_role_without_its_permissions_is_not_half_made() -> None:
    Permission.objects.filter(codename="add_message").delete()

    with pytest.raises(LookupError, match="migrate"):
        save_operator(user=make_user(), display_name="Anna", branches=[])

    assert not Group.objects.exists()
    assert not Operator.objects.exists()


def test_an_operator_who_was_switched_off_is_on_again() -> None:
    user = make_user()
    operator = save_operator(user=user, display_name="Anna", branches=[])
    Operator.objects.update(is_active=False)

    save_operator(user=user, display_name="Anna", branches=[])

    operator.refresh_from_db()
    assert operator.is_active


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("messenger_operator", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_makes_an_operator_of_several_branches() -> None:
    user, north, south = make_user("anna@example.com"), make_branch("North"), make_branch("South")

    said = run("anna@example.com", "--branch", str(north.pk), "--branch", str(south.pk))

    operator = Operator.objects.get(user=user)
    assert set(operator.branches.all()) == {north, south}
    assert operator.display_name == "anna@example.com"
    assert may(user) == ["view", "reply", "change"]
    assert "anna@example.com is operator of North, South." in said


def test_the_command_makes_a_supervisor_with_a_name() -> None:
    user, north, south = make_user("vera@example.com"), make_branch(), make_branch()
    keys = [str(branch.pk) for branch in (north, south)]

    run("vera@example.com", "--branch", *keys, "--supervisor", "--name", "Vera")

    assert Operator.objects.get(user=user).display_name == "Vera"
    assert may(user) == list(ACTIONS)


def test_the_command_keeps_a_name_that_was_given_before() -> None:
    make_user("vera@example.com")
    branch = str(make_branch().pk)
    run("vera@example.com", "--branch", branch, "--name", "Vera")

    run("vera@example.com", "--branch", branch)

    assert Operator.objects.get().display_name == "Vera"


def test_the_command_finds_branches_by_slug() -> None:
    branch = make_branch()
    try:
        get_branch_model()._meta.get_field("slug")
    except FieldDoesNotExist:
        pytest.skip("the branches of this shape have no slug")
    make_user("anna@example.com")

    run("anna@example.com", "--branch", branch.slug)

    assert Operator.objects.get().branches.get() == branch


def test_the_command_says_what_is_wrong() -> None:
    make_user("anna@example.com")
    with pytest.raises(CommandError, match=r"no branch 'north'\. There are: none yet"):
        run("anna@example.com", "--branch", "north")
    branch = make_branch()
    known = getattr(branch, "slug", None) or str(branch.pk)

    with pytest.raises(CommandError, match="no user 'boris'"):
        run("boris", "--branch", str(branch.pk))
    for text in ("north", str(uuid4()), "987654321", "9" * 400, ""):
        with pytest.raises(CommandError, match=f"There are: {known}"):
            run("anna@example.com", "--branch", text)
    with pytest.raises(CommandError, match="--branch"):
        run("anna@example.com")
    assert not Operator.objects.exists()
