"""What a booking has to know of a resident, past the wall and no more: whose they are, not who they are."""

from django.db import migrations

GROUND = """
CREATE FUNCTION residents_ground_to_book(
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
    SELECT d.institution_id INTO signed_at FROM residents_responsibledoctor d
    WHERE d.resident_id = ANY (person) AND d.period @> at LIMIT 1;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("residents", "0003_unclaimed"), ("access", "0002_people")]
    operations = [migrations.RunSQL(GROUND, "DROP FUNCTION residents_ground_to_book;")]
