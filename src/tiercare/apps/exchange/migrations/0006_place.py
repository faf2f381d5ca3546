"""The place that a request has now, for whoever sees the request: a stopped clinic books the next one itself, and the house
that sent the patient would not see that booking (found by the random plays)."""

from typing import ClassVar

from django.db import migrations

PLACE = """
CREATE FUNCTION exchange_place(request uuid, resident uuid) RETURNS TABLE (id uuid, starts_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT b.id, lower(l.during) FROM capacity_booking b JOIN capacity_slot l ON l.id = b.slot_id
    WHERE b.source_id = request AND b.resident_id = resident AND b.state IN ('HELD', 'BOOKED', 'ARRIVED')
    ORDER BY b.made_at DESC, b.id DESC LIMIT 1
$$;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("exchange", "0005_hops"), ("capacity", "0009_between")]

    operations: ClassVar = [migrations.RunSQL(PLACE, "DROP FUNCTION exchange_place(uuid, uuid);")]
