"""How the operator API shows what daily work needs, beside ``payloads``."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING

from django_messenger.api import iso
from django_messenger.models import Draft
from django_messenger.operators.payloads import (
    branch_json,
    contact_row,
    conversation_row,
    operator_message,
    user_json,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from django_messenger.models import (
        AssignmentLog,
        ContactMerge,
        Conversation,
        Operator,
        SavedView,
    )
    from django_messenger.operators.payloads import Json
    from django_messenger.selectors.found import Found, FoundContact, Part, SearchResult
    from django_messenger.services.bulk import BulkResult
    from django_messenger.services.merging import MergePreview


def search_json(result: SearchResult, reader: Any) -> Json:
    """Return what a search has found."""
    return {
        "conversations": [_found(found, reader) for found in result.conversations],
        "contacts": [_found_contact(found) for found in result.contacts],
        "truncated": result.truncated,
    }


def drafts_json(drafts: Mapping[str, Draft]) -> Json:
    """Return drafts by mode, None where there is none."""
    return {mode: _draft(drafts.get(mode)) for mode in Draft.Mode.values}


def assignment_json(row: AssignmentLog) -> Json:
    """Return one change of the assignee and why it came."""
    return {
        "cause": row.cause,
        "assignee": user_json(row.assignee),
        "previous": user_json(row.previous),
        "by": user_json(row.by),
        "reason": row.reason,
        "trace": row.trace,
        "created_at": iso(row.created_at),
    }


def linked_json(linked: Conversation, conversation: Conversation) -> Json:
    """Return a conversation that continues another one, or is continued by it."""
    return {
        "id": str(linked.public_id),
        "status": linked.status,
        "inbox": {"id": str(linked.inbox.public_id), "name": linked.inbox.name},
        "direction": "earlier" if linked.pk == conversation.continues_id else "later",
    }


def bulk_json(result: BulkResult) -> Json:
    """Return the outcome of one change for many: ids, and how many they are."""
    outcome = {field.name: getattr(result, field.name) for field in fields(result)}
    return {
        "counts": {name: len(ids) for name, ids in outcome.items()},
        **{name: [str(public_id) for public_id in ids] for name, ids in outcome.items()},
    }


def merge_preview_json(preview: MergePreview) -> Json:
    """Return what a merge would do."""
    return asdict(preview)


def merge_json(merge: ContactMerge) -> Json:
    """Return a merge that was made or undone."""
    return {
        "contact": {"id": str(merge.contact.public_id), "name": merge.contact.name},
        "merged": {"id": str(merge.merged.public_id), "name": merge.merged.name},
        "created_at": iso(merge.created_at),
        "undone_at": iso(merge.undone_at),
    }


def view_json(view: SavedView, count: int | None) -> Json:
    """Return a saved view; ``branch`` where it is shared."""
    return {
        "id": str(view.pk),
        "name": view.name,
        "branch": branch_json(view.branch),
        "query": view.query,
        "count": count,
    }


def member_json(operator: Operator, state: str, load: int) -> Json:
    """Return an operator as colleagues see them."""
    return {
        "user": user_json(operator.user),
        "availability": operator.availability,
        "state": state,
        "load": load,
        "capacity": operator.capacity,
    }


def _draft(draft: Draft | None) -> Json | None:
    return None if draft is None else {"body": draft.body, "updated_at": iso(draft.updated_at)}


def _found(found: Found, reader: Any) -> Json:
    message = found.message
    return {
        "conversation": conversation_row(found.conversation),
        "message": None if message is None else operator_message(message, reader),
        "line": _parts(found.line),
    }


def _found_contact(found: FoundContact) -> Json:
    marked = {name: _parts(getattr(found, name)) for name in ("name", "email", "phone")}
    return {"contact": contact_row(found.contact), "marked": marked}


def _parts(parts: Sequence[Part]) -> list[Json]:
    return [{"text": part.text, "hit": part.hit} for part in parts]
