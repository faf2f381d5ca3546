"""What a demonstration's people book: hospitals of a region put weeks on offer, and primary care near them has synthetic residents.

All of it is made up and seeded. Who books and comes is played above (``jobs/driving``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import islice
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.network import queries as network
from tiercare.apps.network.rules import Kind as ConsortiumKind
from tiercare.apps.network.rules import Role as Part
from tiercare.apps.residents import commands as residents
from tiercare.apps.residents import queries as residents_queries
from tiercare.apps.residents.queries.family import doctors_offered
from tiercare.apps.residents.rules.file import lines_of
from tiercare.engines.population import Village, generate
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from ..models import Pool, Session
from ..queries.keeping import Registers, registers_of
from ..queries.promises import bound
from ..rules.demonstration import AT_CLINIC, MARK, MORE, OWN_SHARES, SHAPES
from ..rules.pools import PoolGiven
from ..rules.vocabulary import Grade
from .demonstration_people import staff
from .pools import keep_pool, keep_week
from .week import publish_days

# How it is made up. Ours.
SEED = 20241201
_CLINICS, _PEOPLE, _SIGNED = 2, 30, 18  # of a consortium; at each; of those with a family doctor
_AHEAD = timedelta(days=8)  # places are put on offer so long before the first day
_AT_DESK = time(10)
_GROUPS = (ConsortiumKind.CITY_GROUP, ConsortiumKind.COUNTY_COMMUNITY)


@dataclass(frozen=True, slots=True)
class Shown:
    """Where the demonstration's accounts work: the hospital, and the clinic of their consortium."""

    hospital: UUID
    clinic: UUID


@transaction.atomic
def lay_places(
    actor: Actor, *, region: str, first: date, until: date, shown: Shown | None = None, seed: int = SEED
) -> None:
    """Lay down what people need to book: pools, weeks and places on offer from ``first`` ``until`` a later day at the lead and
    assisting hospitals of the region's groups and communities, and synthetic residents at primary care near them.

    ``shown`` offers more than the others, so that every page has something to show. All in one transaction, and once: ended on
    the way it leaves nothing; the clock is left as it was.

    Raises:
        Refused: if this database is no demonstration, or there is no such region.
    """
    installed = ledger_queries.installation()
    if not installed.synthetic:
        raise Refused(_NOT_SYNTHETIC)
    shown = _with_residents(shown, first)
    near = around(region, first, shown)
    if not near or _offered(near, first, until).exists():
        return
    today = ledger_queries.today()
    ledger.set_clock(actor, at=datetime.combine(first - _AHEAD, _AT_DESK, ZONE))
    for clinic, number in _numbered(near):
        _enter_people(clinic, seed + number)
    for hospital in near:
        _offer(hospital, first, until, shown is not None and hospital == shown.hospital)
    ledger.set_clock(actor, at=installed.clock_override)
    if shown is not None:
        _offer_at_clinic(shown.clinic, today + timedelta(days=1), until)


def _offered(hospitals: Iterable[UUID], first: date, last: date) -> QuerySet[Session]:
    """What of it is on offer there in these days."""
    return Session.objects.filter(
        pool__code__startswith=MARK, institution_id__in=list(hospitals), day__range=(first, last)
    )


def _with_residents(shown: Shown | None, on: date) -> Shown | None:
    """A clinic that answers for no township has no residents: nothing is shown there."""
    answering = network.primary_care_by_township(on=on).values()
    return shown if shown is not None and shown.clinic in answering else None


def around(region: str, on: date, shown: Shown | None = None) -> dict[UUID, list[UUID]]:
    """Each lead and assisting hospital with some clinics of its consortium that answer for a township."""
    facts = network.network_facts(network.region_of(region), on=on)
    answering = set(network.primary_care_by_township(on=on).values())
    found: dict[UUID, list[UUID]] = {}
    if shown is not None and shown.clinic in answering:
        found[shown.hospital] = [shown.clinic]
    for consortium in facts.of_kind(*_GROUPS):
        members = sorted(UUID(each.id) for each in facts.members(consortium.id) if each.primary)
        near = [each for each in members if each in answering][:_CLINICS]
        for hospital in facts.members(consortium.id, Part.LEAD, Part.ASSISTING):
            if near:
                known = found.setdefault(UUID(hospital.id), [])
                known += [each for each in near if each not in known]
    return found


