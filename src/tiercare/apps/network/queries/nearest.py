"""The primary care nearest to an institution: for residents of whom only is known who keeps their file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tiercare.apps.ledger.prepared import rows

from ..rules.facts import CENTRES
from .belonging import PRIMARY_CARE

# Ours: nobody is cared for at home from farther away, in km.
REACH = 60.0
# By the great circle, the flat box first; an institution of primary care is its own nearest.
_NEAREST = """
WITH here AS (
    SELECT v.lng, v.lat FROM network_institutionversion v
    WHERE v.institution_id = %(from)s AND v.period @> %(on)s::date
), near AS (
    SELECT v.institution_id, v.name, 0.0 AS km FROM network_institutionversion v
    WHERE v.institution_id = %(from)s AND v.period @> %(on)s::date AND v.category = ANY (%(primary)s::text[])
    UNION ALL
    SELECT v.institution_id, v.name,
           6371.0 * 2 * asin(sqrt(power(sin(radians(v.lat - h.lat) / 2), 2)
               + cos(radians(h.lat)) * cos(radians(v.lat)) * power(sin(radians(v.lng - h.lng) / 2), 2)))
    FROM network_institutionversion v, here h
    WHERE v.period @> %(on)s::date AND v.category = ANY (%(centres)s::text[]) AND v.institution_id <> %(from)s
      AND v.lat BETWEEN h.lat - %(far)s / 111.0 AND h.lat + %(far)s / 111.0
      AND v.lng BETWEEN h.lng - %(far)s / (111.0 * cos(radians(h.lat)))
                    AND h.lng + %(far)s / (111.0 * cos(radians(h.lat)))
)
SELECT institution_id, name, km::double precision AS km FROM near WHERE km <= %(far)s
ORDER BY km, institution_id LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Nearest:
    """An institution and how far it is over the straight line (km)."""

    institution_id: UUID
    name: str
    km: float


def nearest_primary(institution_id: UUID, *, on: date) -> Nearest | None:
    """The institution itself where it is primary care, otherwise the nearest centre of a township or community within
    ``REACH``: a station or village clinic beside a stranger's file has no desk that would answer."""
    found = rows(
        _NEAREST,
        **{"from": institution_id},
        on=on,
        primary=[each.value for each in PRIMARY_CARE],
        centres=sorted(each.value for each in CENTRES),
        far=REACH,
    )
    return Nearest(**found[0]) if found else None
