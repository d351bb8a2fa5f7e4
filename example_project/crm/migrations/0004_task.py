from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Companies got their customer number, and the chat its tasks."""

    dependencies = [
        ("crm", "0003_company_branch"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="company",
            name="customer_number",
            field=models.CharField(blank=True, max_length=20, verbose_name="customer number"),
        ),
        migrations.CreateModel(
            name="Task",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.CharField(max_length=200, verbose_name="text")),
                (
                    "contact",
                    models.UUIDField(db_index=True, editable=False, verbose_name="contact"),
                ),
                ("conversation", models.UUIDField(editable=False, verbose_name="conversation")),
                ("is_done", models.BooleanField(default=False, verbose_name="done")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                (
                    "branch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="crm.branch",
                        verbose_name="branch",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="created by",
                    ),
                ),
            ],
            options={
                "verbose_name": "task",
                "verbose_name_plural": "tasks",
                "ordering": ("-pk",),
            },
        ),
    ]
