"""A month of places in a demonstration region: hospitals put weeks on offer, doctors and residents book, day by day.

All of it is made up and seeded; the platform's clock is moved through the month and set back afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

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
from tiercare.kernel.clock import ZONE
from tiercare.kernel.ids import stable_id, uuid7
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from ..models import Pool, Session, Slot
from ..rules.demonstration import MARK, SHAPES
from ..workflow import Act
from .booking import NoPlace, book
from .pools import keep_pool, keep_week
from .turning import turn
from .week import publish_days

# How the month is made up. Ours.
SEED = 20241201
PACE = 8  # attempts to book at a hospital a day
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


def play_month(
    actor: Actor,
    *,
    region: str,
    first: date,
    pace: int = PACE,
    seed: int = SEED,
    told: Callable[[date], None] = lambda _: None,
) -> Played:
    """Play the month that begins on ``first`` at the lead and assisting hospitals of the region's groups and communities.

    ``pace`` is how often somebody tries to book at a hospital a day; ``told`` is called for each day.

    Raises:
        Refused: if this database is no demonstration, or there is no such region.
    """
    installed = ledger_queries.installation()
    if not installed.synthetic:
        raise Refused(_NOT_SYNTHETIC)
    last = (first.replace(day=1) + timedelta(days=40)).replace(day=1)
    last = last.replace(day=min(first.day, 28)) - timedelta(days=1)
    try:
        _at(actor, first - _AHEAD)
        around = _around(region, first)
        if Session.objects.filter(
            pool__code__startswith=MARK, institution_id__in=list(around), day__range=(first, last)
        ).exists():
            return Played()
        clinics = _people({clinic for each in around.values() for clinic in each}, seed)
        places = {hospital: _offer(actor, hospital, first, last) for hospital in around}
        play = _Play(Chance(seed), places, {h: [clinics[c] for c in near] for h, near in around.items()})
        for day in (first - _WITHIN + timedelta(days=n) for n in range((last - first + _WITHIN).days + 1)):
            told(day)
            _at(actor, day)
            for hospital in around:
                for _ in range(pace):
                    play.attempt(hospital, day)
    finally:
        ledger.set_clock(actor, at=installed.clock_override)
    sessions = Session.objects.filter(institution_id__in=list(around), day__range=(first, last)).count()
    return Played(len(around), sessions, play.bookings, play.refused)


def _at(actor: Actor, day: date) -> None:
    ledger.set_clock(actor, at=datetime.combine(day, _AT_DESK, ZONE))


def _around(region: str, on: date) -> dict[UUID, list[UUID]]:
    """Each lead and assisting hospital with some clinics of its consortium that answer for a township."""
    facts = network.network_facts(network.region_of(region), on=on)
    answering = set(network.primary_care_by_township(on=on).values())
    around: dict[UUID, list[UUID]] = {}
    for consortium in facts.of_kind(*_GROUPS):
        members = sorted(UUID(each.id) for each in facts.members(consortium.id) if each.primary)
        near = [each for each in members if each in answering][:_CLINICS]
        for hospital in facts.members(consortium.id, Part.LEAD, Part.ASSISTING):
            if near:
                around.setdefault(UUID(hospital.id), []).extend(near)
    return around


def _people(clinics: Iterable[UUID], seed: int) -> dict[UUID, _Clinic]:
    """Synthetic residents at each clinic, some of them with a family doctor there."""
    today = ledger_queries.today()
    townships = {key: code for code, key in network.primary_care_by_township(on=today).items()}
    found = {}
    for number, clinic in enumerate(sorted(clinics)):
        villages = [Village(f"{townships[clinic]}200", "示例村")]
        homes = generate(seed=seed + number, villages=villages, people=_PEOPLE)
        residents.import_residents(
            Actor.system("cli"),
            lines=((line.number, line) for line in lines_of(homes)),
            institution_id=clinic,
            synthetic=True,
        )
        desk = _staff(Role.PRIMARY_DOCTOR, clinic, townships[clinic])
        here = [each.id for each in residents_queries.listed(desk, limit=_PEOPLE) if each.deceased_on is None]
        doctors = doctors_offered(desk, on=today)
        signed = here[:_SIGNED] if doctors else []
        for resident in signed:
            residents.assign_doctor(desk, resident_id=resident, clinician_id=doctors[0].id)
        found[clinic] = _Clinic(clinic, townships[clinic], signed, here[len(signed) :])
    return found


def _offer(actor: Actor, hospital: UUID, first: date, last: date) -> dict[str, list[_Place]]:
    """Pools and weeks of the hospital, and the month of them on offer; its slots by pool."""
    for shape in SHAPES:
        pool = keep_pool(actor, institution_id=hospital, given=shape.given)
        keep_week(actor, pool_id=pool.id, lines=shape.week)
    Pool.objects.filter(institution_id=hospital, code__startswith=MARK).update(synthetic=True)
    publish_days(actor, institution_id=hospital, first=first, last=last)
    slots = Slot.objects.filter(session__institution_id=hospital, session__day__range=(first, last))
    places: dict[str, list[_Place]] = {}
    for key, during, code in slots.order_by("during", "id").values_list(
        "id", "during", "session__pool__code"
    ):
        places.setdefault(code, []).append(_Place(key, during.lower))
    return places


class _Play:
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
        now = datetime.combine(day, _AT_DESK, ZONE)
        (shape,) = self.draws.choices(SHAPES, weights=[each.pull for each in SHAPES])
        able = [
            p for p in self.places[hospital].get(shape.given.code, ()) if now < p.starts_at <= now + _WITHIN
        ]
        who = self._somebody(self.draws.choice(self.clinics[hospital]))
        if not able or who is None:
            return
        booker, resident = who
        try:
            taken = book(booker, slot_id=self._wanted(able).slot_id, resident_id=resident)
        except NoPlace:
            self.refused += 1
            return
        self.bookings += 1
        if self.draws.random() < _CANCELLED:
            turn(booker, booking_id=taken.booking_id, act=Act.CANCEL)

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
            return _staff(Role.PRIMARY_DOCTOR, clinic.id, clinic.division), resident
        return Actor(
            account_id=stable_id("demonstration", "resident", str(resident)),
            name="演示",
            role=Role.RESIDENT.value,
            resident_id=resident,
            channel="cli",
            request_id=uuid7(),
        ), resident


def _staff(role: Role, institution: UUID, division: str) -> Actor:
    return Actor(
        account_id=stable_id("demonstration", role.value, str(institution)),
        name="演示",
        role=role.value,
        institution_id=institution,
        division_code=division,
        channel="cli",
        request_id=uuid7(),
    )


_NOT_SYNTHETIC = Refusal(
    code="capacity.month_not_synthetic",
    message=Text(
        "这个数据库不是演示库，不能推演号源。",
        "This database is not a demonstration: no made-up places and bookings here.",
    ),
    instead=Text("请在演示库中推演。", "Play the month in a demonstration database."),
)
