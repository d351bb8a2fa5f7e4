"""The CRM's people."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Users of the CRM."""

    name = "accounts"
    verbose_name = _("Staff")
