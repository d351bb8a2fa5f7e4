from __future__ import annotations

from django.apps import AppConfig


class LateConfig(AppConfig):
    name = "tests.hosts.zz_late"
    label = "zz_late"
    default_auto_field = "django.db.models.BigAutoField"
