"""Reading conversations as an operator: always through the access policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, Subquery, Value
from django.db.models.functions import Coalesce

from django_messenger.access import get_policy
from django_messenger.exceptions import NotFound
from django_messenger.models import Conversation, Draft, Label, Mention, ReadMark
from django_messenger.selectors.paging import Sort
from django_messenger.selectors.search import conversations_with

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from django.db.models import QuerySet

View = Literal["mine", "unassigned", "all", "waiting", "mentions"]
VIEWS: Final[tuple[View, ...]] = ("mine", "unassigned", "all", "waiting", "mentions")

LIVE: Final = Q(status__in=Conversation.LIVE)

SORTS: Final = {
    "-last_message_at": Sort("last_message_at", descending=True),
    "waiting_since": Sort("waiting_since", nullable=True),
}


def visible_conversations(user: Any) -> QuerySet[Conversation]:
    """Return every conversation with a message that the user may see."""
    started = Conversation.objects.filter(last_message_at__isnull=False)
    return get_policy().filter_conversations(user, started)


def conversation_rows(user: Any, *, using: str | None = None) -> QuerySet[Conversation]:
    """Return visible conversations with all that a list row shows, in a constant number of
    queries; ``read_seq``, ``mentioned`` and ``has_draft`` are the user's own.

    ``using`` names the database to read from, whatever routers say.
    """
    visible = visible_conversations(user)
    return _with_row_data(user, visible.using(using) if using else visible, using)


def get_conversation(user: Any, public_id: UUID | str) -> Conversation:
    """Return one conversation as ``conversation_rows`` gives it.

    Raises:
        NotFound: it does not exist, or is not for this user; the two look the same.
    """
    conversation = conversation_rows(user).filter(public_id=public_id).first()
    if conversation is None:
        raise NotFound
    return conversation


def reread_conversation(user: Any, conversation: Conversation) -> Conversation:
    """Return the row of a conversation that the user has just changed.

    A policy of the host's may hide it from the user by that very change; the outcome of what they
    did is theirs to see all the same.
    """
    return _with_row_data(user, Conversation.objects.filter(pk=conversation.pk)).get()


def list_conversations(user: Any, *, text: str = "", **filters: Any) -> QuerySet[Conversation]:
    """Return rows narrowed by filters; what is left out does not narrow.

    Args:
        text: what contact or messages must hold, as ``selectors.search`` reads it.
        filters: as for ``narrow_rows``.

    Raises:
        InvalidInput: the search for ``text`` takes too long; code ``too_broad``.
    """
    rows = narrow_rows(user, conversation_rows(user), **filters)
    return conversations_with(rows, text) if text else rows


def narrow_rows(
    user: Any,
    rows: QuerySet[Conversation],
    *,
    view: View = "all",
    status: str = "",
    inbox: UUID | None = None,
    label: int | None = None,
    assignee: Any = None,
    contact: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[Conversation]:
    """Narrow conversations by filters; what is left out does not narrow.

    Args:
        inbox, contact: public ids. One that the user may not see narrows to nothing, like an
            unknown one.
        label: primary key.
        assignee: primary key of a user, or ``"none"``.
        since, until: bounds of the last message's time, the latter excluded.
    """
    rows = in_view(user, rows, view)
    wanted = {
        "status": status or None,
        "inbox__public_id": inbox,
        "contact__public_id": contact,
        "labels": label,
        "last_message_at__gte": since,
        "last_message_at__lt": until,
    }
    rows = rows.filter(**{name: value for name, value in wanted.items() if value is not None})
    if assignee is not None:
        rows = rows.filter(assignee=None if assignee == "none" else assignee)
    return rows


def in_view(user: Any, conversations: QuerySet[Conversation], view: View) -> QuerySet[Conversation]:
    """Narrow to one of the operator's views; each holds live conversations only, but ``all``
    and ``mentions``: those with a note for the user that they have not read."""
    narrow: dict[View, Q] = {
        "mine": LIVE & Q(assignee=user.pk),
        "unassigned": LIVE & Q(assignee=None),
        "waiting": LIVE & Q(waiting_since__isnull=False),
        "all": Q(),
        "mentions": Q(Exists(_unread_mentions(user))),
    }
    return conversations.filter(narrow[view])


def conversation_counters(user: Any) -> dict[str, int]:
    """Count the conversations in each view, live ones only; in two queries."""
    visible = visible_conversations(user)
    counters = visible.filter(LIVE).aggregate(
        mine=Count("pk", filter=Q(assignee=user.pk)),
        unassigned=Count("pk", filter=Q(assignee=None)),
        all=Count("pk"),
        waiting=Count("pk", filter=Q(waiting_since__isnull=False)),
    )
    unread = Mention.objects.filter(user=user.pk, read_at=None, conversation__in=visible)
    return counters | {"mentions": unread.values("conversation").distinct().count()}


def conversations_with_customer(user: Any, external_ids: Collection[str]) -> QuerySet[Conversation]:
    """Return visible conversations with contacts of these external ids, the newest first."""
    known = [external_id for external_id in external_ids if external_id]
    found = visible_conversations(user).filter(contact__external_id__in=known)
    return found.select_related("contact", "inbox").order_by("-last_message_at", "-pk")


def is_unread(conversation: Conversation) -> bool:
    """Tell whether the visitor wrote after the mark of the user for whom the row was read."""
    read_seq: int = conversation.read_seq  # type: ignore[attr-defined]
    return conversation.last_visitor_seq > read_seq


def order_rows(conversations: QuerySet[Conversation], ordering: str) -> QuerySet[Conversation]:
    """Sort by ``-last_message_at``, or by ``waiting_since`` with the longest waiting first."""
    return SORTS[ordering].apply(conversations)


def has_visitor_message(conversation_id: int) -> bool:
    """Tell whether a visitor has been heard in a conversation; asks no policy."""
    return Conversation.objects.filter(pk=conversation_id, last_visitor_seq__gt=0).exists()


def _with_row_data(
    user: Any, conversations: QuerySet[Conversation], using: str | None = None
) -> QuerySet[Conversation]:
    mark = ReadMark.objects.filter(conversation=OuterRef("pk"), user=user).values("read_seq")
    return (
        conversations.select_related(
            "inbox", "branch", "contact", "assignee", "assignee__messenger_operator"
        )
        .prefetch_related(Prefetch("labels", Label.objects.using(using)))
        .annotate(
            read_seq=Coalesce(Subquery(mark), Value(0)),
            mentioned=Exists(_unread_mentions(user)),
            has_draft=Exists(Draft.objects.filter(conversation=OuterRef("pk"), user=user)),
        )
    )


def _unread_mentions(user: Any) -> QuerySet[Mention]:
    return Mention.objects.filter(conversation=OuterRef("pk"), user=user.pk, read_at=None)
