"""Proof of what visitors agreed to before they wrote."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from django.utils import timezone

from django_messenger import __version__
from django_messenger.models import Consent

if TYPE_CHECKING:
    from django_messenger.models import Contact, Conversation, Inbox


def record_consent(
    *, inbox: Inbox, contact: Contact, conversation: Conversation, locale: str
) -> None:
    """Keep what the visitor has agreed to; once per conversation and wording.

    Nothing is kept where the inbox does not ask.

    Args:
        locale: language of the visitor's widget.
    """
    if not inbox.ask_consent:
        return
    said = {
        "text": _wording(inbox, locale),
        "url": inbox.consent_url,
        "locale": locale,
        "version": __version__,
    }
    fingerprint = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
    consent = Consent(
        contact=contact,
        conversation=conversation,
        fingerprint=fingerprint,
        given_at=timezone.now(),
        **said,
    )
    Consent.objects.bulk_create([consent], ignore_conflicts=True)


def _wording(inbox: Inbox, locale: str) -> str:
    """Return the inbox's own wording in a language, empty where the widget's own was shown."""
    texts = inbox.appearance.get("texts", {}).get("consent", {})
    language = locale.lower().replace("_", "-")
    known = {name.lower(): text for name, text in texts.items()}
    text: str = known.get(language) or known.get(language.split("-")[0]) or ""
    return text
