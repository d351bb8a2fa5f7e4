from __future__ import annotations

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    """Branches came later: ``MESSENGER_BRANCH_MIGRATION`` names this migration."""

    dependencies = [("crm", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Branch",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("slug", models.SlugField(unique=True, verbose_name="short name")),
                ("city", models.CharField(blank=True, max_length=100, verbose_name="city")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "branch",
                "verbose_name_plural": "branches",
                "ordering": ("name",),
            },
        ),
    ]
