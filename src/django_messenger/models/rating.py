from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from django_messenger.models.conversation import Conversation


class Rating(models.Model):
    """What a visitor thought of a conversation; rating again replaces it.

    Written only by ``services.ratings.rate_conversation``, together with ``Conversation.rating``,
    which lists and visitors read.
    """

    conversation = models.OneToOneField(
        Conversation,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("conversation"),
    )
    score = models.PositiveSmallIntegerField(_("rating"), help_text=_("1 is bad, 5 is good."))
    comment = models.TextField(_("comment"), blank=True)
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("resolved by"),
    )
    rated_at = models.DateTimeField(_("rated"))

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(score__gte=1, score__lte=5), name="dm_rating_score"),
        ]

    def __str__(self) -> str:
        return f"{self.score}/5"
