"""The default access policy agrees with itself, whoever keeps the permissions."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from django_messenger.access import get_policy
from django_messenger.models import Operator
from django_messenger.test import assert_policy_consistent
from tests import factories
from tests.security.backends import ON_CALL

pytestmark = pytest.mark.django_db

DJANGOS = "django.contrib.auth.backends.ModelBackend"
ALL_DJANGO = [DJANGOS]
ONE_THAT_ONLY_ANSWERS = [DJANGOS, "tests.security.backends.OnCall"]


@pytest.mark.parametrize("backends", [ALL_DJANGO, ONE_THAT_ONLY_ANSWERS], ids=["django", "host"])
def test_every_question_gets_the_same_answer(settings: Any, backends: list[str]) -> None:
    settings.AUTHENTICATION_BACKENDS = backends
    north, south = factories.make_branch(), factories.make_branch()
    talks = [factories.make_conversation(factories.make_inbox(b)) for b in (north, south)]
    on_call = factories.make_user(f"{ON_CALL}-olga")
    Operator.objects.create(user=on_call, display_name="Olga").branches.set([north])
    retired = factories.make_operator(north)
    get_user_model()._default_manager.filter(pk=retired.pk).update(is_active=False)
    left = factories.make_operator(north)
    left.groups.remove(*Group.objects.all())
    users = [
        on_call,
        left,
        factories.make_operator(north),
        factories.make_supervisor(north, south),
        factories.make_user(superuser=True),
        factories.make_user(),
        get_user_model()._default_manager.get(pk=retired.pk),
    ]
    fresh = [get_user_model()._default_manager.get(pk=user.pk) for user in users]

    assert_policy_consistent(get_policy(), fresh, talks)
    named = get_policy().users_for(talks[0], "reply")
    assert named.filter(pk=on_call.pk).exists() is (backends is ONE_THAT_ONLY_ANSWERS)


def test_a_branch_of_many_costs_one_query(
    django_assert_num_queries: Any,
) -> None:
    branch = factories.make_branch()
    talk = factories.make_conversation(factories.make_inbox(branch))
    for _ in range(5):
        factories.make_operator(branch)

    with django_assert_num_queries(1):
        assert get_policy().users_for(talk, "reply").count() == 5
