"""The wall: a row shows itself to who made it and to who may read the resident's record now; who made it changes it."""

from django.db import migrations

_SCOPE = "ANY ((SELECT tiercare_scope())::uuid[])"
_PERSONS = "ANY ((SELECT tiercare_persons())::uuid[])"
_EVERYWHERE = "tiercare_in_area('')"
# Whose rows they are, beside who made them: the receiver of a plan reads it, and who planned a contact follows it.
_TABLES = {
    "records_encounter": f"institution_id = {_SCOPE}",
    "records_condition": f"institution_id = {_SCOPE}",
    "records_observation": f"institution_id = {_SCOPE}",
    "records_medication": f"institution_id = {_SCOPE}",
    "records_document": f"institution_id = {_SCOPE}",
    "records_careplan": f"institution_id = {_SCOPE}",
    "records_plannedcontact": f"(institution_id = {_SCOPE} OR planner_id = {_SCOPE})",
}
_ALSO_SEEN = {"records_careplan": f" OR receiver_id = {_SCOPE}"}


def _wall(table: str, own: str) -> str:
    written = f"{own} OR {_EVERYWHERE}"
    seen = f"{own}{_ALSO_SEEN.get(table, '')} OR resident_id = {_PERSONS} OR {_EVERYWHERE}"
    return f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON {table} FOR SELECT USING ({seen});
CREATE POLICY added ON {table} FOR INSERT WITH CHECK ({written});
CREATE POLICY changed ON {table} FOR UPDATE USING ({written}) WITH CHECK ({written});
"""


WALL = "".join(_wall(table, own) for table, own in _TABLES.items())
NO_WALL = "".join(
    f"DROP POLICY seen ON {table}; DROP POLICY added ON {table}; DROP POLICY changed ON {table};"
    f" ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;"
    for table in _TABLES
)

# How many people of an area have a record, by element and by who made it. Counts only; run with the owner's rights, since
# nobody's rows may be seen for it. Entries that were merged count once.
COUNTED = """
CREATE FUNCTION records_counted(area text)
RETURNS TABLE (element text, institution_id uuid, source text, people bigint, entries bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100 SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY
    WITH living AS (
        SELECT r.id, coalesce(r.master_id, r.id) AS person FROM residents_resident r
        WHERE starts_with(r.division_code, area)
    ), entry AS (
        SELECT 'encounter' AS element, e.resident_id, e.institution_id, e.source FROM records_encounter e
        UNION ALL SELECT 'condition', e.resident_id, e.institution_id, e.source FROM records_condition e
        UNION ALL SELECT 'observation', e.resident_id, e.institution_id, e.source FROM records_observation e
        UNION ALL SELECT 'medication', e.resident_id, e.institution_id, e.source FROM records_medication e
        UNION ALL SELECT 'document', e.resident_id, e.institution_id, e.source FROM records_document e
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


class Migration(migrations.Migration):
    dependencies = [("records", "0001_initial"), ("residents", "0001_initial"), ("ledger", "0002_readings")]
    operations = [
        migrations.RunSQL(WALL, NO_WALL),
        migrations.RunSQL(COUNTED, "DROP FUNCTION records_counted(text);"),
    ]
