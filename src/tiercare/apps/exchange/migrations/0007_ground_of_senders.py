"""Whoever sent what is open now has a ground to mend it and to send it again (``commands/turning.py``)."""

from django.db import migrations

_GROUNDS = """
INSERT INTO access_carerelation (id, resident_id, institution_id, division_code, kind, source_id, since)
SELECT gen_random_uuid(), r.resident_id, r.from_institution, r.area, 'sent', r.id, tiercare_now()
FROM exchange_request r
WHERE r.state IN ('SUBMITTED', 'RETURNED', 'ACCEPTED', 'SCHEDULED', 'NO_SHOW', 'ARRIVED', 'IN_CARE', 'REPORTED')
ON CONFLICT (kind, source_id, institution_id) DO NOTHING;
"""


class Migration(migrations.Migration):
    dependencies = [("exchange", "0006_place"), ("access", "0004_open_requests_sent")]
    operations = [migrations.RunSQL(_GROUNDS, "DELETE FROM access_carerelation WHERE kind = 'sent';")]
