from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from django_messenger.constraints import Immutable
from django_messenger.models.base import ImmutableFieldsModel
from django_messenger.models.contact import Contact
from django_messenger.models.conversation import Conversation


class Consent(ImmutableFieldsModel):
    """Proof of what a visitor agreed to before the first message, and when.

    ``text`` is the inbox's own wording; empty, the visitor saw the one that ``version`` of the
    widget brings in ``locale``. ``fingerprint`` (SHA-256) stands for all of it together.
    """

    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="consents", verbose_name=_("contact")
    )
    conversation = models.ForeignKey(
        Conversation,
        on_delete=models.CASCADE,
        related_name="consents",
        verbose_name=_("conversation"),
    )
    text = models.TextField(_("text"), blank=True)
    url = models.CharField(_("page about consent"), max_length=500, blank=True)
    locale = models.CharField(_("language"), max_length=35, blank=True)
    version = models.CharField(_("version of the widget"), max_length=50)
    fingerprint = models.CharField(max_length=64)
    given_at = models.DateTimeField(_("given"))

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["-pk"]
        constraints = [
            Immutable(
                fields=["conversation", "text", "url", "locale", "version", "given_at"],
                name="dm_consent_immutable",
            ),
            models.UniqueConstraint(fields=["conversation", "fingerprint"], name="dm_consent_once"),
        ]

    def __str__(self) -> str:
        return f"{self.contact} · {self.given_at:%Y-%m-%d}"
