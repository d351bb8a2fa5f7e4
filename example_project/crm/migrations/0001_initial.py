from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """The CRM as it began: companies only."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Company",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "tax_number",
                    models.CharField(blank=True, max_length=20, verbose_name="tax number"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
            ],
            options={
                "verbose_name": "company",
                "verbose_name_plural": "companies",
                "ordering": ("name",),
            },
        ),
    ]
