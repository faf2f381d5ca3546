"""Cases by department, criteria lists, care units by period, stays of cases; and counting steps past the wall."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models

import tiercare.apps.ledger.clock
import tiercare.kernel.ids

_WALL = """
CREATE FUNCTION capacity_steps_done(
    institutions uuid[], first date, until date,
    OUT institution uuid, OUT department uuid, OUT kind text, OUT step text, OUT at timestamptz,
    OUT requested_at timestamptz, OUT booked_at timestamptz, OUT came_at timestamptz)
RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    -- Steps done in the period: what of, and when; not whose. A step came next when the last one before it was over.
    SELECT c.institution_id, c.department_id, c.kind, s.step, s.done_at, c.requested_at,
           (SELECT b.done_at FROM capacity_casestep b
            WHERE b.case_id = c.id AND b.step = 'booking' AND b.state = 'DONE'),
           greatest(c.requested_at, (SELECT max(e.done_at) FROM capacity_casestep e
                                     WHERE e.case_id = c.id AND e.position < s.position))
    FROM capacity_casestep s JOIN capacity_case c ON c.id = s.case_id
    WHERE s.institution_id = ANY (institutions) AND s.state = 'DONE'
      AND s.done_at >= first::timestamp AT TIME ZONE 'Asia/Shanghai'
      AND s.done_at < until::timestamp AT TIME ZONE 'Asia/Shanghai'
$$;
"""
_KEPT = """
INSERT INTO capacity_careunit (id, institution_id, functions, day_surgery, period, changed_at)
SELECT gen_random_uuid(), institution_id, functions, day_surgery,
       daterange((changed_at AT TIME ZONE 'Asia/Shanghai')::date, NULL), changed_at
FROM capacity_careunitnow;
"""
_GIVEN_BACK = """
INSERT INTO capacity_careunitnow (institution_id, functions, day_surgery, changed_at)
SELECT institution_id, functions, day_surgery, changed_at FROM capacity_careunit WHERE upper_inf(period);
"""


class Migration(migrations.Migration):
    dependencies = [("capacity", "0002_taking_places")]

    operations = [
        migrations.RenameModel("CareUnit", "CareUnitNow"),
        migrations.CreateModel(
            name="CareUnit",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("institution_id", models.UUIDField()),
                (
                    "functions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), default=list, size=None
                    ),
                ),
                ("day_surgery", models.BooleanField(db_default=False, default=False)),
                ("period", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("changed_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
            ],
            options={
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        name="one_care_unit_a_day",
                        expressions=[
                            (
                                models.F("institution_id"),
                                django.contrib.postgres.fields.ranges.RangeOperators.EQUAL,
                            ),
                            (
                                models.F("period"),
                                django.contrib.postgres.fields.ranges.RangeOperators.OVERLAPS,
                            ),
                        ],
                    )
                ],
            },
        ),
        migrations.RunSQL(_KEPT, _GIVEN_BACK),
        migrations.DeleteModel("CareUnitNow"),
        migrations.CreateModel(
            name="Criteria",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("institution_id", models.UUIDField()),
                ("disease", models.CharField(max_length=80)),
                ("stage", models.CharField(max_length=10)),
                ("version", models.PositiveIntegerField()),
                (
                    "items",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=120), size=None
                    ),
                ),
                ("during", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("stage__in", ["ADMISSION", "DISCHARGE"])), name="criteria_stage"
                    ),
                    models.UniqueConstraint(
                        fields=("institution_id", "disease", "stage", "version"),
                        name="criteria_version_once",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        name="one_version_of_criteria",
                        expressions=[
                            (
                                models.F("institution_id"),
                                django.contrib.postgres.fields.ranges.RangeOperators.EQUAL,
                            ),
                            (
                                models.F("disease"),
                                django.contrib.postgres.fields.ranges.RangeOperators.EQUAL,
                            ),
                            (models.F("stage"), django.contrib.postgres.fields.ranges.RangeOperators.EQUAL),
                            (
                                models.F("during"),
                                django.contrib.postgres.fields.ranges.RangeOperators.OVERLAPS,
                            ),
                        ],
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            "dayprocedure",
            django.contrib.postgres.constraints.ExclusionConstraint(
                name="day_procedure_once",
                expressions=[
                    (models.F("institution_id"), django.contrib.postgres.fields.ranges.RangeOperators.EQUAL),
                    (models.F("name"), django.contrib.postgres.fields.ranges.RangeOperators.EQUAL),
                    (models.F("period"), django.contrib.postgres.fields.ranges.RangeOperators.OVERLAPS),
                ],
            ),
        ),
        migrations.AddField("case", "department_id", models.UUIDField(null=True)),
        migrations.AddField("case", "disease", models.CharField(db_default="", default="", max_length=80)),
        migrations.AlterField("case", "kind", models.CharField(max_length=20)),
        migrations.RemoveConstraint("case", "case_kind"),
        migrations.AddConstraint(
            "case",
            models.CheckConstraint(
                condition=models.Q(("kind__in", ["ADMISSION", "ELECTIVE_SURGERY", "DAY_SURGERY"])),
                name="case_kind",
            ),
        ),
        migrations.AlterField("casestep", "due_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "casestep",
            "criteria",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="steps",
                to="capacity.criteria",
            ),
        ),
        migrations.AddField(
            "casestep",
            "met",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=120), db_default=[], default=list, size=None
            ),
        ),
        migrations.AddField(
            "stay",
            "case_id",
            models.UUIDField(help_text="the admission or operation that it is for", null=True),
        ),
        migrations.AddIndex(
            "stay",
            models.Index(
                condition=models.Q(("case_id__isnull", False)), fields=["case_id"], name="stay_of_case"
            ),
        ),
        migrations.AddIndex(
            "casestep",
            models.Index(
                condition=models.Q(("state", "DONE")),
                fields=["institution_id", "done_at"],
                name="case_step_done",
            ),
        ),
        migrations.RunSQL(_WALL, "DROP FUNCTION capacity_steps_done;"),
    ]
