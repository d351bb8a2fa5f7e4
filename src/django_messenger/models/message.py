from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from django_messenger.models.base import public_id_field


class Message(models.Model):
    """One line of a conversation, written only by ``services.messages.append_message``.

    ``seq`` is the conversation's revision when the message was made and gives its place for ever;
    ``revision`` is that of its last change. Both have harmless gaps.
    """

    class Kind(models.TextChoices):
        VISITOR = "visitor", _("Visitor")
        OPERATOR = "operator", _("Operator")
        BOT = "bot", _("Bot")
        SYSTEM = "system", _("System")
        NOTE = "note", _("Note")

    public_id = public_id_field()
    conversation = models.ForeignKey(
        "django_messenger.Conversation",
        on_delete=models.CASCADE,
        related_name="messages",
        db_index=False,  # two others begin with it
        verbose_name=_("conversation"),
    )
    seq = models.BigIntegerField(_("number"))
    revision = models.BigIntegerField(_("revision"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    author_contact = models.ForeignKey(
        "django_messenger.Contact",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("contact"),
    )
    author_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("user"),
    )
    author_name = models.CharField(
        _("author"),
        max_length=200,
        blank=True,
        help_text=_("The operator's public name when the message was written."),
    )
    client_id = models.CharField(max_length=64, blank=True)
    body = models.TextField(_("text"))
    created_at = models.DateTimeField(_("written"))
    edited_at = models.DateTimeField(_("edited"), null=True)
    removed_at = models.DateTimeField(_("removed"), null=True)
    quarantined_at = models.DateTimeField(_("quarantined"), null=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["conversation", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="dm_message_seq"),
            models.UniqueConstraint(
                fields=["conversation", "client_id"],
                condition=Q(kind="visitor") & ~Q(client_id=""),
                name="dm_message_visitor_client_id",
            ),
            models.UniqueConstraint(
                fields=["conversation", "author_user", "client_id"],
                condition=Q(kind__in=["operator", "note"]) & ~Q(client_id=""),
                name="dm_message_user_client_id",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["visitor", "operator", "bot", "system", "note"]),
                name="dm_message_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind="visitor", author_contact__isnull=False, author_user__isnull=True)
                | Q(kind__in=["operator", "note"], author_contact__isnull=True)
                | Q(
                    kind__in=["bot", "system"],
                    author_contact__isnull=True,
                    author_user__isnull=True,
                ),
                name="dm_message_author",
            ),
            models.CheckConstraint(
                condition=Q(seq__gt=0) & Q(revision__gte=models.F("seq")),
                name="dm_message_revision",
            ),
        ]
        indexes = [
            models.Index(fields=["conversation", "revision"], name="dm_message_revisions"),
            models.Index(
                fields=["author_user"],
                condition=Q(author_user__isnull=False),
                name="dm_message_author_user",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.seq}"
