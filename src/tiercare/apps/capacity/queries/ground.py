"""What the platform knows of a resident and an institution, before a slot is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tiercare.apps.ledger.prepared import rows

from .. import sql


@dataclass(frozen=True, slots=True)
class Ground:
    """The entries of the person, whether the institution looks after them, and whether a request brings them."""

    person: tuple[UUID, ...]
    known: bool
    requested: bool


def ground_at(host_id: UUID, resident_id: UUID, *, booker: UUID | None, source: UUID | None = None) -> Ground:
    """Past the wall; it tells nothing of who the resident is."""
    (row,) = rows(sql.GROUND_AT, host=host_id, resident=resident_id, booker=booker, source=source)
    return Ground(tuple(row["person"] or ()), row["known"], row["requested"])
