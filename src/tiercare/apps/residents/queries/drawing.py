"""Drawing residents at random for a survey, and the pseudonym under which one of them answers.

A draw shows nobody to anybody: whoever asks gets keys of entries, places and the institutions that registered them. The caller
stands in ``scoped`` over the area.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tiercare.apps.ledger.prepared import rows

from . import vault
from .opening import person_of

# Nine digits name a township; of whom only the county is known, that is the place.
_ELIGIBLE = """
FROM residents_resident r
WHERE r.master_id IS NULL AND NOT r.temporary AND r.deceased_on IS NULL AND r.moved_out_at IS NULL
  AND starts_with(r.division_code, %(area)s)
  AND r.birth_date <= (%(on)s::date - make_interval(years => %(age_from)s))::date
"""
_FRAME = "SELECT left(r.division_code, 9) AS place, count(*) AS people" + _ELIGIBLE + "GROUP BY 1 ORDER BY 1"
# The order hangs on the seed and the entry alone: whoever has both draws the same people.
_DRAWN = """
SELECT d.id, d.place, d.institution_id FROM (
    SELECT r.id, left(r.division_code, 9) AS place, r.institution_id,
           row_number() OVER (PARTITION BY left(r.division_code, 9)
                              ORDER BY sha256(convert_to(%(seed)s::text || r.id::text, 'UTF8'))) AS at
    ELIGIBLE) d
JOIN unnest(%(places)s::text[], %(wanted)s::integer[]) AS w (place, wanted) ON w.place = d.place
WHERE d.at <= w.wanted ORDER BY d.place, d.at
""".replace("ELIGIBLE", _ELIGIBLE)


@dataclass(frozen=True, slots=True)
class Drawn:
    """Somebody who was drawn, where they live, and the institution that registered them."""

    id: UUID
    place: str
    institution_id: UUID


def frame(area: str, *, age_from: int, on: date) -> Mapping[str, int]:
    """How many people of an area can be drawn, by township: settled, alive and ``age_from`` years old on the day."""
    return {row["place"]: row["people"] for row in rows(_FRAME, area=area, age_from=age_from, on=on)}


def draw(area: str, wanted: Mapping[str, int], *, seed: str, age_from: int, on: date) -> list[Drawn]:
    """So many of each township, by lot; the same seed over the same register draws the same people."""
    places = sorted(wanted)
    found = rows(
        _DRAWN,
        area=area,
        age_from=age_from,
        on=on,
        seed=seed,
        places=places,
        wanted=[wanted[each] for each in places],
    )
    return [Drawn(**row) for row in found]


def pseudonym(entry: UUID, *, within: str) -> str:
    """A keyed hash of the person to whom an entry belongs, of its own for each ``within``: who answered one survey cannot be
    found in another, nor in the fact tables."""
    (lead, *_) = person_of(entry) or (entry,)
    return vault.ring().blind(within, str(lead)).hex()
