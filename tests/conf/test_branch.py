"""Which migration ours depends on: the one that creates the host's branch model."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db.migrations import swappable_dependency
from django.test import override_settings

from django_messenger.conf import branch_dependency, branch_model

OURS = "django_messenger.Branch"


@pytest.fixture(autouse=True)
def silent_host() -> Iterator[None]:
    """A host that says nothing of branches."""
    with override_settings():
        for name in ("MESSENGER_BRANCH_MODEL", "MESSENGER_BRANCH_MIGRATION"):
            if hasattr(settings, name):
                delattr(settings, name)
        yield


def test_ours_by_default_is_told_to_django() -> None:
    assert branch_model() == OURS
    assert settings.MESSENGER_BRANCH_MODEL == OURS  # Django reads it there


def test_the_first_migration_of_the_app() -> None:
    dependency = branch_dependency()
    assert dependency == ("django_messenger", "__first__")
    assert dependency == swappable_dependency(OURS)

    settings.MESSENGER_BRANCH_MODEL = "crm.Branch"
    dependency = branch_dependency()
    assert dependency == ("crm", "__first__")
    assert getattr(dependency, "setting", None) == "crm.Branch"


def test_a_later_migration() -> None:
    settings.MESSENGER_BRANCH_MODEL = "crm.Branch"
    settings.MESSENGER_BRANCH_MIGRATION = "0005_branch"
    assert branch_dependency() == ("crm", "0005_branch")


@pytest.mark.parametrize("nothing", [None, ""])
def test_a_later_migration_that_is_not_named(nothing: str | None) -> None:
    settings.MESSENGER_BRANCH_MODEL = "crm.Branch"
    settings.MESSENGER_BRANCH_MIGRATION = nothing
    assert branch_dependency() == ("crm", "__first__")


@pytest.mark.parametrize("said", [True, False])
def test_our_own_branch_comes_from_our_first_migration(said: bool) -> None:
    if said:
        settings.MESSENGER_BRANCH_MODEL = OURS
    settings.MESSENGER_BRANCH_MIGRATION = "0005_branch"
    assert branch_dependency() == ("django_messenger", "__first__")
