from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from django_messenger.conf import branch_model
from django_messenger.constraints import Immutable
from django_messenger.models.base import ImmutableFieldsModel, public_id_field
from django_messenger.validators import validate_attributes


class Contact(ImmutableFieldsModel):
    """A person as one branch knows them.

    E-mail and phone are never a key: anybody can type them. Only ``external_id``, which comes
    from a signed identity, finds a contact again.
    """

    class Trust(models.TextChoices):
        ANONYMOUS = "anonymous", _("Anonymous")
        CLAIMED = "claimed", _("Unverified")
        VERIFIED = "verified", _("Verified")

    public_id = public_id_field()
    branch = models.ForeignKey(
        branch_model(), on_delete=models.PROTECT, related_name="+", verbose_name=_("branch")
    )
    external_id = models.CharField(_("external id"), max_length=200, blank=True)
    name = models.CharField(pgettext_lazy("person", "name"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail"), blank=True, db_index=True)
    phone = models.CharField(_("phone"), max_length=50, blank=True, db_index=True)
    trust = models.CharField(
        _("trust"), max_length=10, choices=Trust.choices, default=Trust.ANONYMOUS
    )
    attributes = models.JSONField(
        _("attributes"), default=dict, blank=True, validators=[validate_attributes]
    )
    blocked_at = models.DateTimeField(_("blocked"), null=True, blank=True)
    blocked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("blocked by"),
    )
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True, editable=False)
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="merged",
        verbose_name=_("merged into"),
    )
    epoch = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["-pk"]
        constraints = [
            Immutable(fields=["branch"], name="dm_contact_immutable"),
            models.UniqueConstraint(fields=["id", "branch"], name="dm_contact_id_branch"),
            models.UniqueConstraint(
                fields=["branch", "external_id"],
                condition=~Q(external_id=""),
                name="dm_contact_external_id",
            ),
            models.CheckConstraint(
                condition=Q(trust__in=["anonymous", "claimed", "verified"]),
                name="dm_contact_trust",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email or self.phone or str(_("Visitor"))


class Visitor(models.Model):
    """One browser. Its token, kept here only as a SHA-256, brings the conversation back after the
    cache has lost the session."""

    inbox = models.ForeignKey(
        "django_messenger.Inbox", on_delete=models.PROTECT, verbose_name=_("inbox")
    )
    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="visitors", verbose_name=_("contact")
    )
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    last_seen_at = models.DateTimeField(_("last seen"))
    expires_at = models.DateTimeField(_("expires"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    epoch = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("visitor")
        verbose_name_plural = _("visitors")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.contact_id}/{self.pk}"
