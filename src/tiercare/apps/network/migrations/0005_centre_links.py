"""Links of specialty alliances to provincial centres (NHC-18)."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.functions.comparison
from django.db import migrations, models

import tiercare.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("network", "0004_lists_searches_and_lookups"),
    ]

    operations = [
        migrations.CreateModel(
            name="CentreLink",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("period", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("linked_by", models.CharField(blank=True, help_text="who recorded it", max_length=120)),
                (
                    "consortium",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="centres",
                        to="network.consortium",
                    ),
                ),
                (
                    "institution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="linked_alliances",
                        to="network.institution",
                    ),
                ),
            ],
            options={
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        deferrable=django.db.models.constraints.Deferrable["IMMEDIATE"],
                        expressions=[
                            ("consortium", "="),
                            (
                                django.db.models.functions.comparison.Cast("institution", models.TextField()),
                                "=",
                            ),
                            ("period", "&&"),
                        ],
                        name="no_overlapping_centre_link",
                    )
                ],
            },
        ),
    ]
