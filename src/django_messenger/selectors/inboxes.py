"""Reading inboxes: for visitors by their public token, for operators through the policy."""

from __future__ import annotations

import hashlib
import re
import time
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_messenger import store
from django_messenger.access import get_policy
from django_messenger.exceptions import InvalidInput, NotFound, Unavailable
from django_messenger.models import Conversation, Inbox, Visitor

if TYPE_CHECKING:
    from django.db.models import QuerySet

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
#: How long a change made behind the services' back (bulk, SQL) may stay unseen, in seconds.
_TRUST: Final = 60


@dataclass(frozen=True, slots=True)
class PublicInbox:
    """What the widget API needs of an active inbox on every call; kept in the cache.

    ``appearance``, ``pre_chat`` and ``features`` are those of the model; ``token`` is the one it
    was found by.
    """

    id: int
    token: str
    name: str
    locale: str
    epoch: int
    allowed_origins: list[str]
    appearance: dict[str, Any]
    pre_chat: dict[str, Any]
    features: dict[str, bool]
    identity_mode: str

    @classmethod
    def of(cls, inbox: Inbox, token: str) -> PublicInbox:
        """Take the public part of an inbox."""
        return cls(
            id=inbox.pk,
            token=token,
            name=inbox.name,
            locale=inbox.locale,
            epoch=inbox.epoch,
            allowed_origins=inbox.allowed_origins,
            appearance=inbox.appearance,
            pre_chat=inbox.pre_chat,
            features=inbox.features,
            identity_mode=inbox.identity_mode,
        )


def is_widget_token(value: object) -> bool:
    """Tell whether a value can be a widget token at all."""
    return isinstance(value, str) and _TOKEN.fullmatch(value) is not None


def public_inbox_key(token: str) -> str:
    """Return the cache key of the public part of the inbox with this widget token."""
    return f"dm:inbox:{hashlib.sha256(token.encode()).hexdigest()[:32]}"


def read_public_inbox(value: Any) -> PublicInbox | None:
    """Make a ``PublicInbox`` of what the cache held, or None."""
    try:
        return PublicInbox(**value)
    except TypeError:
        return None


def find_inbox(token: str) -> Inbox | None:
    """Return the active inbox with this widget token, present or previous."""
    if not is_widget_token(token):
        return None
    previous = Q(previous_widget_token=token, previous_widget_token_until__gt=timezone.now())
    return Inbox.objects.filter(Q(widget_token=token) | previous, is_active=True).first()


def known_public_inbox(token: str) -> PublicInbox | None:
    """Return the public part of an active inbox, from the cache where it is there.

    Raises:
        Unavailable: the cache cannot be reached.
    """
    if not is_widget_token(token):
        return None
    return read_public_inbox(store.get(public_inbox_key(token))) or find_public_inbox(token)


def find_public_inbox(token: str) -> PublicInbox | None:
    """Return the public part of an active inbox from the database, and keep it in the cache."""
    inbox = find_inbox(token)
    if inbox is None:
        return None
    public = PublicInbox.of(inbox, token)
    # add, not set: a writer who has just changed the inbox has put the newer one there.
    store.add(public_inbox_key(token), asdict(public), seconds=_TRUST)
    return public


def keep_public_inbox(inbox: Inbox) -> None:
    """Put the present state of an inbox into the cache, after a change has committed."""
    for token in filter(None, (inbox.widget_token, inbox.previous_widget_token)):
        # A short marker keeps a slower reader from adding the state that it read before.
        value: Any = asdict(PublicInbox.of(inbox, token)) if inbox.is_active else "inactive"
        store.put(public_inbox_key(token), value, seconds=_TRUST)


def all_allowed_origins(*, ask_cache: bool = True) -> list[str]:
    """Return the origins that any active inbox allows, as of a minute ago at most.

    ``ask_cache`` is False where the cache is known to be down, to wait for it only once.
    """
    key = "dm:origins"
    try:
        if not ask_cache:
            raise Unavailable
        known: list[str] | None = store.get(key)
        if known is None:
            known = _read_origins()
            store.put(key, known, seconds=_TRUST)
    except Unavailable:
        known = _read_origins_once(int(time.monotonic() // _TRUST))
    return known


@lru_cache(maxsize=1)
def _read_origins_once(minute: int) -> list[str]:
    """Spare the database while the cache is down: nothing else holds callers back then."""
    return _read_origins()


def _read_origins() -> list[str]:
    lists = Inbox.objects.filter(is_active=True).values_list("allowed_origins", flat=True)
    return sorted({origin for allowed in lists for origin in allowed})


def visible_inboxes(user: Any) -> QuerySet[Inbox]:
    """Return the inboxes of the user's branches."""
    policy = get_policy()
    if not policy.has_permission(user, "view"):
        return Inbox.objects.none()
    return Inbox.objects.filter(branch__in=policy.branches_for(user)).select_related("branch")


def get_inbox(user: Any, public_id: UUID | str) -> Inbox:
    """Return one inbox.

    Raises:
        NotFound: it does not exist, or is not for this user.
    """
    inbox = visible_inboxes(user).filter(public_id=public_id).first()
    if inbox is None:
        raise NotFound
    return inbox


def managed_inboxes(user: Any) -> QuerySet[Inbox]:
    """Return the inboxes that the user may set up; ``live`` counts their live conversations."""
    if not get_policy().has_permission(user, "manage"):
        return Inbox.objects.none()
    live = Q(
        conversations__status__in=Conversation.LIVE, conversations__last_message_at__isnull=False
    )
    return visible_inboxes(user).annotate(live=Count("conversations", filter=live))


def has_conversations(inbox: Inbox) -> bool:
    """Tell whether an inbox has ever been used, so that it can only be switched off."""
    return inbox.conversations.exists() or Visitor.objects.filter(inbox=inbox).exists()


def handover_inboxes(user: Any) -> QuerySet[Inbox]:
    """Return the inboxes to which the user may hand conversations over."""
    return get_policy().handover_inboxes(user).select_related("branch").order_by("name", "pk")


def get_handover_inbox(user: Any, public_id: UUID | str) -> Inbox:
    """Return one of them.

    Raises:
        InvalidInput: it does not exist, or is not for this user.
    """
    inbox = handover_inboxes(user).filter(public_id=public_id).first()
    if inbox is None:
        raise InvalidInput.of("inbox", _("There is no such inbox."), "unknown")
    return inbox
