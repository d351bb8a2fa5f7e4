from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from django_messenger.conf import branch_model

branch_model()  # Seeds the setting that Meta.swappable names, before Django reads it.


class Branch(models.Model):
    """The default branch. Hosts with branches of their own name them in
    ``MESSENGER_BRANCH_MODEL``; this table is then not created, and nothing of ours is ever stored
    on theirs."""

    name = models.CharField(_("name"), max_length=200)
    slug = models.SlugField(_("slug"), max_length=100, unique=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        swappable = "MESSENGER_BRANCH_MODEL"
        verbose_name = _("branch")
        verbose_name_plural = _("branches")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name
