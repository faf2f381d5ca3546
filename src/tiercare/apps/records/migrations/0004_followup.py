"""What an institution has of drugs, answered forms, alerts, proposals to go down; and who left without a plan, as the
institution that answers for them sees it (XH-49)."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField
from django.db import migrations, models

from tiercare.apps.ledger.clock import TiercareNow
from tiercare.kernel.ids import uuid7

_SCOPE = "ANY ((SELECT tiercare_scope())::uuid[])"
_PERSONS = "ANY ((SELECT tiercare_persons())::uuid[])"
_EVERYWHERE = "tiercare_in_area('')"
# Whose rows they are; whoever raised an alert follows it. A resident answers a survey about themself.
_TABLES = {
    "records_formanswer": (f"institution_id = {_SCOPE}", f" OR resident_id = {_PERSONS}"),
    "records_followupalert": (f"(institution_id = {_SCOPE} OR raiser_id = {_SCOPE})", ""),
    "records_downprompt": (f"institution_id = {_SCOPE}", ""),
}


def _wall(table: str, own: str, also_added: str) -> str:
    return f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON {table} FOR SELECT USING ({own} OR resident_id = {_PERSONS} OR {_EVERYWHERE});
CREATE POLICY added ON {table} FOR INSERT WITH CHECK ({own} OR {_EVERYWHERE}{also_added});
CREATE POLICY changed ON {table} FOR UPDATE USING ({own} OR {_EVERYWHERE}) WITH CHECK ({own} OR {_EVERYWHERE});
"""


WALL = "".join(_wall(table, own, also) for table, (own, also) in _TABLES.items())
NO_WALL = "".join(
    f"DROP POLICY seen ON {table}; DROP POLICY added ON {table}; DROP POLICY changed ON {table};"
    f" ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;"
    for table in _TABLES
)

