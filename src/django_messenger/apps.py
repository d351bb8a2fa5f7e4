from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessengerConfig(AppConfig):
    """The one app that a host adds to ``INSTALLED_APPS``."""

    name = "django_messenger"
    label = "django_messenger"
    verbose_name = _("Messenger")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django_messenger import checks
        from django_messenger.realtime import rights
        from django_messenger.services import inboxes, routing

        checks.register()
        inboxes.connect()
        rights.connect()
        routing.connect()
