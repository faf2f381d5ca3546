"""Whoever lies in a bed lies there alone, also beyond the planned end; and since when a bed counts as a day bed."""

import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models

import tiercare.kernel.ids

# Day beds that are in use now count since they were last changed: of what was before, nothing is known.
_SPANS = """
INSERT INTO capacity_daybedspan (id, bed_id, during)
SELECT gen_random_uuid(), id, tstzrange(changed_at, NULL) FROM capacity_bed WHERE day AND out_of_use = '';
"""


class Migration(migrations.Migration):
    dependencies = [("capacity", "0007_hot_path")]

    operations = [
        migrations.AddField(
            "stay",
            "isolation",
            models.BooleanField(db_default=False, default=False, help_text="needs an isolation bed"),
        ),
        migrations.AddConstraint(
            "stay",
            models.UniqueConstraint(
                condition=models.Q(("state", "IN")), fields=("bed",), name="one_lies_in_a_bed"
            ),
        ),
        migrations.AddConstraint(
            "stay",
            models.UniqueConstraint(
                condition=models.Q(("state", "IN")), fields=("resident_id",), name="resident_lies_once"
            ),
        ),
        migrations.CreateModel(
            name="DayBedSpan",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("during", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                (
                    "bed",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="day_spans",
                        to="capacity.bed",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            "daybedspan",
            models.UniqueConstraint(
                condition=models.Q(("during__upper_inf", True)), fields=("bed",), name="one_open_day_span"
            ),
        ),
        migrations.RunSQL(_SPANS, migrations.RunSQL.noop),
    ]
