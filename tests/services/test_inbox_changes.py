"""Changes of an inbox that meet each other, and tokens that are still in use."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from django_messenger.models import Inbox
from django_messenger.services.inboxes import rotate_widget_token, update_inbox
from tests.factories import make_inbox, make_supervisor

pytestmark = pytest.mark.django_db


def test_a_stale_object_does_not_undo_what_others_changed() -> None:
    inbox = make_inbox()
    user = make_supervisor(inbox.branch)
    stale, fresh = Inbox.objects.get(pk=inbox.pk), Inbox.objects.get(pk=inbox.pk)
    update_inbox(user=user, inbox=fresh, is_active=False, identity_secret="n" * 32)
    update_inbox(user=user, inbox=stale, name="Renamed")
    stored = Inbox.objects.get(pk=inbox.pk)
    assert (stored.name, stored.is_active) == ("Renamed", False)
    assert stored.identity_secret == "n" * 32


def test_two_rotations_at_once_keep_the_token_that_pages_carry() -> None:
    inbox = make_inbox()
    user = make_supervisor(inbox.branch)
    stale = Inbox.objects.get(pk=inbox.pk)
    between = rotate_widget_token(user=user, inbox=inbox).widget_token
    rotated = rotate_widget_token(user=user, inbox=stale)
    assert rotated.previous_widget_token == between


def test_a_token_that_pages_still_carry_is_no_other_inboxes() -> None:
    inbox = make_inbox()
    token = inbox.widget_token
    rotate_widget_token(user=make_supervisor(inbox.branch), inbox=inbox)
    thief = Inbox(branch=make_inbox().branch, name="AAA", widget_token=token)
    with pytest.raises(ValidationError) as refused:
        thief.full_clean()
    assert set(refused.value.message_dict) == {"widget_token"}
