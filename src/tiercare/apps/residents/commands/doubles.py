"""Reporting pairs that may be one person."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from tiercare.engines import linkage
from tiercare.kernel.ids import uuid7

from ..queries.finding import Least
from ..rules.doubles import PRIOR_BITS, common_area

# Without naming what conflicts: the desk sees none of that list, and to name it would be to look.
_REPORT = """
INSERT INTO residents_duplicate (id, first_id, second_id, division_code, weight, reasons, source)
VALUES (%(id)s, least(%(one)s::uuid, %(other)s::uuid), greatest(%(one)s::uuid, %(other)s::uuid), %(division)s,
        %(weight)s, %(reasons)s, 'desk')
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Alike:
    """An entry that looks like the one being registered, and how much."""

    least: Least
    score: linkage.Score


def report_double(resident_id: UUID, division_code: str, other: Alike) -> None:
    """Put two entries that look alike on the list of pairs to be reviewed, once: a pair that is known stays as it is."""
    values = {
        "id": uuid7(),
        "one": resident_id,
        "other": other.least.id,
        "division": common_area((division_code, other.least.division_code)),
        "weight": other.score.weight - PRIOR_BITS,
        "reasons": list(other.score.reasons),
    }
    with connection.cursor() as cursor:
        cursor.execute(_REPORT, values)
