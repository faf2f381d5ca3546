"""Surveys of residents: rounds, who was drawn, what was answered, and the wall that keeps the last two apart."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

import tiercare.apps.ledger.clock
import tiercare.kernel.ids

_SCOPE = "(SELECT tiercare_scope())::uuid[]"
_PERSONS = "(SELECT tiercare_persons())::uuid[]"
# Whoever was drawn, and the institution that registered them. A commission draws and counts, and sees nobody.
_INVITED = f"institution_id = ANY ({_SCOPE}) OR resident_id = ANY ({_PERSONS})"
_WAITING = "state = 'WAITING'"
# A round is seen by its commission, those below, and whoever it concerns.
_ROUND = """tiercare_in_area(division_code) OR evaluation_area_below(division_code)
    OR EXISTS (SELECT FROM evaluation_surveyinvitation i WHERE i.round_id = evaluation_surveyround.id)"""
# A sheet is handed in by whoever has just closed an invitation of its round, and then seen by nobody but those who count.
_HANDED_IN = """EXISTS (SELECT FROM evaluation_surveyinvitation i
    WHERE i.round_id = evaluation_surveysheet.round_id AND i.state = 'ANSWERED')"""
WALL = f"""
ALTER TABLE evaluation_surveyround ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON evaluation_surveyround FOR SELECT USING ({_ROUND});
CREATE POLICY added ON evaluation_surveyround FOR INSERT WITH CHECK (tiercare_in_area(division_code));
CREATE POLICY changed ON evaluation_surveyround FOR UPDATE
    USING (tiercare_in_area(division_code)) WITH CHECK (tiercare_in_area(division_code));
ALTER TABLE evaluation_surveyinvitation ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON evaluation_surveyinvitation FOR SELECT USING ({_INVITED});
CREATE POLICY added ON evaluation_surveyinvitation FOR INSERT
    WITH CHECK ({_WAITING} AND tiercare_in_area(division_code));
CREATE POLICY changed ON evaluation_surveyinvitation FOR UPDATE
    USING ({_WAITING} AND ({_INVITED})) WITH CHECK ({_INVITED});
ALTER TABLE evaluation_surveysheet ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON evaluation_surveysheet FOR SELECT USING (tiercare_in_area(division_code));
CREATE POLICY added ON evaluation_surveysheet FOR INSERT WITH CHECK ({_HANDED_IN});
"""
NO_WALL = """
DROP POLICY seen ON evaluation_surveyround; DROP POLICY added ON evaluation_surveyround;
DROP POLICY changed ON evaluation_surveyround;
DROP POLICY seen ON evaluation_surveyinvitation; DROP POLICY added ON evaluation_surveyinvitation;
DROP POLICY changed ON evaluation_surveyinvitation;
DROP POLICY seen ON evaluation_surveysheet; DROP POLICY added ON evaluation_surveysheet;
ALTER TABLE evaluation_surveyround DISABLE ROW LEVEL SECURITY;
ALTER TABLE evaluation_surveyinvitation DISABLE ROW LEVEL SECURITY;
ALTER TABLE evaluation_surveysheet DISABLE ROW LEVEL SECURITY;
"""
# How many of a round's people, by township, answered or declined and how; not who. To its own commission only.
INVITED = """
CREATE FUNCTION evaluation_invited(asked uuid)
RETURNS TABLE (place text, state text, how text, people bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT i.division_code::text, i.state::text, i.how::text, count(*)
    FROM evaluation_surveyround r JOIN evaluation_surveyinvitation i ON i.round_id = r.id
    WHERE r.id = asked AND tiercare_in_area(r.division_code)
    GROUP BY 1, 2, 3
$$;
"""
_HOW = ["OWN", "TELEPHONE", "DOOR"]


def _key():
    return models.UUIDField(
        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
    )


def _round():
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="evaluation.surveyround"
    )


class Migration(migrations.Migration):
    dependencies = [("evaluation", "0008_marks"), ("ledger", "0002_readings")]

    operations = [
        migrations.CreateModel(
            name="SurveyRound",
            fields=[
                ("id", _key()),
                ("division_code", models.CharField(max_length=12)),
                ("pack", models.CharField(max_length=40)),
                ("survey", models.CharField(max_length=40)),
                ("version", models.PositiveSmallIntegerField()),
                ("definition", models.TextField(help_text="JSON in the shape of a pack's survey")),
                ("recall_weeks", models.PositiveSmallIntegerField()),
                (
                    "period",
                    django.contrib.postgres.fields.ranges.DateRangeField(
                        help_text="the days on which it can be answered"
                    ),
                ),
                ("seed", models.CharField(max_length=32)),
                ("wanted", models.PositiveIntegerField()),
                ("drawn", models.PositiveIntegerField()),
                ("frame", models.JSONField(help_text="{township: [could be drawn, were drawn]}")),
                ("made_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
                ("made_by_name", models.CharField(max_length=120)),
                ("stopped_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=Q(drawn__gt=0), name="survey_round_asks_somebody"),
                    models.CheckConstraint(condition=Q(period__isempty=False), name="survey_round_has_days"),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        name="survey_round_one_at_a_time",
                        expressions=[("division_code", "="), ("survey", "="), ("period", "&&")],
                        condition=Q(stopped_at__isnull=True),
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="SurveyInvitation",
            fields=[
                ("id", _key()),
                ("resident_id", models.UUIDField()),
                ("institution_id", models.UUIDField()),
                ("division_code", models.CharField(max_length=12)),
                ("state", models.CharField(db_default="WAITING", default="WAITING", max_length=10)),
                ("closed_on", models.DateField(null=True)),
                ("how", models.CharField(db_default="", default="", max_length=10)),
                ("by_name", models.CharField(db_default="", default="", max_length=120)),
                ("round", _round()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("round", "resident_id"), name="survey_invited_once"),
                    models.CheckConstraint(
                        condition=Q(state="WAITING", closed_on=None, how="")
                        | Q(state__in=["ANSWERED", "DECLINED"], closed_on__isnull=False) & Q(how__in=_HOW),
                        name="survey_invitation_closed",
                    ),
                ],
                "indexes": [
                    models.Index(
                        fields=["institution_id"], condition=Q(state="WAITING"), name="survey_to_ask"
                    ),
                    models.Index(fields=["resident_id"], name="survey_of_resident"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SurveySheet",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("person", models.CharField(max_length=64)),
                ("division_code", models.CharField(max_length=12)),
                ("answered_on", models.DateField()),
                ("how", models.CharField(max_length=10)),
                ("answers", models.JSONField()),
                ("round", _round()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("round", "person"), name="survey_answered_once"),
                    models.CheckConstraint(condition=Q(how__in=_HOW), name="survey_sheet_how"),
                ],
                "indexes": [models.Index(fields=["answered_on"], name="survey_sheet_month")],
            },
        ),
        migrations.RunSQL(WALL, NO_WALL),
        migrations.RunSQL(INVITED, "DROP FUNCTION evaluation_invited(uuid);"),
    ]
