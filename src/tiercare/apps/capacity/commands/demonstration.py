"""A month of places in a demonstration region: hospitals put weeks on offer, people book and come, day by day.

All of it is made up and seeded; the platform's clock is moved through the month and set back afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
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
from tiercare.engines.population.draws import Chance
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE, day_of
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from ..models import Pool, Session, Slot
from ..queries.keeping import Registers, registers_of
from ..queries.promises import bound
from ..rules.absence import PAUSED
from ..rules.demonstration import AT_CLINIC, MARK, MORE, OWN_SHARES, SHAPES, Shape
from ..rules.pools import PoolGiven
from ..rules.vocabulary import Grade
from ..workflow import Act
from .booking import NoPlace, book
from .demonstration_days import Coming, oneself, opening, staff, ticks
from .demonstration_house import House
from .pools import keep_pool, keep_week
from .turning import turn
from .week import publish_days

# How the month is made up. Ours.
SEED = 20241201
PACE, _A_DAY = 8, 60  # attempts to book at a hospital a day, and at all of them together
_BUSIER = 6  # so many times that where the demonstration's accounts work
_CLINICS, _PEOPLE, _SIGNED = 2, 30, 18  # of a consortium; at each; of those with a family doctor
_AHEAD = timedelta(days=8)  # the month is put on offer so long before it begins
_WITHIN = timedelta(days=7)  # places are booked at most so long before their day
_AT_DESK = time(10)
# Shares of those who book: a family doctor for a signed resident, up to there a clinic for another, the rest residents
# themselves. Few enough family doctors that some of what is kept for them is released and used by others.
_BY_DOCTOR, _BY_CLINIC = 0.2, 0.4
_CANCELLED, _SOONEST = 0.05, 0.5
_GROUPS = (ConsortiumKind.CITY_GROUP, ConsortiumKind.COUNTY_COMMUNITY)


@dataclass(frozen=True, slots=True)
class Played:
    """What happened in the month; all nought where it had been played before."""

    hospitals: int = 0
    sessions: int = 0
    bookings: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class _Clinic:
    """A primary-care institution with its residents; the first of them have a family doctor there."""

    id: UUID
    division: str
    signed: Sequence[UUID]
    others: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class _Place:
    """A slot that can be booked."""

    slot_id: UUID
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Shown:
    """Where the demonstration's accounts work: the hospital, and the clinic of their consortium."""

    hospital: UUID
    clinic: UUID


