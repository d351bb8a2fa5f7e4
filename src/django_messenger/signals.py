"""Signals for host code, sent with ``send_robust`` after the transaction has committed.

Every signal is sent with ``sender`` = the class of the event and ``event`` = the event itself, a
frozen dataclass of :mod:`django_messenger.events`.
"""

from __future__ import annotations

from django.dispatch import Signal

message_added = Signal()
message_changed = Signal()
operator_mentioned = Signal()
conversation_opened = Signal()
conversation_changed = Signal()
conversation_assigned = Signal()
