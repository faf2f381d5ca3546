"""Which places one institution booked in another (XH-17)."""

from typing import ClassVar

from django.db import migrations

# Places that one institution booked in another in the period, and what became of them (XH-17); those of a request are told with
# the request. A place lies on the day it was booked or later, hence the look by session.
BETWEEN = """
CREATE FUNCTION capacity_booked_between(
    institutions uuid[], since timestamptz, until timestamptz,
    OUT id uuid, OUT booker uuid, OUT host uuid, OUT state text, OUT made timestamptz, OUT starts timestamptz,
    OUT pool text, OUT request uuid)
RETURNS SETOF record
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT b.id, b.booked_by, b.institution_id, b.state::text, b.made_at, lower(l.during), p.name::text, b.source_id
    FROM (
        SELECT o.id FROM capacity_booking o
        WHERE o.booked_by = ANY (institutions) AND o.made_at >= since AND o.made_at < until
        UNION
        SELECT o.id FROM capacity_session s JOIN capacity_booking o ON o.session_id = s.id
        WHERE s.institution_id = ANY (institutions) AND s.day >= (since AT TIME ZONE 'Asia/Shanghai')::date
          AND o.made_at >= since AND o.made_at < until
    ) one
    JOIN capacity_booking b ON b.id = one.id AND b.booked_by <> b.institution_id
    JOIN capacity_slot l ON l.id = b.slot_id
    JOIN capacity_session s ON s.id = b.session_id
    JOIN capacity_pool p ON p.id = s.pool_id;
END $$;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("capacity", "0008_beds")]

    operations: ClassVar = [migrations.RunSQL(BETWEEN, "DROP FUNCTION capacity_booked_between;")]
