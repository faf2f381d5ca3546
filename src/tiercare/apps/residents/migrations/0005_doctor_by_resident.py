"""Whose resident somebody is, found by the resident whatever the planner believes of the dates."""

from django.db import migrations

# As in 0004. Looked for as ``resident_id = ANY (person) AND period @> at``, the doctor was found through the days alone
# where the table had just been filled and not yet been counted: every resident with a doctor was read for one booking.
_GROUND = """
CREATE OR REPLACE FUNCTION residents_ground_to_book(
    resident uuid, booker uuid, host uuid, request uuid, at date,
    OUT person uuid[], OUT known boolean, OUT signed_at uuid, OUT requested boolean, OUT deceased boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    person := residents_person(resident);
    SELECT coalesce(bool_or(booker = ANY (r.known_at)), false), coalesce(bool_or(r.deceased_on IS NOT NULL), false)
    INTO known, deceased FROM residents_resident r WHERE r.id = ANY (person);
    known := known OR EXISTS (
        SELECT FROM access_carerelation c
        WHERE c.resident_id = ANY (person) AND c.institution_id = booker
          AND (c.until IS NULL OR c.until > tiercare_now()));
    requested := request IS NOT NULL AND EXISTS (
        SELECT FROM access_carerelation c
        WHERE c.resident_id = ANY (person) AND c.institution_id = host AND c.kind = 'request'
          AND c.source_id = request AND (c.until IS NULL OR c.until > tiercare_now()));
    SELECT d.institution_id INTO signed_at FROM %(doctor)s LIMIT 1;
END $$;
"""
_BY_DAY = "residents_responsibledoctor d WHERE d.resident_id = ANY (person) AND d.period @> at"
_BY_RESIDENT = """unnest(person) AS entry (id)
    CROSS JOIN LATERAL (
        SELECT o.institution_id FROM residents_responsibledoctor o
        WHERE o.resident_id = entry.id AND o.period @> at LIMIT 1) d"""


class Migration(migrations.Migration):
    dependencies = [("residents", "0004_ground_to_book")]
    operations = [
        migrations.RunSQL(_GROUND % {"doctor": _BY_RESIDENT}, _GROUND % {"doctor": _BY_DAY}),
    ]
