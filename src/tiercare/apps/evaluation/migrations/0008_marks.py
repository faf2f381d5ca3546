"""Panels of scorecards recorded as complete: written by the commission of the area, read by everybody who works there."""

from django.db import migrations, models

import tiercare.apps.ledger.clock
import tiercare.kernel.ids

_SEEN = """tiercare_in_area(region) OR evaluation_area_below(region)
    OR cardinality((SELECT tiercare_scope())::uuid[]) > 0"""
WALL = f"""
ALTER TABLE evaluation_panelmark ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON evaluation_panelmark FOR SELECT USING ({_SEEN});
CREATE POLICY added ON evaluation_panelmark FOR INSERT WITH CHECK (tiercare_in_area(region));
"""
NO_WALL = """
DROP POLICY seen ON evaluation_panelmark; DROP POLICY added ON evaluation_panelmark;
ALTER TABLE evaluation_panelmark DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("evaluation", "0007_deliveries"), ("ledger", "0002_readings")]

    operations = [
        migrations.CreateModel(
            name="PanelMark",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("region", models.CharField(max_length=12)),
                ("card", models.CharField(max_length=80)),
                ("panel", models.CharField(max_length=80)),
                ("complete", models.BooleanField()),
                ("since_on", models.DateField(help_text="the day from which it counts")),
                ("evidence", models.CharField(max_length=1000)),
                ("by_id", models.UUIDField(null=True)),
                ("by_name", models.CharField(max_length=120)),
                ("made_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
            ],
            options={
                "indexes": [
                    models.Index(fields=["region", "card", "panel", "-made_at"], name="panel_mark_last")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("evidence", ""), _negated=True), name="panel_mark_has_evidence"
                    )
                ],
            },
        ),
        migrations.RunSQL(WALL, NO_WALL),
    ]
