"""Domain errors. Each has a stable ``code``, a text for people and an HTTP status.

Services raise them, the APIs turn them into JSON and the panel into a line of text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django_stubs_ext import StrOrPromise


class MessengerError(Exception):
    """Base of every error that callers may show to a person.

    Attributes:
        code: stable word for programs.
        status: HTTP status of the answer.
        detail: text for people, in the language of the request.
        retry_after: seconds to wait before the next try, or None.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    message: ClassVar[StrOrPromise] = _("The request could not be carried out.")

    def __init__(
        self, detail: StrOrPromise | None = None, *, retry_after: int | None = None
    ) -> None:
        self.detail: StrOrPromise = self.message if detail is None else detail
        self.retry_after = retry_after
        super().__init__(detail or self.code)

    @property
    def words(self) -> str:
        """What is wrong in one text for people, single fields included."""
        return str(self.detail)

    def extra(self) -> dict[str, Any]:
        """Return further members of the JSON error body."""
        return {}


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field; ``limit`` where a length was exceeded."""

    message: StrOrPromise
    code: str
    limit: int | None = None


class InvalidInput(MessengerError):
    """Input that cannot be accepted; ``errors`` maps field names to their problems."""

    code = "invalid"
    message = _("The request holds something that cannot be accepted.")

    def __init__(
        self,
        errors: Mapping[str, Sequence[FieldProblem]] | None = None,
        detail: StrOrPromise | None = None,
    ) -> None:
        super().__init__(detail)
        self.errors = dict(errors or {})

    @property
    def words(self) -> str:
        found = [str(problem.message) for problems in self.errors.values() for problem in problems]
        return " ".join(found) or super().words

    @classmethod
    def of(cls, field: str, message: StrOrPromise, code: str = "invalid") -> InvalidInput:
        """Build the error for a single problem of a single field."""
        return cls({field: [FieldProblem(message, code)]})

    def extra(self) -> dict[str, Any]:
        if not self.errors:
            return {}
        return {
            "errors": {
                name: [
                    {"message": str(problem.message), "code": problem.code}
                    | ({} if problem.limit is None else {"limit": problem.limit})
                    for problem in problems
                ]
                for name, problems in self.errors.items()
            }
        }


class TokensRequired(MessengerError):
    """One of the two widget tokens is missing."""

    code = "tokens_required"
    message = _("Both widget_token and widget_session_token are required.")


class TokenInUrl(MessengerError):
    """A token stands in the query string, where logs would keep it."""

    code = "token_in_url"
    message = _("Tokens do not belong into the URL.")


class InvalidSession(MessengerError):
    """The session token is wrong, expired, revoked or of another inbox."""

    code, status = "invalid_session", 401
    message = _("The chat session has ended. Start it again.")


class IdentityInvalid(MessengerError):
    """The signed identity does not verify."""

    code, status = "identity_invalid", 401
    message = _("The signed identity is not valid.")


class IdentityRequired(MessengerError):
    """The inbox accepts only visitors with a signed identity."""

    code, status = "identity_required", 401
    message = _("This chat is for signed-in visitors.")


class PermissionDenied(MessengerError):
    """The user may see the object but not do this to it."""

    code, status = "permission_denied", 403
    message = _("You do not have permission to do this.")


class OriginNotAllowed(MessengerError):
    """The page that embeds the widget is not on the inbox's list."""

    code, status = "origin_not_allowed", 403
    message = _("This site may not use the chat.")


class NotFound(MessengerError):
    """Absent, or not for this user: the two look the same."""

    code, status = "not_found", 404
    message = _("Not found.")


class UnknownWidget(MessengerError):
    """No active inbox has this widget token."""

    code, status = "unknown_widget", 404
    message = _("There is no such chat.")


class Conflict(MessengerError):
    """The state of the object has moved on."""

    code, status = "conflict", 409
    message = _("Somebody else was faster.")


class IdempotencyConflict(Conflict):
    """A ``client_id`` came again with another text."""

    code = "idempotency_conflict"
    message = _("This client_id was used for another message.")


class InvalidTransition(Conflict):
    """The conversation's status does not allow this."""

    code = "invalid_transition"
    message = _("The status of the conversation does not allow this.")


class NotResolved(Conflict):
    """Only a conversation that is over can be rated."""

    code = "not_resolved"
    message = _("This conversation is still going on.")


class TooLate(Conflict):
    """The time in which a message may be edited or removed is over."""

    code = "too_late"
    message = _("It is too late to change this message.")


class Stale(Conflict):
    """The conversation has changed since the caller saw it."""

    code = "stale"
    message = _("The conversation has changed meanwhile.")


class AlreadyAssigned(Conflict):
    """Another operator took the conversation first; ``assignee`` is the winner or None."""

    code = "already_assigned"
    message = _("The assignee has changed meanwhile.")

    def __init__(self, assignee: Any) -> None:
        super().__init__()
        self.assignee = assignee


class NewerReply(Conflict):
    """A colleague answered after what the caller had seen; ``messages`` are the newer ones."""

    code = "newer_reply"
    message = _("A colleague has answered meanwhile.")

    def __init__(self, messages: Sequence[Any]) -> None:
        super().__init__()
        self.messages = messages


class TooLarge(MessengerError):
    """The body of the request is larger than the limit."""

    code, status = "too_large", 413
    message = _("The request is too large.")


class UnsupportedMediaType(MessengerError):
    """The content type of the request is none that this call reads."""

    code, status = "unsupported_media_type", 415
    message = _("This content type is not supported.")


class Throttled(MessengerError):
    """A limit of ``THROTTLE_RATES`` is reached."""

    code, status = "throttled", 429
    message = _("Too many requests. Please wait a little.")


class TooManyUnanswered(MessengerError):
    """The visitor has written as much as fits before an answer."""

    code, status = "too_many_unanswered", 429
    message = _("You have written a lot already. Please wait for an answer.")


class Unavailable(MessengerError):
    """The cache or the database cannot be reached."""

    code, status = "temporarily_unavailable", 503
    message = _("The chat is not available for a moment. Please try again.")

    def __init__(self, detail: StrOrPromise | None = None, *, retry_after: int = 5) -> None:
        super().__init__(detail, retry_after=retry_after)
