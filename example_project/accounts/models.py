"""The CRM's own user model, which the messenger uses as it is."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A member of staff."""

    job_title = models.CharField(_("job title"), max_length=100, blank=True)
