"""Who has a conversation, who had it before and why; and contacts that were found to be one."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from django_messenger.conf import branch_model

_USER = settings.AUTH_USER_MODEL


class AssignmentLog(models.Model):
    """One change of a conversation's assignee, and what led to it.

    ``trace`` explains automatic decisions: the way of choosing, and of every candidate the state,
    the load and the capacity at that moment.
    """

    class Cause(models.TextChoices):
        TAKEN = "taken", _("Taken")
        ASSIGNED = "assigned", _("Assigned by a colleague")
        RETURNED = "returned", _("Put back into the queue")
        REPLIED = "replied", _("By replying")
        ROUTED = "routed", _("Automatically")
        RELEASED = "released", _("Released: the operator was away")
        HANDED_OVER = "handed_over", _("Handed over to another branch")

    conversation = models.ForeignKey(
        "django_messenger.Conversation",
        on_delete=models.CASCADE,
        related_name="assignments",
        verbose_name=_("conversation"),
    )
    cause = models.CharField(_("cause"), max_length=20, choices=Cause.choices)
    previous = models.ForeignKey(
        _USER, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("before")
    )
    assignee = models.ForeignKey(
        _USER, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("assignee")
    )
    by = models.ForeignKey(
        _USER, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    trace = models.JSONField(_("explanation"), default=dict, blank=True)
    created_at = models.DateTimeField(_("time"), auto_now_add=True)

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    cause__in=[
                        "taken", "assigned", "returned", "replied", "routed", "released",
                        "handed_over",
                    ]
                ),
                name="dm_assignment_cause",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.conversation_id}: {self.get_cause_display()}"


class ContactMerge(models.Model):
    """Two contacts that became one: enough is kept to make them two again."""

    contact = models.ForeignKey(
        "django_messenger.Contact",
        on_delete=models.PROTECT,
        related_name="merges",
        verbose_name=_("contact"),
    )
    merged = models.ForeignKey(
        "django_messenger.Contact",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("merged contact"),
    )
    by = models.ForeignKey(
        _USER, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    moved = models.JSONField(_("what moved"), default=dict)
    created_at = models.DateTimeField(_("time"), auto_now_add=True)
    undone_at = models.DateTimeField(_("undone"), null=True)
    undone_by = models.ForeignKey(
        _USER, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("undone by")
    )

    class Meta:
        verbose_name = _("merge of contacts")
        verbose_name_plural = _("merges of contacts")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["merged"], condition=Q(undone_at__isnull=True), name="dm_merge_once"
            ),
            models.CheckConstraint(
                condition=~Q(contact=models.F("merged")), name="dm_merge_two_contacts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.merged_id} → {self.contact_id}"


class SavedView(models.Model):
    """A named set of filters: somebody's own, or shared by a branch."""

    user = models.ForeignKey(
        _USER,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("user"),
    )
    branch = models.ForeignKey(
        branch_model(),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("branch"),
    )
    name = models.CharField(_("name"), max_length=60)
    query = models.JSONField(_("filters"), default=dict, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, branch__isnull=True)
                | Q(user__isnull=True, branch__isnull=False),
                name="dm_saved_view_owner",
            ),
            models.UniqueConstraint(
                fields=["user", "name"],
                condition=Q(user__isnull=False),
                name="dm_saved_view_own",
            ),
            models.UniqueConstraint(
                fields=["branch", "name"],
                condition=Q(branch__isnull=False),
                name="dm_saved_view_shared",
            ),
        ]

    def __str__(self) -> str:
        return self.name
