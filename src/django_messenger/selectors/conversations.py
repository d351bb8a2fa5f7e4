"""Reading conversations as an operator: always through the access policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal
from uuid import UUID

from django.db.models import Count, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from django_messenger.access import get_policy
from django_messenger.exceptions import NotFound
from django_messenger.models import Conversation, ReadMark
from django_messenger.selectors.paging import Sort

if TYPE_CHECKING:
    from django.db.models import QuerySet

View = Literal["mine", "unassigned", "all", "waiting"]
VIEWS: Final[tuple[View, ...]] = ("mine", "unassigned", "all", "waiting")

LIVE: Final = Q(status__in=Conversation.LIVE)

SORTS: Final = {
    "-last_message_at": Sort("last_message_at", descending=True),
    "waiting_since": Sort("waiting_since", nullable=True),
}


def visible_conversations(user: Any) -> QuerySet[Conversation]:
    """Return every conversation with a message that the user may see."""
    started = Conversation.objects.filter(last_message_at__isnull=False)
    return get_policy().filter_conversations(user, started)


def conversation_rows(user: Any) -> QuerySet[Conversation]:
    """Return visible conversations with all that a list row shows, in a constant number of
    queries; ``read_seq`` is the user's own mark."""
    return _with_row_data(user, visible_conversations(user))


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


def list_conversations(
    user: Any,
    *,
    view: View = "all",
    status: str = "",
    inbox: UUID | None = None,
    label: int | None = None,
    assignee: Any = None,
    text: str = "",
) -> QuerySet[Conversation]:
    """Return rows narrowed by filters; what is left out does not narrow.

    Args:
        inbox: public id. One that the user may not see narrows to nothing, like an unknown one.
        label: primary key.
        assignee: primary key of a user, or ``"none"``.
        text: what contact or last message must contain.
    """
    rows = in_view(user, conversation_rows(user), view)
    wanted = {"status": status or None, "inbox__public_id": inbox, "labels": label}
    rows = rows.filter(**{name: value for name, value in wanted.items() if value is not None})
    if assignee is not None:
        rows = rows.filter(assignee=None if assignee == "none" else assignee)
    return search_conversations(rows, text) if text else rows


def in_view(user: Any, conversations: QuerySet[Conversation], view: View) -> QuerySet[Conversation]:
    """Narrow to one of the operator's views; each holds live conversations only, but ``all``."""
    narrow: dict[View, Q] = {
        "mine": LIVE & Q(assignee=user.pk),
        "unassigned": LIVE & Q(assignee=None),
        "waiting": LIVE & Q(waiting_since__isnull=False),
        "all": Q(),
    }
    return conversations.filter(narrow[view])


def search_conversations(
    conversations: QuerySet[Conversation], text: str
) -> QuerySet[Conversation]:
    """Narrow to those whose contact or last message contains the text, in any case."""
    return conversations.filter(
        Q(contact__name__icontains=text)
        | Q(contact__email__icontains=text)
        | Q(contact__phone__icontains=text)
        | Q(preview__icontains=text)
    )


def conversation_counters(user: Any) -> dict[str, int]:
    """Count the live conversations in each view, in one query."""
    return (
        visible_conversations(user)
        .filter(LIVE)
        .aggregate(
            mine=Count("pk", filter=Q(assignee=user.pk)),
            unassigned=Count("pk", filter=Q(assignee=None)),
            all=Count("pk"),
            waiting=Count("pk", filter=Q(waiting_since__isnull=False)),
        )
    )


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


def _with_row_data(user: Any, conversations: QuerySet[Conversation]) -> QuerySet[Conversation]:
    mark = ReadMark.objects.filter(conversation=OuterRef("pk"), user=user).values("read_seq")
    return (
        conversations.select_related(
            "inbox", "branch", "contact", "assignee", "assignee__messenger_operator"
        )
        .prefetch_related("labels")
        .annotate(read_seq=Coalesce(Subquery(mark), Value(0)))
    )
