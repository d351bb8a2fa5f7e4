from __future__ import annotations

from django.db import models


class Branch(models.Model):
    """A branch with a 32-bit key and none of the fields that our own branch has but ``name``."""

    name = models.CharField(max_length=50)
    city = models.CharField(max_length=50, blank=True)

    def __str__(self) -> str:
        return self.name
