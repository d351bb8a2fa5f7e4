"""Tables of the naive floors: a chat as anybody would write it first."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models


class Thread(models.Model):
    objects: ClassVar[models.Manager[Thread]] = models.Manager()

    last_seq = models.BigIntegerField(default=0)
    preview = models.CharField(max_length=160, blank=True)
    last_message_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.pk)


class Line(models.Model):
    objects: ClassVar[models.Manager[Line]] = models.Manager()

    public_id = models.UUIDField(default=uuid.uuid4, unique=True)
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE)
    thread_id: int
    seq = models.BigIntegerField(default=0)
    body = models.TextField()
    client_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.public_id)
