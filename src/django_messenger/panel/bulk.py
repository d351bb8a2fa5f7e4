"""One form for the rows that are selected in the list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _

from django_messenger.exceptions import InvalidInput
from django_messenger.models import Conversation
from django_messenger.panel.done import Done
from django_messenger.services.bulk import BulkChange, change_conversations

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

Status = Conversation.Status

_CHANGES: Final[Mapping[str, BulkChange]] = {
    "resolve": BulkChange(status=Status.RESOLVED),
    "reopen": BulkChange(status=Status.OPEN),
    "read": BulkChange(read=True),
    "unread": BulkChange(read=False),
}
_BACK: Final = {"resolve": "reopen"}


def change_selected(user: Any, wish: str, ids: Sequence[UUID]) -> Done:
    """Do what a button of the list says to the conversations with these public ids.

    Raises:
        InvalidInput: there is no such button, nothing is selected, or too much.
    """
    change = BulkChange(assignee=user.pk) if wish == "take" else _CHANGES.get(wish)
    if change is None:
        raise InvalidInput
    if not ids:
        raise InvalidInput.of("ids", _("Select some conversations first."))
    result = change_conversations(user=user, ids=ids, change=change)
    left = len(ids) - len(result.done)
    words = [_("Done: {}").format(len(result.done))]
    if left:
        words.append(_("Not allowed: {}").format(left))
    undo = []
    if wish in _BACK and result.done:
        undo = [("bulk", _BACK[wish]), *(("ids", str(public_id)) for public_id in result.done)]
    return Done(", ".join(words) + ".", undo=undo)
