"""Each episode of care knows the institution of first contact (CX-06), and what is counted of it: when and where, not whose."""

from typing import ClassVar

from django.db import migrations, models

# The visits of one person, by problem and time. A visit belongs to the episode before it if it began within so many days
# (kept with the visit, as the pack said them when it was noted) after the last end of any visit for that problem; a stay
# that goes on has no end. All visits of the person are judged anew: one that is entered late may join two episodes.
SETTLE = """
CREATE FUNCTION records_settle_episodes(persons uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('records episodes ' || persons[1]::text, 0));
    WITH judged AS (
        SELECT e.id, e.problem, e.institution_id, e.started_at,
               CASE WHEN e.started_at <= max(coalesce(e.ended_at, 'infinity')) OVER earlier
                                         + make_interval(days => e.episode_gap) THEN 0 ELSE 1 END AS opens
        FROM records_encounter e
        WHERE e.resident_id = ANY (persons) AND e.episode_gap IS NOT NULL AND e.withdrawn_at IS NULL
        WINDOW earlier AS (PARTITION BY e.problem ORDER BY e.started_at, e.id
                           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ), numbered AS (
        SELECT j.*, sum(j.opens) OVER (PARTITION BY j.problem ORDER BY j.started_at, j.id) AS number FROM judged j
    ), named AS (
        SELECT n.id, first_value(n.id) OVER w AS episode, first_value(n.institution_id) OVER w AS house
        FROM numbered n WINDOW w AS (PARTITION BY n.problem, n.number ORDER BY n.started_at, n.id)
    )
    UPDATE records_encounter e SET episode_id = n.episode, first_contact_id = n.house
    FROM named n
    WHERE n.id = e.id AND (e.episode_id, e.first_contact_id) IS DISTINCT FROM (n.episode, n.house);
END $$;
"""
# Episodes that began in the period: at one of these institutions, or (``of_signed``) of residents who had signed with one
# of them then, wherever they went. ``groups`` are the key groups in which the resident was entered on that day.
FIRST_CONTACTS = """
CREATE FUNCTION records_first_contacts(
    institutions uuid[], since timestamptz, until timestamptz, of_signed boolean,
    OUT institution uuid, OUT at timestamptz, OUT kind text, OUT problem text, OUT groups text[], OUT age integer,
    OUT signed uuid)
RETURNS SETOF record
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY
    WITH openers AS MATERIALIZED (
        SELECT e.* FROM records_encounter e
        WHERE NOT of_signed AND e.institution_id = ANY (institutions) AND e.started_at >= since AND e.started_at < until
          AND e.episode_id = e.id AND e.withdrawn_at IS NULL
        UNION
        SELECT e.* FROM residents_responsibledoctor d
        JOIN records_encounter e ON e.resident_id = ANY (residents_person(d.resident_id))
        WHERE of_signed AND d.institution_id = ANY (institutions) AND e.started_at >= since AND e.started_at < until
          AND e.episode_id = e.id AND e.withdrawn_at IS NULL
          AND d.period @> (e.started_at AT TIME ZONE 'Asia/Shanghai')::date
    )
    SELECT o.institution_id, o.started_at, o.kind::text, o.problem::text,
           ARRAY(SELECT k."group"::text FROM residents_keygroupmember k
                 WHERE k.resident_id = ANY (p.entries) AND k.period @> p.day),
           (SELECT extract(year FROM age(p.day, r.birth_date))::integer FROM residents_resident r
            WHERE r.id = p.entries[1]),
           (SELECT d.institution_id FROM residents_responsibledoctor d
            WHERE d.resident_id = ANY (p.entries) AND d.period @> p.day ORDER BY lower(d.period) DESC LIMIT 1)
    FROM openers o
    CROSS JOIN LATERAL (SELECT residents_person(o.resident_id) AS entries,
                               (o.started_at AT TIME ZONE 'Asia/Shanghai')::date AS day) p;
END $$;
"""
# Visits at these institutions in the period: whether a request brought the resident, and whether somebody of these
# categories had seen them in the same episode before.
SPECIALIST_VISITS = """
CREATE FUNCTION records_specialist_visits(
    institutions uuid[], since timestamptz, until timestamptz, categories text[],
    OUT institution uuid, OUT at timestamptz, OUT kind text, OUT problem text, OUT referred boolean,
    OUT seen_before boolean)
RETURNS SETOF record
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT e.institution_id, e.started_at, e.kind::text, e.problem::text, e.request_id IS NOT NULL,
           EXISTS (SELECT FROM records_encounter b
                   JOIN network_institutionversion v ON v.institution_id = b.institution_id
                       AND v.period @> (b.started_at AT TIME ZONE 'Asia/Shanghai')::date
                   WHERE b.resident_id = ANY (residents_person(e.resident_id)) AND b.episode_id = e.episode_id
                     AND b.started_at < e.started_at AND b.withdrawn_at IS NULL AND v.category = ANY (categories))
    FROM records_encounter e
    WHERE e.institution_id = ANY (institutions) AND e.started_at >= since AND e.started_at < until
      AND e.withdrawn_at IS NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("records", "0004_followup"),
        ("residents", "0002_wall"),
        ("network", "0001_initial"),
    ]

    operations: ClassVar = [
        migrations.AddField(
            "encounter", "problem", models.CharField(max_length=20, default="", db_default="")
        ),
        migrations.AddField(
            "encounter",
            "episode_gap",
            models.PositiveSmallIntegerField(null=True, help_text="days; empty: belongs to no episode"),
        ),
        migrations.AddField("encounter", "episode_id", models.UUIDField(null=True)),
        migrations.AddField("encounter", "first_contact_id", models.UUIDField(null=True)),
        migrations.AddIndex(
            "encounter",
            models.Index(
                condition=models.Q(("episode_id", models.F("id"))),
                fields=["institution_id", "started_at"],
                name="encounter_first_contact",
            ),
        ),
        migrations.AddIndex(
            "encounter",
            models.Index(fields=["institution_id", "started_at"], name="encounter_of_institution"),
        ),
        migrations.RunSQL(SETTLE, "DROP FUNCTION records_settle_episodes;"),
        migrations.RunSQL(FIRST_CONTACTS, "DROP FUNCTION records_first_contacts;"),
        migrations.RunSQL(SPECIALIST_VISITS, "DROP FUNCTION records_specialist_visits;"),
    ]
