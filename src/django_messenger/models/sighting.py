from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Sighting(models.Model):
    """Where a browser has last asked for an inbox's widget, to tell whether it is installed.

    Written only by ``services.sightings``, which keeps it rare and bounded.
    """

    inbox = models.ForeignKey(
        "django_messenger.Inbox",
        on_delete=models.CASCADE,
        related_name="sightings",
        verbose_name=_("inbox"),
    )
    origin = models.CharField(_("site"), max_length=300)
    seen_at = models.DateTimeField(_("seen"))

    class Meta:
        verbose_name = _("sighting of the widget")
        verbose_name_plural = _("sightings of the widget")
        ordering = ["-seen_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["inbox", "origin"], name="dm_sighting_once"),
        ]

    def __str__(self) -> str:
        return self.origin
