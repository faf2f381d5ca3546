"""What a booking has to know of a resident, and for whom residents book."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor

from .opening import person_of

_GROUND = "SELECT * FROM residents_ground_to_book(%(resident)s, %(booker)s, NULL, NULL, %(on)s::date)"
_WARDS = """
SELECT DISTINCT resident_id FROM residents_guardianship
WHERE guardian_id = ANY (%(guardians)s::uuid[]) AND period @> %(on)s::date
"""


@dataclass(frozen=True, slots=True)
class GroundToBook:
    """Whose the resident is. ``person`` are the entries of the person, the leading one first; empty: nobody.

    ``known``: the booking institution has them on its list, or looks after them now; ``signed_at`` is the institution
    of the responsible doctor.
    """

    person: tuple[UUID, ...]
    known: bool
    signed_at: UUID | None
    deceased: bool = False


def ground_to_book(resident_id: UUID, *, booker: UUID | None, on: date) -> GroundToBook:
    """One statement past the wall; it tells nothing of who the resident is, so it is no reading of a record."""
    (row,) = rows(_GROUND, resident=resident_id, booker=booker, on=on)
    return GroundToBook(tuple(row["person"] or ()), row["known"], row["signed_at"], row["deceased"])


def decides_for(actor: Actor, person: Collection[UUID]) -> bool:
    """Whether the acting resident decides today for the person of these entries: for themself, or as their guardian."""
    if actor.resident_id is None:
        return False
    return actor.resident_id in person or any(set(ward) & set(person) for ward in _wards(actor))


def acts_for(actor: Actor) -> Iterator[tuple[UUID, ...]]:
    """Each person for whom the actor acts today, as all their entries: themself first, then their wards, who are looked
    up only if asked for. For staff one that is nobody: what they see follows from their institution."""
    if actor.resident_id is None:
        yield ()
    else:
        yield person_of(actor.resident_id)
        yield from _wards(actor)


def _wards(actor: Actor) -> list[tuple[UUID, ...]]:
    assert actor.resident_id is not None  # the callers ask for residents only
    guardians = person_of(actor.resident_id)
    with scoped(actor, persons=guardians):
        found = rows(_WARDS, guardians=list(guardians), on=ledger.today())
    return [person_of(row["resident_id"]) for row in found]
