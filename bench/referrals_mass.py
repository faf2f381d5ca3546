"""Millions of requests in the table: nearly all over, some open, spread over the institutions of the region."""

from __future__ import annotations

import time
from typing import Any

from capacity_ground import Ground
from django.db import connections

_PART = 250_000
# One in 200 of all is the hospital's; of these one in ten is open, of the others one in fifty.
_GROW = """
WITH houses AS (SELECT array_agg(DISTINCT institution_id) AS ids FROM network_institutionversion
                WHERE period @> CURRENT_DATE AND division_code LIKE '3402%%'),
     people AS (SELECT array_agg(id) AS ids FROM residents_resident)
INSERT INTO exchange_request (id, number, kind, state, urgency, resident_id, problem_code, problem, from_institution,
    from_account, area, to_institution, specialty, parties, owner_level, owner_institution, owner_account, owner_area,
    due_at, payload, basis, made_at, sent_at, changed_at, over_at)
SELECT gen_random_uuid(), 'M' || n, CASE n %% 3 WHEN 0 THEN 'down' ELSE 'up' END,
       CASE WHEN alive THEN 'SUBMITTED' ELSE 'CLOSED' END, n %% 3, p.ids[1 + n %% cardinality(p.ids)], 'I10', '原发性高血压',
       sender, sender, '340223', receiver, '', ARRAY[sender, receiver],
       CASE WHEN alive THEN 'OFFICE' END, CASE WHEN alive THEN receiver END, NULL, '',
       CASE WHEN alive THEN now() + (n %% 5000 - 1000) * interval '1 minute' END, '{}', '{}',
       now() - (n %% 500000) * interval '1 minute', now() - (n %% 500000) * interval '1 minute', now(),
       CASE WHEN NOT alive THEN now() END
FROM generate_series(%(first)s::integer, %(last)s::integer) n CROSS JOIN houses h CROSS JOIN people p
CROSS JOIN LATERAL (SELECT CASE WHEN n %% 200 = 0 THEN %(township)s::uuid
                               ELSE h.ids[1 + n %% cardinality(h.ids)] END AS sender,
                          CASE WHEN n %% 200 = 0 THEN %(hospital)s::uuid
                               ELSE h.ids[1 + (n + 1 + n %% 7) %% cardinality(h.ids)] END AS receiver,
                          CASE WHEN n %% 200 = 0 THEN n %% 2000 = 0 ELSE n %% 50 = 0 END AS alive) x
WHERE sender <> receiver
"""


def grown(ground: Ground, count: int) -> dict[str, Any]:
    """Fill the table up to ``count`` more rows, and look after it as the autovacuum would."""
    began = time.monotonic()
    with connections["owner"].cursor() as cursor:
        for first in range(1, count + 1, _PART):
            values = {
                "first": first,
                "last": min(count, first + _PART - 1),
                "township": ground.township,
                "hospital": ground.hospital,
            }
            cursor.execute(_GROW, values)
        cursor.execute("VACUUM (ANALYZE) exchange_request")
        cursor.execute(
            "SELECT count(*), pg_total_relation_size('exchange_request') / 1000000 FROM exchange_request"
        )
        rows, size = cursor.fetchone()
    told = {"rows": rows, "mb": size, "seconds": round(time.monotonic() - began)}
    print("mass", told, flush=True)
    return told
