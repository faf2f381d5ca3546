"""What waits to be written into the fact tables. No wall: it names tables, areas and months, and nobody."""

from django.db import migrations, models
from django.db.models import Q

import tiercare.kernel.ids


class Migration(migrations.Migration):
    dependencies = [("evaluation", "0002_wall")]
    operations = [
        migrations.CreateModel(
            name="FactsDue",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("fact", models.CharField(max_length=20)),
                ("region", models.CharField(max_length=12)),
                ("month", models.PositiveIntegerField(help_text="YYYYMM")),
                ("since_at", models.DateTimeField(null=True)),
                ("taken_at", models.DateTimeField(null=True)),
                ("written_at", models.DateTimeField(null=True)),
                ("rows", models.PositiveIntegerField(null=True)),
                ("held", models.CharField(db_default="", default="", max_length=40)),
            ],
            options={
                "verbose_name_plural": "facts due",
                "constraints": [
                    models.UniqueConstraint(fields=("fact", "region", "month"), name="facts_due_once"),
                    models.CheckConstraint(
                        condition=Q(taken_at=None) | Q(since_at__isnull=False), name="facts_taken_because_due"
                    ),
                ],
                "indexes": [
                    models.Index(
                        fields=["region", "month"], condition=Q(since_at__isnull=False), name="facts_due"
                    )
                ],
            },
        ),
    ]
