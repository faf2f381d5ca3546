"""Who takes part in the demonstration of referrals, and where there is a place for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from tiercare.apps.capacity import queries as capacity
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor

# In the payload of every request that the demonstration made.
MARK = "demonstration"


@dataclass(frozen=True, slots=True)
class People:
    """The accounts that act, at the clinic and at the hospital of its consortium."""

    doctor: Actor
    office: Actor
    clinician: Actor


def patients(doctor: Actor, *, besides: UUID | None) -> Iterator[UUID]:
    """People of middle age or more whose family doctor is at the clinic."""
    today = ledger.today()
    for each in residents.listed(doctor, limit=200):
        ground = residents.ground_to_book(each.id, booker=doctor.institution_id, on=today)
        born = each.birth_date.year if each.birth_date else today.year
        signed = ground.signed_at == doctor.institution_id and not ground.deceased
        if signed and today.year - born > 45 and each.id != besides:
            yield each.id


def first_place(
    people: People, patient: UUID, specialties: Sequence[str], *, within: timedelta
) -> UUID | None:
    """The first place at the hospital in one of the specialties, in their order, within so many days."""
    last = ledger.now() + within
    for specialty in specialties:
        for hit in capacity.first_places(people.doctor, resident_id=patient, specialty=specialty, limit=200):
            here = hit.place.institution_id == people.office.institution_id
            if here and hit.place.starts_at <= last:
                return hit.place.slot_id
    return None
