"""Operators are there while their streams are open, whatever else fails."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.core.cache import cache
from django.db.models import QuerySet

from django_messenger.access import BranchAccessPolicy
from django_messenger.models import Operator
from django_messenger.services.attendance import attend_streams
from django_messenger.services.availability import states_of
from django_messenger.test import override_messenger
from tests.factories import make_branch, make_operator
from tests.threads import run_together

pytestmark = pytest.mark.django_db(transaction=True)


class BrokenPolicy(BranchAccessPolicy):
    """A host's policy that fails."""

    def branches_for(self, user: Any) -> QuerySet[Any]:
        raise ZeroDivisionError


def test_all_are_there_and_a_failure_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    cache.clear()
    branch = make_branch()
    users = [make_operator(branch).pk for _ in range(3)]
    with (
        override_messenger(ACCESS_POLICY=f"{__name__}.BrokenPolicy"),
        caplog.at_level(logging.ERROR, "django_messenger"),
    ):
        run_together([lambda: attend_streams(users, "stream-1")])
    assert set(states_of(Operator.objects.all()).values()) == {"online"}
    assert "ZeroDivisionError" in caplog.text
