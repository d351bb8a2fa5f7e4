from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from django_messenger.conf import branch_model
from django_messenger.validators import validate_texts


class Label(models.Model):
    """A word that operators put on conversations, in one branch or in all of them."""

    branch = models.ForeignKey(
        branch_model(),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("branch"),
        help_text=_("Empty: in all branches."),
    )
    name = models.CharField(_("name"), max_length=50)
    color = models.CharField(
        _("colour"),
        max_length=7,
        default="#64748b",
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}\Z", _("Write a colour such as #1d4ed8."))],
    )

    class Meta:
        verbose_name = _("label")
        verbose_name_plural = _("labels")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["branch", "name"],
                condition=Q(branch__isnull=False),
                name="dm_label_in_branch",
            ),
            models.UniqueConstraint(
                fields=["name"], condition=Q(branch__isnull=True), name="dm_label_everywhere"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CannedResponse(models.Model):
    """A prepared answer behind a shortcut, with a text per language."""

    branch = models.ForeignKey(
        branch_model(),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("branch"),
        help_text=_("Empty: in all branches."),
    )
    shortcut = models.CharField(
        _("shortcut"),
        max_length=50,
        validators=[RegexValidator(r"^[\w-]+\Z", _("Use letters, digits, - and _ only."))],
    )
    texts = models.JSONField(
        _("texts"),
        validators=[validate_texts],
        help_text=_('One text per language, such as {"en": "Hello!", "ru": "Здравствуйте!"}.'),
    )

    class Meta:
        verbose_name = _("canned response")
        verbose_name_plural = _("canned responses")
        ordering = ["shortcut", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["branch", "shortcut"],
                condition=Q(branch__isnull=False),
                name="dm_canned_in_branch",
            ),
            models.UniqueConstraint(
                fields=["shortcut"],
                condition=Q(branch__isnull=True),
                name="dm_canned_everywhere",
            ),
        ]

    def __str__(self) -> str:
        return self.shortcut

    def text_for(self, language: str) -> str:
        """Return the text in ``language`` (such as ``"ru"``), else the first one there is."""
        texts: dict[str, str] = self.texts
        return (
            texts.get(language) or texts.get(language.split("-")[0]) or next(iter(texts.values()))
        )
