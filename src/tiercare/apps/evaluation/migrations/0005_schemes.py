"""How a county assesses, who is assessed with what, and what a score is used for; and the wall around them."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

import tiercare.apps.ledger.clock
import tiercare.kernel.ids

_NOW = tiercare.apps.ledger.clock.TiercareNow()
# A scheme is seen by those below too: it says how they are judged. Whose numbers are judged sees their
# own alone; a county what was locked of its own, whoever assessed it.
WALL = """
ALTER TABLE evaluation_scheme ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON evaluation_scheme FOR SELECT USING (
    tiercare_in_area(division_code) OR evaluation_area_below(division_code)
    OR cardinality((SELECT tiercare_scope())::uuid[]) > 0);
CREATE POLICY added ON evaluation_scheme FOR INSERT WITH CHECK (tiercare_in_area(division_code));
CREATE POLICY changed ON evaluation_scheme FOR UPDATE USING (tiercare_in_area(division_code)) WITH CHECK (true);
CREATE FUNCTION evaluation_scheme_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - 'period' <> to_jsonb(OLD) - 'period' OR lower(NEW.period) <> lower(OLD.period) THEN
        RAISE EXCEPTION 'a version of a scheme is never changed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER evaluation_scheme_stays BEFORE UPDATE ON evaluation_scheme
    FOR EACH ROW EXECUTE FUNCTION evaluation_scheme_stays();
ALTER TABLE evaluation_assessed ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON evaluation_assessed FOR SELECT USING (
    EXISTS (SELECT FROM evaluation_matter m WHERE m.id IN (assessment_id, report_id))
    OR locked_on IS NOT NULL AND tiercare_in_area(area));
CREATE POLICY added ON evaluation_assessed FOR INSERT WITH CHECK (
    EXISTS (SELECT FROM evaluation_matter m WHERE m.id = assessment_id AND m.state = 'OPEN'));
CREATE POLICY changed ON evaluation_assessed FOR UPDATE USING (
    EXISTS (SELECT FROM evaluation_matter m
            WHERE m.id = assessment_id AND m.state <> 'WITHDRAWN' AND locked_on IS NULL)) WITH CHECK (true);
ALTER TABLE evaluation_factortable ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON evaluation_factortable FOR SELECT USING (
    tiercare_in_area(division_code) OR cardinality((SELECT tiercare_scope())::uuid[]) > 0);
CREATE POLICY added ON evaluation_factortable FOR INSERT WITH CHECK (tiercare_in_area(division_code));
"""
NO_WALL = """
DROP POLICY seen ON evaluation_scheme; DROP POLICY added ON evaluation_scheme; DROP POLICY changed ON evaluation_scheme;
DROP TRIGGER evaluation_scheme_stays ON evaluation_scheme; DROP FUNCTION evaluation_scheme_stays();
DROP POLICY seen ON evaluation_assessed; DROP POLICY added ON evaluation_assessed;
DROP POLICY changed ON evaluation_assessed;
DROP POLICY seen ON evaluation_factortable; DROP POLICY added ON evaluation_factortable;
ALTER TABLE evaluation_scheme DISABLE ROW LEVEL SECURITY;
ALTER TABLE evaluation_assessed DISABLE ROW LEVEL SECURITY;
ALTER TABLE evaluation_factortable DISABLE ROW LEVEL SECURITY;
"""


def _key():
    return models.UUIDField(
        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
    )


def _matter(name, *, null=False):
    return models.ForeignKey(
        null=null,
        on_delete=django.db.models.deletion.PROTECT,
        related_name=name,
        to="evaluation.matter",
    )


_RANGES = django.contrib.postgres.fields.ranges.RangeOperators


class Migration(migrations.Migration):
    dependencies = [("evaluation", "0004_imports"), ("ledger", "0002_readings"), ("network", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Scheme",
            fields=[
                ("id", _key()),
                ("division_code", models.CharField(max_length=12)),
                ("card", models.CharField(max_length=80)),
                ("version", models.PositiveSmallIntegerField()),
                ("name", models.CharField(max_length=120)),
                ("assessor", models.CharField(max_length=120)),
                ("definition", models.JSONField(help_text="in the shape of a pack's scorecard")),
                ("pack", models.CharField(max_length=40)),
                ("period", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("made_at", models.DateTimeField(db_default=_NOW)),
                ("made_by_name", models.CharField(max_length=120)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("division_code", "card", "version"), name="scheme_version_once"
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        name="scheme_one_in_force",
                        expressions=[
                            ("division_code", _RANGES.EQUAL),
                            ("card", _RANGES.EQUAL),
                            ("period", _RANGES.OVERLAPS),
                        ],
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="Assessed",
            fields=[
                ("id", _key()),
                ("assessment", _matter("assessed")),
                ("report", _matter("+", null=True)),
                ("title", models.CharField(max_length=120)),
                ("period", models.CharField(max_length=10)),
                ("card", models.CharField(max_length=80)),
                ("level", models.CharField(max_length=12)),
                ("key", models.CharField(max_length=120)),
                ("name", models.CharField(max_length=120)),
                ("area", models.CharField(max_length=12)),
                ("inputs", models.TextField(help_text="what the platform counted")),
                ("digest", models.CharField(max_length=64)),
                (
                    "review",
                    models.JSONField(default=dict, help_text="by indicator: whose number counts, and why"),
                ),
                (
                    "accepted",
                    models.TextField(db_default="", default="", help_text="what the result rests on"),
                ),
                ("result", models.JSONField(default=dict)),
                ("result_digest", models.CharField(db_default="", default="", max_length=64)),
                ("total", models.DecimalField(decimal_places=12, max_digits=20, null=True)),
                ("place", models.PositiveSmallIntegerField(null=True)),
                ("locked_on", models.DateField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("assessment", "level", "key"), name="assessed_once")
                ],
                "indexes": [models.Index(fields=["level", "key"], name="assessed_who")],
            },
        ),
        migrations.CreateModel(
            name="FactorTable",
            fields=[
                ("id", _key()),
                ("division_code", models.CharField(max_length=12)),
                ("active", models.BooleanField()),
                (
                    "uses",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=30), default=list, size=None
                    ),
                ),
                ("steps", models.JSONField(help_text="[[points, factor], …], from the least")),
                ("since", models.DateField()),
                ("made_at", models.DateTimeField(db_default=_NOW)),
                ("made_by_name", models.CharField(max_length=120)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["division_code", "-since", "-made_at"], name="factors_newest")
                ]
            },
        ),
        # A county's result and the city's of the same year stand beside each other, and so do two cards of one region.
        migrations.RemoveConstraint("publication", "publication_one_stands"),
        migrations.AddConstraint(
            "publication",
            models.UniqueConstraint(
                fields=("matter", "audience"),
                condition=Q(withdrawn_at__isnull=True),
                name="publication_one_stands",
            ),
        ),
        migrations.RunSQL(WALL, NO_WALL),
    ]
