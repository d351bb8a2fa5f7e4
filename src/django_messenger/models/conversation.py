from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from django_messenger.conf import branch_model
from django_messenger.constraints import Immutable, SameAsParent
from django_messenger.fields import CurrentXid, Xid8Field
from django_messenger.models.base import ImmutableFieldsModel, public_id_field
from django_messenger.validators import validate_attributes

_USER = settings.AUTH_USER_MODEL


class Conversation(ImmutableFieldsModel):
    """A thread between one contact and the operators of one branch.

    ``revision`` counts every change that somebody else may need to see. It is taken under the row
    lock, so its order is the order of commits and it serves as a cursor that misses nothing.
    ``change_xid`` is the transaction of the last change, for syncing whole lists.

    A conversation without a message (``last_message_at`` is null) is in no list or counter.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        PENDING = "pending", _("Pending")
        SNOOZED = "snoozed", _("Snoozed")
        RESOLVED = "resolved", _("Resolved")
        CLOSED = "closed", _("Closed")

    class Priority(models.TextChoices):
        LOW = "low", _("Low")
        NORMAL = "normal", _("Normal")
        HIGH = "high", _("High")
        URGENT = "urgent", _("Urgent")

    LIVE: Final = (Status.OPEN, Status.PENDING, Status.SNOOZED)

    public_id = public_id_field()
    inbox = models.ForeignKey(
        "django_messenger.Inbox",
        on_delete=models.PROTECT,
        related_name="conversations",
        verbose_name=_("inbox"),
    )
    branch = models.ForeignKey(
        branch_model(),
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        db_index=False,
        verbose_name=_("branch"),
    )
    contact = models.ForeignKey(
        "django_messenger.Contact",
        on_delete=models.PROTECT,
        related_name="conversations",
        verbose_name=_("contact"),
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.OPEN
    )
    assignee = models.ForeignKey(
        _USER,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("assignee"),
    )
    priority = models.CharField(
        _("priority"), max_length=10, choices=Priority.choices, default=Priority.NORMAL
    )
    labels = models.ManyToManyField(
        "django_messenger.Label", blank=True, related_name="+", verbose_name=_("labels")
    )
    revision = models.BigIntegerField(_("revision"), default=0, editable=False)
    change_xid = Xid8Field(db_default=CurrentXid(), editable=False)
    last_message_at = models.DateTimeField(_("last message"), null=True, editable=False)
    last_visitor_seq = models.BigIntegerField(default=0, editable=False)
    preview = models.CharField(_("preview"), max_length=160, blank=True, editable=False)
    unanswered = models.PositiveIntegerField(_("unanswered messages"), default=0, editable=False)
    waiting_since = models.DateTimeField(_("waiting since"), null=True, editable=False)
    first_response_at = models.DateTimeField(_("first response"), null=True, editable=False)
    snoozed_until = models.DateTimeField(_("snoozed until"), null=True, blank=True)
    resolved_at = models.DateTimeField(_("resolved"), null=True, editable=False)
    resolved_by = models.ForeignKey(
        _USER,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        db_index=False,
        verbose_name=_("resolved by"),
    )
    visitor_read_seq = models.BigIntegerField(default=0, editable=False)
    operator_read_seq = models.BigIntegerField(default=0, editable=False)
    rating = models.PositiveSmallIntegerField(_("rating"), null=True, editable=False)
    continues = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="continued_by",
        db_index=False,
        verbose_name=_("handed over from"),
    )
    source_url = models.CharField(_("page"), max_length=2000, blank=True, editable=False)
    referrer = models.CharField(_("referrer"), max_length=2000, blank=True, editable=False)
    locale = models.CharField(_("language"), max_length=35, blank=True, editable=False)
    attributes = models.JSONField(
        _("attributes"), default=dict, blank=True, validators=[validate_attributes]
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        ordering = ["-pk"]
        permissions = [
            ("assign_conversation", _("Can assign conversations to colleagues")),
            ("view_reports", _("Can see reports about conversations and operators")),
        ]
        constraints = [
            Immutable(fields=["inbox", "branch"], name="dm_conversation_immutable"),
            SameAsParent(parent="inbox", field="branch", name="dm_conversation_branch_of_inbox"),
            SameAsParent(
                parent="contact", field="branch", name="dm_conversation_branch_of_contact"
            ),
            models.UniqueConstraint(
                fields=["inbox", "contact"],
                condition=Q(status__in=["open", "pending", "snoozed"]),
                name="dm_conversation_live",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["open", "pending", "snoozed", "resolved", "closed"]),
                name="dm_conversation_status",
            ),
            models.CheckConstraint(
                condition=Q(status="snoozed", snoozed_until__isnull=False)
                | (~Q(status="snoozed") & Q(snoozed_until__isnull=True)),
                name="dm_conversation_snoozed",
            ),
            models.CheckConstraint(
                condition=Q(priority__in=["low", "normal", "high", "urgent"]),
                name="dm_conversation_priority",
            ),
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__gte=1, rating__lte=5),
                name="dm_conversation_rating",
            ),
        ]
        # Every message writes each of these anew: there is none that another one begins with, and
        # none holds rows that nobody looks for by it.
        indexes = [
            models.Index(fields=["branch", "change_xid"], name="dm_conversation_changes"),
            models.Index(
                fields=["branch", "-last_message_at", "-id"],
                condition=Q(last_message_at__isnull=False),
                name="dm_conversation_latest",
            ),
            models.Index(
                fields=["branch", "waiting_since", "id"],
                condition=Q(waiting_since__isnull=False),
                name="dm_conversation_waiting",
            ),
            models.Index(
                fields=["snoozed_until"],
                condition=Q(status="snoozed"),
                name="dm_conversation_snoozed_until",
            ),
            models.Index(
                fields=["branch", "assignee"],
                condition=Q(status__in=["open", "pending", "snoozed"]),
                name="dm_conversation_queue",
            ),
            models.Index(
                fields=["assignee"],
                condition=Q(assignee__isnull=False),
                name="dm_conversation_assignee",
            ),
            models.Index(
                fields=["resolved_by"],
                condition=Q(resolved_by__isnull=False),
                name="dm_conversation_resolved_by",
            ),
            models.Index(
                fields=["continues"],
                condition=Q(continues__isnull=False),
                name="dm_conversation_continues",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact} · {self.get_status_display()}"

    @property
    def is_live(self) -> bool:
        """Whether the conversation is open, pending or snoozed."""
        return self.status in self.LIVE

    def save(self, **kwargs: Any) -> None:
        """Save the row; a new conversation takes its branch from its inbox."""
        if self._state.adding:
            self.branch_id = self.inbox.branch_id
        super().save(**kwargs)


class ReadMark(models.Model):
    """How far one operator has read one conversation."""

    conversation = models.ForeignKey(
        Conversation,
        on_delete=models.CASCADE,
        related_name="read_marks",
        verbose_name=_("conversation"),
    )
    user = models.ForeignKey(
        _USER, on_delete=models.CASCADE, related_name="+", verbose_name=_("user")
    )
    read_seq = models.BigIntegerField(_("read up to"), default=0)

    class Meta:
        verbose_name = _("read mark")
        verbose_name_plural = _("read marks")
        constraints = [
            models.UniqueConstraint(fields=["conversation", "user"], name="dm_read_mark_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.read_seq}"
