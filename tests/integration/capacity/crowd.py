"""People who book at the hospitals of a demonstration, day by day; nothing else happens to what they booked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.capacity.commands import NoPlace, book
from tiercare.apps.capacity.commands.demonstration import around
from tiercare.apps.capacity.commands.demonstration_people import oneself, staff
from tiercare.apps.capacity.models import Slot
from tiercare.apps.capacity.rules.demonstration import MARK
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.network import queries as network
from tiercare.apps.residents.models import ResponsibleDoctor
from tiercare.apps.residents.queries import listed
from tiercare.engines.population.draws import Chance
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE

SYSTEM = Actor.system("test")
_AHEAD = timedelta(days=7)
# How much each pool is wanted beside the others: some by everybody, some by few.
_PULLS = {
    MARK + code: pull for code, pull in (("xnk-zj", 14), ("nfm-zj", 1), ("nk", 3), ("nk-cw", 2), ("ct", 4))
}
_BY_DOCTOR, _BY_CLINIC, _SOONEST = 0.2, 0.4, 0.5


@dataclass
class Booked:
    """How often somebody got a place, and how often nobody could give them one."""

    hospitals: int = 0
    bookings: int = 0
    refused: int = 0


def book_for(region: str, first: date, last: date, *, pace: int) -> Booked:
    """``pace`` attempts a day at each hospital, from a week before the first day on: many want the soonest place, and the expert whom
    everybody wants; family doctors few enough that some of what is kept for them is released."""
    near = around(region, first)
    draws, done = Chance(1), Booked(len(near))
    townships = {key: code for code, key in network.primary_care_by_township(on=first).items()}
    doctors = {
        clinic: staff(Role.PRIMARY_DOCTOR, clinic, townships[clinic])
        for known in near.values()
        for clinic in known
    }
    people = {clinic: _people(doctor) for clinic, doctor in doctors.items()}
    places = {hospital: _places(hospital, first, last) for hospital in near}
    for ahead in range((last - first + _AHEAD).days + 1):
        now = datetime.combine(first - _AHEAD + timedelta(days=ahead), time(10), ZONE)
        ledger.set_clock(SYSTEM, at=now)
        for hospital in near:
            for _ in range(pace):
                clinic = draws.choice(near[hospital])
                _attempt(draws, done, places[hospital], people[clinic], doctors[clinic], now)
    return done


def _attempt(
    draws: Chance,
    done: Booked,
    places: dict[str, list[tuple[UUID, datetime]]],
    people: tuple[list[UUID], list[UUID]],
    doctor: Actor,
    now: datetime,
) -> None:
    (code,) = draws.choices(list(_PULLS), weights=list(_PULLS.values()))
    able = [slot for slot, at in places[code] if now < at <= now + _AHEAD]
    drawn, (signed, others) = draws.random(), people
    resident = draws.choice(signed if drawn < _BY_DOCTOR else others)
    if not able:
        return
    slot = able[0] if draws.random() < _SOONEST else draws.choice(able)
    try:
        book(doctor if drawn < _BY_CLINIC else oneself(resident), slot_id=slot, resident_id=resident)
    except NoPlace:
        done.refused += 1
    else:
        done.bookings += 1


def _people(doctor: Actor) -> tuple[list[UUID], list[UUID]]:
    """Residents with a family doctor at the clinic, and others whom it knows."""
    with scoped(SYSTEM, area=EVERYWHERE):
        signed = set(
            ResponsibleDoctor.objects.filter(institution_id=doctor.institution_id).values_list(
                "resident_id", flat=True
            )
        )
    known = [each.id for each in listed(doctor, limit=60) if not each.deceased_on]
    return [each for each in known if each in signed], [each for each in known if each not in signed]


def _places(hospital: UUID, first: date, last: date) -> dict[str, list[tuple[UUID, datetime]]]:
    slots = Slot.objects.filter(session__institution_id=hospital, session__day__range=(first, last))
    found: dict[str, list[tuple[UUID, datetime]]] = {}
    for key, during, code in slots.order_by("during", "id").values_list(
        "id", "during", "session__pool__code"
    ):
        found.setdefault(code, []).append((key, during.lower))
    return found
