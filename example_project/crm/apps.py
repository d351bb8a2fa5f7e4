"""The CRM's business objects."""

from __future__ import annotations

from django.apps import AppConfig


class CrmConfig(AppConfig):
    """Branches and companies."""

    name = "crm"
    verbose_name = "CRM"
