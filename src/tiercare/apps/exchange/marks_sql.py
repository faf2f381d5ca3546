"""Statements that count what is open in the boxes of an institution, for pages that ask every few seconds."""

from __future__ import annotations

from .workflow import OPEN
from .worklist_sql import BOXES

_OPEN = ", ".join(f"'{each}'" for each in sorted(OPEN))
_MARK = """
SELECT count(*)::integer AS units, coalesce(sum(r.version), 0)::bigint AS versions,
       count(r.received_at)::integer AS heard, count(r.alarmed_at)::integer AS alarmed,
       count(*) FILTER (WHERE r.due_at <= tiercare_now())::integer AS overdue, max(r.changed_at) AS latest
FROM exchange_request r
"""
_UNITS = "count(*)::integer AS units FROM exchange_request r"
MARK = {box: f"{_MARK} WHERE ({where}) AND r.state IN ({_OPEN})" for box, where in BOXES.items()}
UNITS = " UNION ALL ".join(
    f"SELECT '{box}' AS box, {_UNITS} WHERE ({where}) AND r.state IN ({_OPEN}) AND '{box}' = ANY (%(boxes)s::text[])"
    for box, where in BOXES.items()
)