# Who answers for a person on a day: the institution of the responsible doctor, else the one that keeps the file.
ANSWERS_FOR = """
CREATE FUNCTION records_answers_for(resident uuid, at date, OUT institution uuid, OUT doctor text, OUT keeper uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT d.institution_id, coalesce(d.doctor_name, ''), k.institution_id
    FROM (SELECT residents_person(resident) AS ids) p
    LEFT JOIN LATERAL (SELECT o.institution_id, o.doctor_name FROM residents_responsibledoctor o
                       WHERE o.resident_id = ANY (p.ids) AND o.period @> at LIMIT 1) d ON true
    LEFT JOIN LATERAL (SELECT r.institution_id FROM residents_resident r
                       WHERE r.id = ANY (p.ids) AND r.keeps_file
                       ORDER BY r.master_id IS NOT NULL, r.id LIMIT 1) k ON true
$$;
"""
# Residents for whom an institution answers and who left another one marked as ready to go down, without a plan and without
# a reason. Which stay and when, and not of what.
LEFT_WITHOUT = """
CREATE FUNCTION records_left_without(house uuid, stages text[], since timestamptz, at date)
RETURNS TABLE (encounter_id uuid, resident_id uuid, institution_id uuid, stage text, stage_at timestamptz,
               started_at timestamptz, ended_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 20 SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT e.id, e.resident_id, e.institution_id, e.stage, e.stage_at, e.started_at, e.ended_at
    FROM records_encounter e
    CROSS JOIN LATERAL records_answers_for(e.resident_id, at) a
    WHERE e.stage = ANY (stages) AND e.stage <> '' AND e.ended_at >= since AND e.kept_reason = ''
      AND e.kind = 'INPATIENT' AND e.withdrawn_at IS NULL AND e.institution_id <> house
      AND coalesce(a.institution, a.keeper) = house
      AND NOT EXISTS (SELECT FROM records_careplan p
                      WHERE p.resident_id = ANY (residents_person(e.resident_id))
                        AND p.institution_id = e.institution_id AND p.made_at >= e.stage_at AND p.ended_at IS NULL)
      AND NOT EXISTS (SELECT FROM residents_resident r
                      WHERE r.id = ANY (residents_person(e.resident_id)) AND r.deceased_on IS NOT NULL)
    ORDER BY e.ended_at, e.id
$$;
"""
# How often the proposal to refer down was shown, taken and declined, by institution; not to whom.
PROMPTED = """
CREATE FUNCTION records_prompted(institutions uuid[], since timestamptz, until timestamptz)
RETURNS TABLE (institution_id uuid, ground text, shown bigint, taken bigint, declined bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT p.institution_id, p.ground, count(*), count(*) FILTER (WHERE p.answer = 'TAKEN'),
           count(*) FILTER (WHERE p.answer = 'DECLINED')
    FROM records_downprompt p
    WHERE p.institution_id = ANY (institutions) AND p.shown_at >= since AND p.shown_at < until
    GROUP BY p.institution_id, p.ground
$$;
"""
# What was answered in a survey of a year, by institution, item and value: how many people; not who.
SURVEYED = """
CREATE FUNCTION records_surveyed(institutions uuid[], asked text, of_year integer)
RETURNS TABLE (institution_id uuid, item text, value text, people bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT f.institution_id, a.key, a.value, count(*)
    FROM records_formanswer f CROSS JOIN LATERAL jsonb_each_text(f.answers) a
    WHERE f.institution_id = ANY (institutions) AND f.form = asked AND f.year = of_year AND f.about_id IS NOT NULL
    GROUP BY f.institution_id, a.key, a.value
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0003_withdrawn"), ("residents", "0002_wall")]
    operations = [
        migrations.AddField(
            model_name="plannedcontact",
            name="form",
            field=models.CharField(db_default="", default="", help_text="which form is asked", max_length=40),
        ),
        migrations.CreateModel(
            name="DownPrompt",
            fields=[
                ("id", models.UUIDField(default=uuid7, editable=False, primary_key=True, serialize=False)),
                ("resident_id", models.UUIDField()),
                ("institution_id", models.UUIDField()),
                ("ground", models.CharField(max_length=10)),
                ("source_id", models.UUIDField()),
                ("code", models.CharField(db_default="", default="", max_length=12)),
                ("name", models.CharField(db_default="", default="", max_length=100)),
                ("shown_at", models.DateTimeField(db_default=TiercareNow())),
                ("answer", models.CharField(db_default="", default="", max_length=10)),
                ("reason", models.CharField(db_default="", default="", max_length=200)),
                ("answered_at", models.DateTimeField(null=True)),
                ("answered_by_name", models.CharField(db_default="", default="", max_length=50)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["institution_id", "shown_at"], name="downprompt_of"),
                    models.Index(fields=["resident_id", "shown_at"], name="downprompt_of_resident"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("ground", "source_id"), name="downprompt_once"),
                    models.CheckConstraint(
                        condition=models.Q(("ground__in", ["visit", "criteria"])), name="downprompt_ground"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("answered_at", None)),
                            models.Q(("answer", "TAKEN"), ("answered_at__isnull", False)),
                            models.Q(
                                ("answer", "DECLINED"),
                                ("answered_at__isnull", False),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="downprompt_answer",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FormAnswer",
            fields=[
                ("id", models.UUIDField(default=uuid7, editable=False, primary_key=True, serialize=False)),
                ("resident_id", models.UUIDField()),
                ("institution_id", models.UUIDField()),
                ("form", models.CharField(max_length=40)),
                ("version", models.PositiveSmallIntegerField()),
                ("contact_id", models.UUIDField(null=True)),
                ("about_id", models.UUIDField(null=True)),
                ("year", models.PositiveSmallIntegerField()),
                ("answers", models.JSONField(default=dict)),
                ("by_resident", models.BooleanField(db_default=False, default=False)),
                ("by_name", models.CharField(db_default="", default="", max_length=50)),
                ("answered_at", models.DateTimeField(db_default=TiercareNow())),
            ],
            options={
                "indexes": [
                    models.Index(fields=["institution_id", "form", "year"], name="formanswer_of_year")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("contact_id__isnull", False)),
                        fields=("contact_id",),
                        name="formanswer_contact_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("about_id__isnull", False)),
                        fields=("about_id", "form"),
                        name="formanswer_about_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("about_id", None), ("contact_id__isnull", False)),
                            models.Q(("about_id__isnull", False), ("contact_id", None)),
                            _connector="OR",
                        ),
                        name="formanswer_of_one",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FormularyItem",
            fields=[
                ("id", models.UUIDField(default=uuid7, editable=False, primary_key=True, serialize=False)),
                ("institution_id", models.UUIDField()),
                ("code", models.CharField(db_default="", default="", max_length=30)),
                ("name", models.CharField(max_length=100)),
                ("strength", models.CharField(db_default="", default="", max_length=100)),
                ("key", models.CharField(max_length=100)),
                ("period", DateRangeField()),
                ("changed_by", models.CharField(db_default="", default="", max_length=50)),
                ("changed_at", models.DateTimeField(db_default=TiercareNow())),
            ],
            options={
                "indexes": [models.Index(fields=["institution_id", "key"], name="formulary_of")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name", ""), _negated=True), models.Q(("key", ""), _negated=True)
                        ),
                        name="formulary_has_name",
                    ),
                    ExclusionConstraint(
                        expressions=[
                            (models.F("institution_id"), "="),
                            (models.F("key"), "="),
                            (models.F("strength"), "="),
                            (models.F("period"), "&&"),
                        ],
                        name="formulary_drug_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FollowUpAlert",
            fields=[
                ("id", models.UUIDField(default=uuid7, editable=False, primary_key=True, serialize=False)),
                ("resident_id", models.UUIDField()),
                ("institution_id", models.UUIDField()),
                ("raiser_id", models.UUIDField()),
                ("doctor_name", models.CharField(db_default="", default="", max_length=50)),
                ("form", models.CharField(max_length=40)),
                ("items", models.JSONField(default=dict)),
                ("raised_at", models.DateTimeField(db_default=TiercareNow())),
                ("due_at", models.DateTimeField(null=True)),
                ("handled_at", models.DateTimeField(null=True)),
                ("handled_by_name", models.CharField(db_default="", default="", max_length=50)),
                ("handling", models.CharField(db_default="", default="", max_length=500)),
                ("request_id", models.UUIDField(null=True)),
                (
                    "answer",
                    models.OneToOneField(
                        on_delete=models.PROTECT, related_name="alert", to="records.formanswer"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("handled_at", None)),
                        fields=["institution_id", "due_at"],
                        name="followupalert_open",
                    ),
                    models.Index(fields=["raiser_id", "raised_at"], name="followupalert_of_raiser"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("handled_at", None), ("handling", "")),
                            models.Q(
                                ("handled_at__isnull", False), models.Q(("handling", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="followupalert_handled_says_how",
                    )
                ],
            },
        ),
        migrations.RunSQL(WALL, NO_WALL),
        migrations.RunSQL(ANSWERS_FOR, "DROP FUNCTION records_answers_for;"),
        migrations.RunSQL(LEFT_WITHOUT, "DROP FUNCTION records_left_without;"),
        migrations.RunSQL(PROMPTED, "DROP FUNCTION records_prompted;"),
        migrations.RunSQL(SURVEYED, "DROP FUNCTION records_surveyed;"),
    ]
