"""What the CRM knows beside the chat: branches, the companies they serve, tasks."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Branch(models.Model):
    """A part of the business with its own staff; the messenger's branches are these."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=100)
    slug = models.SlugField(_("short name"), unique=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("branch")
        verbose_name_plural = _("branches")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Company(models.Model):
    """A business customer."""

    name = models.CharField(_("name"), max_length=200)
    tax_number = models.CharField(_("tax number"), max_length=20, blank=True)
    branch = models.ForeignKey(
        Branch,
        on_delete=models.PROTECT,
        related_name="companies",
        null=True,
        blank=True,
        verbose_name=_("branch"),
    )
    # The number under which its buyer signs in on the site; their signed identity carries it.
    customer_number = models.CharField(_("customer number"), max_length=20, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def messenger_external_id(self) -> str:
        """What ``{% messenger_conversations_for company %}`` looks for."""
        return self.customer_number


class Task(models.Model):
    """Something to be done for a customer; a button in the chat makes one."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, verbose_name=_("branch"))
    text = models.CharField(_("text"), max_length=200)
    contact = models.UUIDField(_("contact"), db_index=True, editable=False)
    conversation = models.UUIDField(_("conversation"), editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("created by"),
    )
    is_done = models.BooleanField(_("done"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.text