def _numbered(near: Mapping[UUID, Sequence[UUID]]) -> list[tuple[UUID, int]]:
    clinics = sorted({clinic for each in near.values() for clinic in each})
    return [(clinic, number) for number, clinic in enumerate(clinics)]


def _enter_people(clinic: UUID, seed: int) -> None:
    """Synthetic residents at a clinic, some of them with a family doctor there; who is known there already stays."""
    today = ledger_queries.today()
    township = max(code for code, key in network.primary_care_by_township(on=today).items() if key == clinic)
    desk = staff(Role.PRIMARY_DOCTOR, clinic, township)
    if not residents_queries.listed(desk, limit=1):
        homes = generate(seed=seed, villages=[Village(f"{township}200", "示例村")], people=_PEOPLE)
        residents.import_residents(
            Actor.system("cli"),
            lines=((line.number, line) for line in lines_of(homes)),
            institution_id=clinic,
            synthetic=True,
        )
    doctors = doctors_offered(desk, on=today)
    if doctors:
        here = (each for each in residents_queries.listed(desk, limit=2 * _PEOPLE) if not each.deceased_on)
        for resident in islice(here, _SIGNED):
            residents.assign_doctor(desk, resident_id=resident.id, clinician_id=doctors[0].id)


def _offer(hospital: UUID, first: date, last: date, shown: bool) -> None:
    """Pools and weeks of the hospital, and these days of them on offer."""
    office = staff(Role.REFERRAL_OFFICE, hospital)
    known = set(Pool.objects.filter(institution_id=hospital).values_list("code", flat=True))
    binding = bound(hospital, on=first)
    registers = registers_of(office)
    for at, shape in enumerate((*SHAPES, *MORE) if shown else SHAPES):
        if shape.given.code in known:
            continue
        given = replace(shape.given, department_id=_department(shape.given, registers))
        if binding is not None and not binding.promises:
            given = replace(given, shares=OWN_SHARES)
        pool = keep_pool(office, institution_id=hospital, given=given)
        week = shape.week
        if shown and given.grade is Grade.EXPERT and len(registers.physicians) > at:
            week = [replace(line, clinician_id=registers.physicians[at].id) for line in week]
        keep_week(office, pool_id=pool.id, lines=week)
    Pool.objects.filter(institution_id=hospital, code__startswith=MARK).update(synthetic=True)
    publish_days(office, institution_id=hospital, first=first, last=last)


def _offer_at_clinic(clinic: UUID, first: date, last: date) -> None:
    """General practice in primary care, from tomorrow on; nothing of it is booked yet."""
    if first > last:
        return
    office = staff(Role.REFERRAL_OFFICE, clinic)
    pool = keep_pool(office, institution_id=clinic, given=AT_CLINIC.given)
    keep_week(office, pool_id=pool.id, lines=AT_CLINIC.week)
    Pool.objects.filter(id=pool.id).update(synthetic=True)
    publish_days(office, institution_id=clinic, first=first, last=last)


def _department(given: PoolGiven, registers: Registers) -> UUID | None:
    """The department of the pool's specialty, or of the one that it is part of."""
    wanted = given.specialty_code
    alike = [each for each in registers.departments if wanted.startswith(each.specialty_code)]
    return (
        min(alike, key=lambda each: (each.specialty_code != wanted, each.specialty_code)).id
        if alike
        else None
    )


_NOT_SYNTHETIC = Refusal(
    code="capacity.month_not_synthetic",
    message=Text(
        "这个数据库不是演示库，不能推演号源。",
        "This database is not a demonstration: no made-up places and bookings here.",
    ),
    instead=Text("请在演示库中推演。", "Play the month in a demonstration database."),
)
