"""Versions of plans and searches for them, with their wall: whoever plans an area, and whoever is asked what they think of a version."""

import django.db.models.deletion
from django.db import migrations, models

import tiercare.apps.ledger.clock
import tiercare.kernel.ids

# A version is read by the commissions of its area and above, and by whoever owes an opinion on it (their own matter they may see).
_ASKED = """EXISTS (SELECT FROM evaluation_matter m WHERE m.subject_type = 'plan' AND m.subject_key = planning_plan.id::text)"""
WALL = f"""
ALTER TABLE planning_plan ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON planning_plan FOR SELECT USING (tiercare_in_area(region) OR {_ASKED});
CREATE POLICY added ON planning_plan FOR INSERT WITH CHECK (tiercare_in_area(region));
ALTER TABLE planning_search ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON planning_search FOR SELECT USING (tiercare_in_area(region));
CREATE POLICY added ON planning_search FOR INSERT WITH CHECK (tiercare_in_area(region));
CREATE POLICY changed ON planning_search FOR UPDATE USING (tiercare_in_area(region)) WITH CHECK (true);
"""
NO_WALL = """
DROP POLICY seen ON planning_plan; DROP POLICY added ON planning_plan; ALTER TABLE planning_plan DISABLE ROW LEVEL SECURITY;
DROP POLICY seen ON planning_search; DROP POLICY added ON planning_search; DROP POLICY changed ON planning_search;
ALTER TABLE planning_search DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [("evaluation", "0010_posts")]

    operations = [
        migrations.CreateModel(
            name="Plan",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("region", models.CharField(max_length=12)),
                ("number", models.PositiveIntegerField()),
                ("title", models.CharField(max_length=120)),
                ("words", models.TextField(db_default="", default="", help_text="why it is drawn like this")),
                ("source", models.CharField(max_length=8)),
                ("base_on", models.DateField()),
                ("ground", models.CharField(max_length=64)),
                ("wishes", models.JSONField()),
                ("what_if", models.JSONField(default=list)),
                ("lead_of", models.JSONField()),
                (
                    "layout",
                    models.JSONField(
                        default=list,
                        help_text="every consortium of the region that day: id, name, kind, lead, members, area",
                    ),
                ),
                ("costs", models.JSONField()),
                ("bound", models.FloatField(null=True)),
                ("seed", models.PositiveIntegerField(null=True)),
                ("made_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
                ("made_by_id", models.UUIDField(null=True)),
                ("made_by_name", models.CharField(max_length=120)),
                (
                    "parent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="planning.plan",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Search",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("region", models.CharField(max_length=12)),
                ("title", models.CharField(max_length=120)),
                ("base_on", models.DateField()),
                ("wishes", models.JSONField()),
                ("what_if", models.JSONField(default=list)),
                ("seed", models.PositiveIntegerField(default=0)),
                ("effort", models.FloatField(default=1.0)),
                ("stage", models.CharField(max_length=8)),
                ("progress", models.JSONField(default=list)),
                (
                    "why",
                    models.JSONField(default=list, help_text="why there is no plan: sentences in zh and en"),
                ),
                ("asked_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
                ("asked_by_id", models.UUIDField(null=True)),
                ("asked_by_name", models.CharField(max_length=120)),
                ("begun_at", models.DateTimeField(null=True)),
                ("over_at", models.DateTimeField(null=True)),
                (
                    "plan",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="searches",
                        to="planning.plan",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="plan",
            constraint=models.UniqueConstraint(fields=("region", "number"), name="plan_number"),
        ),
        migrations.AddConstraint(
            model_name="plan",
            constraint=models.CheckConstraint(
                condition=models.Q(("source__in", ["SEARCH", "HAND", "FILE"])), name="plan_source"
            ),
        ),
        migrations.AddIndex(
            model_name="search",
            index=models.Index(fields=["region", "-asked_at"], name="search_of_region"),
        ),
        migrations.AddConstraint(
            model_name="search",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("over_at__isnull", True), ("stage__in", ["WAITING", "RUNNING"])),
                    models.Q(("over_at__isnull", False), ("stage__in", ["FAILED", "STOPPED"])),
                    models.Q(("over_at__isnull", False), ("plan__isnull", False), ("stage", "DONE")),
                    _connector="OR",
                ),
                name="search_stage",
            ),
        ),
        migrations.RunSQL(WALL, NO_WALL),
    ]
