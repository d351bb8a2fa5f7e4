"""Helpers for the tests of host projects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.test import override_settings

from django_messenger.access import ACTIONS, AccessPolicy
from django_messenger.models import Conversation

if TYPE_CHECKING:
    from django_messenger.access import Action


@contextmanager
def override_messenger(**options: Any) -> Iterator[None]:
    """Change single options of ``MESSENGER`` for a while: ``override_messenger(SESSION_TTL=60)``.

    Works as a context manager and as a decorator of test functions.
    """
    with override_settings(MESSENGER={**getattr(settings, "MESSENGER", {}), **options}):
        yield


def assert_policy_consistent(
    policy: AccessPolicy, users: Iterable[Any], conversations: Iterable[Conversation]
) -> None:
    """Check that an access policy's answers agree with each other.

    Args:
        policy: an instance of the policy.
        users: users of every kind that the host has, strangers included.
        conversations: conversations of several branches.

    Raises:
        AssertionError: two answers differ; the message names user, action and conversation.
    """
    people = list(users)
    for conversation in conversations:
        allowed = {
            action: set(policy.users_for(conversation, action).values_list("pk", flat=True))
            for action in ACTIONS
        }
        for user in people:
            _assert_visible_alike(policy, user, conversation)
            for action in ACTIONS:
                _assert_same(policy, user, action, conversation, named=user.pk in allowed[action])


def _assert_visible_alike(policy: AccessPolicy, user: Any, conversation: Conversation) -> None:
    one = Conversation.objects.filter(pk=conversation.pk)
    listed = policy.filter_conversations(user, one).exists()
    can = policy.can(user, "view", conversation)
    where = f"user {user.pk}, conversation {conversation.pk}"
    assert listed == can, f"filter_conversations says {listed}, can('view') says {can}: {where}"
    branches = policy.branches_for(user)
    in_branch = branches.filter(pk=conversation.branch_id).exists()
    assert in_branch or not listed, f"visible outside branches_for: {where}"


def _assert_same(
    policy: AccessPolicy, user: Any, action: Action, conversation: Conversation, *, named: bool
) -> None:
    can = policy.can(user, action, conversation)
    where = f"user {user.pk}, action {action}, conversation {conversation.pk}"
    assert named == can, f"users_for says {named}, can says {can}: {where}"
