"""What a booking has to know of a resident."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tiercare.apps.ledger.prepared import rows

_GROUND = "SELECT * FROM residents_ground_to_book(%(resident)s, %(booker)s, NULL, NULL, %(on)s::date)"


@dataclass(frozen=True, slots=True)
class GroundToBook:
    """Whose the resident is. ``person`` are the entries of the person, the leading one first; empty: nobody.

    ``known``: the booking institution has them on its list, or looks after them now; ``signed_at`` is the institution
    of the responsible doctor.
    """

    person: tuple[UUID, ...]
    known: bool
    signed_at: UUID | None


def ground_to_book(resident_id: UUID, *, booker: UUID | None, on: date) -> GroundToBook:
    """One statement past the wall; it tells nothing of who the resident is, so it is no reading of a record."""
    (row,) = rows(_GROUND, resident=resident_id, booker=booker, on=on)
    return GroundToBook(tuple(row["person"] or ()), row["known"], row["signed_at"])