@transaction.atomic
def play_month(
    actor: Actor,
    *,
    region: str,
    first: date,
    last: date | None = None,
    until: date | None = None,
    shown: Shown | None = None,
    pace: int | None = None,
    seed: int = SEED,
    told: Callable[[date], None] = lambda _: None,
) -> Played:
    """Play the days from ``first`` to ``last`` (a month without it) at the lead and assisting hospitals of the region's
    groups and communities; places are on offer ``until`` a later day.

    ``shown`` offers and does more than the others, so that every page has something to show; without it people book only.
    ``pace`` is how often somebody tries to book at a hospital a day, by default ``PACE`` and less where there are many
    hospitals; ``told`` is called for each day. All in one transaction: ended on the way it leaves nothing, and the clock as
    it was.

    Raises:
        Refused: if this database is no demonstration, or there is no such region.
    """
    installed = ledger_queries.installation()
    if not installed.synthetic:
        raise Refused(_NOT_SYNTHETIC)
    last = last or _end_of_month(first)
    until = max(until or last, last)
    _clock(actor, first - _AHEAD)
    around = _around(region, first, shown)
    if not around or _offered(around, first, until).exists():
        ledger.set_clock(actor, at=installed.clock_override)
        return Played()
    if shown is not None and shown.clinic not in around.get(shown.hospital, ()):
        shown = None  # a clinic that answers for no township has no residents
    month = _Month(around, first, last, until, shown, seed)
    month.play(actor, pace or max(2, min(PACE, _A_DAY // len(around))), told)
    ledger.set_clock(actor, at=installed.clock_override)
    month.play_today(actor)
    ledger.set_clock(actor, at=installed.clock_override)
    month.finish()
    if shown is not None:
        _offer_at_clinic(shown.clinic, ledger_queries.today() + timedelta(days=1), until)
    sought = month.seekers
    return Played(len(around), _offered(around, first, last).count(), sought.bookings, sought.refused)


def _end_of_month(first: date) -> date:
    """The day before that of the same number in the next month."""
    after = (first.replace(day=1) + timedelta(days=40)).replace(day=1)
    return after.replace(day=min(first.day, 28)) - timedelta(days=1)


def _offered(hospitals: Iterable[UUID], first: date, last: date) -> QuerySet[Session]:
    """What of it is on offer there in these days."""
    return Session.objects.filter(
        pool__code__startswith=MARK, institution_id__in=list(hospitals), day__range=(first, last)
    )


def _at(day: date) -> datetime:
    return datetime.combine(day, _AT_DESK, ZONE)


def _clock(actor: Actor, day: date) -> None:
    ledger.set_clock(actor, at=_at(day))


def _around(region: str, on: date, shown: Shown | None) -> dict[UUID, list[UUID]]:
    """Each lead and assisting hospital with some clinics of its consortium that answer for a township."""
    facts = network.network_facts(network.region_of(region), on=on)
    answering = set(network.primary_care_by_township(on=on).values())
    around: dict[UUID, list[UUID]] = {}
    if shown is not None and shown.clinic in answering:
        around[shown.hospital] = [shown.clinic]
    for consortium in facts.of_kind(*_GROUPS):
        members = sorted(UUID(each.id) for each in facts.members(consortium.id) if each.primary)
        near = [each for each in members if each in answering][:_CLINICS]
        for hospital in facts.members(consortium.id, Part.LEAD, Part.ASSISTING):
            if near:
                known = around.setdefault(UUID(hospital.id), [])
                known += [each for each in near if each not in known]
    return around


def _people(clinics: Iterable[UUID], seed: int) -> dict[UUID, _Clinic]:
    """Synthetic residents at each clinic, some of them with a family doctor there; who is known there already stays."""
    today = ledger_queries.today()
    townships = {key: code for code, key in network.primary_care_by_township(on=today).items()}
    found = {}
    for number, clinic in enumerate(sorted(clinics)):
        desk = staff(Role.PRIMARY_DOCTOR, clinic, townships[clinic])
        if not residents_queries.listed(desk, limit=1):
            villages = [Village(f"{townships[clinic]}200", "示例村")]
            homes = generate(seed=seed + number, villages=villages, people=_PEOPLE)
            residents.import_residents(
                Actor.system("cli"),
                lines=((line.number, line) for line in lines_of(homes)),
                institution_id=clinic,
                synthetic=True,
            )
        here = [each.id for each in residents_queries.listed(desk, limit=2 * _PEOPLE) if not each.deceased_on]
        doctors = doctors_offered(desk, on=today)
        signed = here[:_SIGNED] if doctors else []
        for resident in signed:
            residents.assign_doctor(desk, resident_id=resident, clinician_id=doctors[0].id)
        found[clinic] = _Clinic(clinic, townships[clinic], signed, here[len(signed) :])
    return found


def _offer(hospital: UUID, first: date, last: date, shown: bool) -> dict[str, list[_Place]]:
    """Pools and weeks of the hospital, and these days of them on offer; its slots by pool."""
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
    slots = Slot.objects.filter(session__institution_id=hospital, session__day__range=(first, last))
    places: dict[str, list[_Place]] = {}
    for key, during, code in slots.order_by("during", "id").values_list(
        "id", "during", "session__pool__code"
    ):
        places.setdefault(code, []).append(_Place(key, during.lower))
    return places


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


class _Month:
    """The days one after the other, with everybody who acts in them."""

    def __init__(
        self,
        around: dict[UUID, list[UUID]],
        first: date,
        last: date,
        until: date,
        shown: Shown | None,
        seed: int,
    ) -> None:
        self.first, self.last, self.hospitals = first, last, list(around)
        clinics = _people({clinic for each in around.values() for clinic in each}, seed)
        self.near = {hospital: [clinics[each] for each in known] for hospital, known in around.items()}
        self.house = House(shown.hospital, clinics[shown.clinic].division, seed) if shown else None
        places = {hospital: _offer(hospital, first, until, self._shows(hospital)) for hospital in around}
        self.seekers = _Seekers(Chance(seed), places, self.near)
        self.coming = Coming(self.hospitals, shown.hospital, seed) if shown else None

    def _shows(self, hospital: UUID) -> bool:
        return self.house is not None and self.house.id == hospital

    def play(self, actor: Actor, pace: int, told: Callable[[date], None]) -> None:
        """Every day; before the first of the month places are booked only."""
        day = self.first - _WITHIN
        while day <= self.last:
            told(day)
            for at in ticks(day) if self.coming and day >= self.first else [_at(day)]:
                ledger.set_clock(actor, at=at)
                if at == _at(day):
                    self._book(day, pace)
                if self.coming and day >= self.first:
                    self._come(self.coming, at)
            day += timedelta(days=1)

    def _book(self, day: date, pace: int) -> None:
        for hospital in self.hospitals:
            for _ in range(pace * _BUSIER if self._shows(hospital) else pace):
                self.seekers.attempt(hospital, day)

    def _come(self, coming: Coming, at: datetime) -> None:
        day = at.date()
        if at in (opening(day), _at(day)):
            coming.expect(at)
        coming.tick(at)
        if self.house is not None and day >= self.last - House.DAYS:
            self.house.tick(at)

    def play_today(self, actor: Actor) -> None:
        """Who has come so far today, where the month ends yesterday."""
        now = ledger_queries.now()
        if self.coming and day_of(now) == self.last + timedelta(days=1):
            for at in ticks(day_of(now)):
                if at <= now:
                    ledger.set_clock(actor, at=at)
                    self._come(self.coming, at)

    def finish(self) -> None:
        """What is under way at the hospital that is shown, by the clock that runs now."""
        if self.house is not None:
            self.house.finish(self.near[self.house.id])


class _Seekers:
    """Who tries to book what; the same for the same draws."""

    def __init__(
        self,
        draws: Chance,
        places: dict[UUID, dict[str, list[_Place]]],
        clinics: dict[UUID, list[_Clinic]],
    ) -> None:
        self.draws, self.places, self.clinics = draws, places, clinics
        self.bookings = self.refused = 0

    def attempt(self, hospital: UUID, day: date) -> None:
        """Somebody wants a place at the hospital within the next days."""
        now = _at(day)
        shape = self._wanted_there(self.places[hospital])
        able = [p for p in self.places[hospital][shape.given.code] if now < p.starts_at <= now + _WITHIN]
        who = self._somebody(self.draws.choice(self.clinics[hospital]))
        if not able or who is None:
            return
        booker, resident = who
        try:
            taken = book(booker, slot_id=self._wanted(able).slot_id, resident_id=resident)
        except NoPlace:
            self.refused += 1
            return
        except Refused as refused:
            if refused.refusals[0].code != PAUSED:
                raise
            return
        self.bookings += 1
        if self.draws.random() < _CANCELLED:
            turn(booker, booking_id=taken.booking_id, act=Act.CANCEL)

    def _wanted_there(self, places: dict[str, list[_Place]]) -> Shape:
        """One of the pools of a hospital, those that are wanted more often more often."""
        shapes = [each for each in (*SHAPES, *MORE) if each.given.code in places]
        (drawn,) = self.draws.choices(shapes, weights=[each.pull for each in shapes])
        return drawn

    def _wanted(self, able: Sequence[_Place]) -> _Place:
        """Many want the soonest, the others have a day of their own in mind."""
        return able[0] if self.draws.random() < _SOONEST else self.draws.choice(able)

    def _somebody(self, clinic: _Clinic) -> tuple[Actor, UUID] | None:
        """A family doctor for a signed resident, the clinic for another, or a resident for themself."""
        drawn = self.draws.random()
        wanted = clinic.signed if drawn < _BY_DOCTOR else clinic.others
        if not wanted:
            return None
        resident = self.draws.choice(wanted)
        if drawn < _BY_CLINIC:
            return staff(Role.PRIMARY_DOCTOR, clinic.id, clinic.division), resident
        return oneself(resident), resident


_NOT_SYNTHETIC = Refusal(
    code="capacity.month_not_synthetic",
    message=Text(
        "这个数据库不是演示库，不能推演号源。",
        "This database is not a demonstration: no made-up places and bookings here.",
    ),
    instead=Text("请在演示库中推演。", "Play the month in a demonstration database."),
)
