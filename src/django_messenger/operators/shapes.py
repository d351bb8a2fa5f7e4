"""How the operator API shows what daily work needs, beside ``payloads``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django_messenger.api import iso
from django_messenger.models import Draft
from django_messenger.operators.payloads import contact_row, conversation_row, operator_message

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from django_messenger.operators.payloads import Json
    from django_messenger.selectors.found import Found, FoundContact, Part, SearchResult


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
