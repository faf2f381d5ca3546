"""Whom a place is for: as much as the banner over a booking shows, through the one gate."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tiercare.apps.ledger import queries as ledger
from tiercare.apps.residents import queries as residents
from tiercare.apps.residents.queries.record import identity_of
from tiercare.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Patient:
    """A resident on a page of bookings; the number is masked. ``keeper`` keeps the file."""

    id: UUID
    name: str
    sex: str
    age: int | None
    birth_year: int | None
    identity_kind: str
    number: str
    temporary: bool
    synthetic: bool
    deceased: bool
    keeper: UUID


def patient(actor: Actor, resident_id: UUID) -> Patient:
    """Who it is, the reading recorded.

    Raises:
        Closed: if nothing allows the actor to read this record now.
    """
    with residents.opened(actor, resident_id, what="booking") as ground:
        who = identity_of(ground, ledger.today())
        (least,) = residents.least_of([ground.resident_id])
    return Patient(
        id=who.id,
        name=who.name,
        sex=who.sex,
        age=who.age,
        birth_year=who.birth_date.year if who.birth_date else None,
        identity_kind=who.identity_kind,
        number=least.number,
        temporary=who.temporary,
        synthetic=who.synthetic,
        deceased=who.deceased_on is not None,
        keeper=who.institution_id,
    )
