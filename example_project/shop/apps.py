"""The company's public site."""

from __future__ import annotations

from django.apps import AppConfig


class ShopConfig(AppConfig):
    """Pages of the two shops, each with a chat of its own."""

    name = "shop"
