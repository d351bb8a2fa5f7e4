from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Companies got their branch."""

    dependencies = [("crm", "0002_branch")]

    operations = [
        migrations.AddField(
            model_name="company",
            name="branch",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="companies",
                to="crm.branch",
                verbose_name="branch",
            ),
        ),
    ]
