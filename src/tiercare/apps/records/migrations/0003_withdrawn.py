"""Withdrawn entries: they stay, and the wall hides them from every ordinary reading.

A second policy, restrictive, stands beside those of migration 0002, so that no statement, of today or to come, has to think
of it: what was entered for the wrong patient is in no summary, criterion, package, list or count. Who shows it says so for
the transaction (``tiercare.withdrawn``). Functions that run with the owner's rights pass the wall and filter themselves.
"""

from django.db import migrations, models
from django.db.models import Q

_TABLES = ("condition", "document", "encounter", "medication", "observation")
HIDDEN = "".join(
    f"CREATE POLICY standing ON records_{name} AS RESTRICTIVE FOR SELECT USING"
    " (withdrawn_at IS NULL OR (SELECT current_setting('tiercare.withdrawn', true)) = 'shown');\n"
    for name in _TABLES
)
NOT_HIDDEN = "".join(f"DROP POLICY standing ON records_{name};\n" for name in _TABLES)

# As in migration 0002, of the entries that stand.
COUNTED = """
CREATE OR REPLACE FUNCTION records_counted(area text)
RETURNS TABLE (element text, institution_id uuid, source text, people bigint, entries bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100 SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY
    WITH living AS (
        SELECT r.id, coalesce(r.master_id, r.id) AS person FROM residents_resident r
        WHERE starts_with(r.division_code, area)
    ), entry AS (
        SELECT 'encounter' AS element, e.resident_id, e.institution_id, e.source FROM records_encounter e
        WHERE e.withdrawn_at IS NULL
        UNION ALL SELECT 'condition', e.resident_id, e.institution_id, e.source FROM records_condition e
        WHERE e.withdrawn_at IS NULL
        UNION ALL SELECT 'observation', e.resident_id, e.institution_id, e.source FROM records_observation e
        WHERE e.withdrawn_at IS NULL
        UNION ALL SELECT 'medication', e.resident_id, e.institution_id, e.source FROM records_medication e
        WHERE e.withdrawn_at IS NULL
        UNION ALL SELECT 'document', e.resident_id, e.institution_id, e.source FROM records_document e
        WHERE e.withdrawn_at IS NULL
        UNION ALL SELECT 'plan', e.resident_id, e.institution_id, e.source FROM records_careplan e
        UNION ALL SELECT 'contact', e.resident_id, e.institution_id, e.source FROM records_plannedcontact e
        WHERE e.done_at IS NOT NULL
    ), hit AS (
        SELECT e.element, e.institution_id, e.source, l.person FROM entry e JOIN living l ON l.id = e.resident_id
    )
    SELECT 'people'::text, NULL::uuid, ''::text, count(DISTINCT l.person), count(*) FROM living l
    UNION ALL
    SELECT 'any', NULL, '', count(DISTINCT h.person), count(*) FROM hit h
    UNION ALL
    SELECT h.element, h.institution_id, coalesce(h.source, '')::text, count(DISTINCT h.person), count(*) FROM hit h
    GROUP BY GROUPING SETS ((h.element), (h.element, h.institution_id, h.source));
END $$;
"""

# Which of these entries were withdrawn, for whoever holds a copy of them: that, when and why; nothing of what stood there.
GONE = """
CREATE FUNCTION records_withdrawn(entries uuid[])
RETURNS TABLE (id uuid, at timestamptz, reason text, institution_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 10 SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT e.id, e.withdrawn_at, e.withdrawn_reason::text, e.institution_id FROM records_condition e
    WHERE e.id = ANY (entries) AND e.withdrawn_at IS NOT NULL
    UNION ALL SELECT e.id, e.withdrawn_at, e.withdrawn_reason::text, e.institution_id FROM records_document e
    WHERE e.id = ANY (entries) AND e.withdrawn_at IS NOT NULL
    UNION ALL SELECT e.id, e.withdrawn_at, e.withdrawn_reason::text, e.institution_id FROM records_encounter e
    WHERE e.id = ANY (entries) AND e.withdrawn_at IS NOT NULL
    UNION ALL SELECT e.id, e.withdrawn_at, e.withdrawn_reason::text, e.institution_id FROM records_medication e
    WHERE e.id = ANY (entries) AND e.withdrawn_at IS NOT NULL
    UNION ALL SELECT e.id, e.withdrawn_at, e.withdrawn_reason::text, e.institution_id FROM records_observation e
    WHERE e.id = ANY (entries) AND e.withdrawn_at IS NOT NULL
$$;
"""


def _once(name: str) -> list[migrations.operations.base.Operation]:
    """One row a key, of those that stand."""
    return [
        migrations.RemoveConstraint(name, f"{name}_once"),
        migrations.AddConstraint(
            name,
            models.UniqueConstraint(
                fields=["institution_id", "source", "source_key"],
                condition=~Q(source_key="") & Q(withdrawn_at=None),
                name=f"{name}_once",
            ),
        ),
    ]


def _withdrawn(name: str) -> list[migrations.operations.base.Operation]:
    stands = Q(withdrawn_at=None, withdrawn_reason="", withdrawn_by_name="", replaced_by=None)
    return [
        migrations.AddField(name, "withdrawn_at", models.DateTimeField(null=True)),
        migrations.AddField(
            name, "withdrawn_reason", models.CharField(max_length=200, default="", db_default="")
        ),
        migrations.AddField(
            name, "withdrawn_by_name", models.CharField(max_length=50, default="", db_default="")
        ),
        migrations.AddField(name, "replaced_by", models.UUIDField(null=True)),
        migrations.AddConstraint(
            name,
            models.CheckConstraint(
                condition=stands | Q(withdrawn_at__isnull=False) & ~Q(withdrawn_reason=""),
                name=f"{name}_withdrawn",
            ),
        ),
    ]


class Migration(migrations.Migration):
    dependencies = [("records", "0002_wall")]
    operations = [
        *(operation for name in _TABLES for operation in (*_withdrawn(name), *_once(name))),
        migrations.RunSQL(HIDDEN, NOT_HIDDEN),
        migrations.RunSQL(COUNTED, migrations.RunSQL.noop),
        migrations.RunSQL(GONE, "DROP FUNCTION records_withdrawn(uuid[]);"),
    ]
