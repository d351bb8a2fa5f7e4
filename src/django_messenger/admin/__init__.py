"""The admin: settings to change, everything else to look at; always within the access policy."""

from __future__ import annotations

from django_messenger.admin import conversations, inboxes, people, shortcuts, work

__all__ = ["conversations", "inboxes", "people", "shortcuts", "work"]
