"""Keeping what an operator sets for their own panel."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.db import transaction

from django_messenger.models import Operator
from django_messenger.selectors.preferences import Preferences


def save_preferences(*, user: Any, preferences: Preferences) -> None:
    """Keep the preferences of a user.

    A superuser need not be an operator. They get a row that is switched off, without name or
    branch: it opens nothing and shows them to nobody.
    """
    with transaction.atomic():
        Operator.objects.get_or_create(user=user, defaults={"display_name": "", "is_active": False})
        row = Operator.objects.select_for_update(no_key=True).get(user=user)
        kept = row.preferences if isinstance(row.preferences, dict) else {}
        # Not save(): that would look like a change of rights and end the operator's streams.
        Operator.objects.filter(pk=row.pk).update(preferences={**kept, **asdict(preferences)})
