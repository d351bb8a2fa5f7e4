"""What operators' work leaves behind: corrections of messages, mentions, drafts."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

_USER = settings.AUTH_USER_MODEL


class MessageRevision(models.Model):
    """A message as it was before it was edited or removed: who did that, when and why."""

    message = models.ForeignKey(
        "django_messenger.Message",
        on_delete=models.CASCADE,
        related_name="revisions",
        verbose_name=_("message"),
    )
    body = models.TextField(_("former text"))
    removed = models.BooleanField(_("removed"), default=False)
    by = models.ForeignKey(
        _USER, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("time"), auto_now_add=True)

    class Meta:
        verbose_name = _("correction of a message")
        verbose_name_plural = _("corrections of messages")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.message_id}: {self.created_at:%Y-%m-%d %H:%M}"


class Mention(models.Model):
    """A colleague named in a note, until they have read it and after."""

    message = models.ForeignKey(
        "django_messenger.Message",
        on_delete=models.CASCADE,
        related_name="mentions",
        verbose_name=_("message"),
    )
    conversation = models.ForeignKey(
        "django_messenger.Conversation",
        on_delete=models.CASCADE,
        related_name="mentions",
        verbose_name=_("conversation"),
    )
    user = models.ForeignKey(
        _USER, on_delete=models.CASCADE, related_name="+", verbose_name=_("user")
    )
    read_at = models.DateTimeField(_("read"), null=True)

    class Meta:
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["message", "user"], name="dm_mention_once")]
        indexes = [
            models.Index(
                fields=["user", "conversation"],
                condition=Q(read_at__isnull=True),
                name="dm_mention_unread",
            )
        ]

    def __str__(self) -> str:
        return f"{self.message_id}: @{self.user_id}"


class Draft(models.Model):
    """What an operator has begun to write; it follows them from one computer to another."""

    class Mode(models.TextChoices):
        REPLY = "reply", _("Reply")
        NOTE = "note", _("Note")

    conversation = models.ForeignKey(
        "django_messenger.Conversation",
        on_delete=models.CASCADE,
        related_name="drafts",
        verbose_name=_("conversation"),
    )
    user = models.ForeignKey(
        _USER, on_delete=models.CASCADE, related_name="+", verbose_name=_("user")
    )
    mode = models.CharField(_("kind"), max_length=10, choices=Mode.choices)
    body = models.TextField(_("text"))
    updated_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "conversation", "mode"], name="dm_draft_once"),
            models.CheckConstraint(condition=Q(mode__in=["reply", "note"]), name="dm_draft_mode"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.mode}"
