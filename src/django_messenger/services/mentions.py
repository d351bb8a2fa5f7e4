"""Naming colleagues in notes: ``@`` and the name that colleagues see."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django_messenger.access import get_policy
from django_messenger.events import OperatorMentioned, publish
from django_messenger.models import Mention, Message
from django_messenger.selectors.operators import staff_name

if TYPE_CHECKING:
    from django_messenger.models import Conversation


def set_mentions(note: Message, conversation: Conversation) -> None:
    """Keep the mentions of a note in step with its text; those who are new in it are told.

    Only people who may see the conversation can be named; naming oneself does nothing.
    """
    named = {user.pk: user for user in _named(note, conversation)}
    known: set[Any] = set()
    if note.edited_at is not None or note.removed_at is not None:
        note.mentions.exclude(user__in=named).delete()
        known = set(note.mentions.values_list("user", flat=True))
    fresh = [user for pk, user in named.items() if pk not in known]
    Mention.objects.bulk_create(
        [Mention(message=note, conversation=conversation, user=user) for user in fresh]
    )
    for user in fresh:
        publish(OperatorMentioned(conversation, note, user))


def _named(note: Message, conversation: Conversation) -> list[Any]:
    if "@" not in note.body or note.removed_at is not None:
        return []
    people: dict[str, list[Any]] = defaultdict(list)
    users = get_policy().users_for(conversation, "view").select_related("messenger_operator")
    for user in users.exclude(pk=note.author_user_id):
        people[staff_name(user).casefold()].append(user)
    people.pop("", None)
    # The longest name first, or "@Anna Maria" would name Anna.
    names = sorted(people, key=len, reverse=True)
    pattern = rf"(?<!\w)@({'|'.join(map(re.escape, names))})(?!\w)"
    found = re.findall(pattern, note.body.casefold()) if names else []
    return [user for name in dict.fromkeys(found) for user in people[name]]
