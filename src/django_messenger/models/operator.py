from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from django_messenger.conf import branch_model


class Operator(models.Model):
    """A user of the host who answers in some branches.

    The row says where; what they may do there is said by the host's Django permissions.
    """

    class Availability(models.TextChoices):
        AUTO = "auto", _("Automatic")
        BUSY = "busy", _("Busy")
        AWAY = "away", _("Away")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="messenger_operator",
        verbose_name=_("user"),
    )
    display_name = models.CharField(
        _("display name"), max_length=100, help_text=_("The name that visitors see.")
    )
    branches: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        branch_model(), blank=True, related_name="+", verbose_name=_("branches")
    )
    is_active = models.BooleanField(_("active"), default=True)
    availability = models.CharField(
        _("availability"),
        max_length=10,
        choices=Availability.choices,
        default=Availability.AUTO,
    )
    capacity = models.PositiveSmallIntegerField(
        _("capacity"),
        default=10,
        help_text=_("So many conversations at once are assigned automatically; 0: none."),
    )
    last_routed_at = models.DateTimeField(null=True, editable=False)
    preferences = models.JSONField(_("preferences"), default=dict, blank=True)

    class Meta:
        verbose_name = _("operator")
        verbose_name_plural = _("operators")
        ordering = ["display_name", "pk"]

    def __str__(self) -> str:
        return self.display_name
