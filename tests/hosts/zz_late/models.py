from __future__ import annotations

import uuid

from django.db import models


class Company(models.Model):
    """Was there before the host had branches."""

    name = models.CharField(max_length=50)

    def __str__(self) -> str:
        return self.name


class Branch(models.Model):
    """A branch with a UUID key that is not called ``id``."""

    code = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, null=True, blank=True)
    name = models.CharField(max_length=50)

    def __str__(self) -> str:
        return self.name


class Deal(models.Model):
    """The host's own data about a conversation of ours."""

    conversation = models.OneToOneField("django_messenger.Conversation", on_delete=models.CASCADE)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT)

    def __str__(self) -> str:
        return f"Deal {self.pk}"
