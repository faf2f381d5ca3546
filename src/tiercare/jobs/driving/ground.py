"""What a drive plays on: hospitals with places on offer, primary care with synthetic residents, and who acts there.

The places and the people are those that the demonstration's month lays down; what is there already is used as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from tiercare.apps.access.queries import EVERYWHERE, scoped, staff_at
from tiercare.apps.access.rules import Role
from tiercare.apps.capacity import commands as capacity
from tiercare.apps.capacity.commands.demonstration import Shown, around, lay_places
from tiercare.apps.capacity.commands.demonstration_people import staff
from tiercare.apps.capacity.rules.demonstration import MARK
from tiercare.apps.exchange import commands as exchange
from tiercare.apps.exchange.queries.desks import without_desk
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network import queries as network
from tiercare.apps.residents.rules.vocabulary import Sex
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .script import Site

# Ours: how much is laid down. Places stay on offer that long after the last day, since people book ahead.
AHEAD = timedelta(days=14)
_BEFORE = timedelta(days=9)  # the month's people are entered so long before its first day
_PEOPLE, _BEDS, _WARD = 60, 4, "推演病区"

_SLOTS = """
SELECT s.institution_id AS host, p.code, l.id, lower(l.during) AS at
FROM capacity_slot l JOIN capacity_session s ON s.id = l.session_id JOIN capacity_pool p ON p.id = s.pool_id
WHERE s.institution_id = ANY (%(hosts)s::uuid[]) AND starts_with(p.code, %(mark)s) AND s.state = 'PUBLISHED'
  AND s.day BETWEEN %(first)s AND %(last)s
ORDER BY lower(l.during), p.code, l.id
"""
# Whom the institution looks after, its own signed residents first, in the order in which they were entered.
_PEOPLE_OF = """
SELECT r.id, r.sex, r.birth_date, EXISTS (SELECT FROM residents_responsibledoctor d WHERE d.resident_id = r.id AND d.institution_id = %(site)s
                            AND d.period @> %(on)s::date) AS signed
FROM residents_resident r
WHERE r.synthetic AND r.deceased_on IS NULL AND r.master_id IS NULL
  AND EXISTS (SELECT FROM residents_token t WHERE t.resident_id = r.id AND t.institution_id = %(site)s AND t.token = '')
ORDER BY signed DESC, r.id LIMIT %(most)s
"""
_BEDS_OF = """
SELECT id FROM capacity_bed WHERE institution_id = %(host)s AND ward = %(ward)s ORDER BY number
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A slot that can be booked."""

    slot: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Person:
    """A synthetic resident, with what tells whom of the twin's people they can stand for; ``born`` is a year."""

    id: UUID
    female: bool
    born: int | None
    signed: bool


@dataclass(frozen=True, slots=True)
class Clinic:
    """Primary care: its township and its people, those with a family doctor there first. It can refer to those hospitals that
    have a desk for it, where a text asks for one (XH-42)."""

    id: UUID
    division: str
    people: tuple[Person, ...]
    hospitals: tuple[UUID, ...]
    refers: tuple[UUID, ...]

    @property
    def doctor(self) -> Actor:
        """Who refers there, and takes over who comes back."""
        return staff(Role.PRIMARY_DOCTOR, self.id, self.division)

    @property
    def residents(self) -> list[UUID]:
        """Its people by their ids."""
        return [each.id for each in self.people]

    @property
    def site(self) -> Site:
        """As the script knows it."""
        hospitals = tuple(str(each) for each in self.hospitals)
        refers = tuple(str(each) for each in self.refers)
        signed = sum(each.signed for each in self.people)
        return Site(str(self.id), self.division, len(self.people), signed, hospitals, refers)


@dataclass(frozen=True, slots=True)
class Ground:
    """The region as a drive sees it; the same for everybody who reads it from the same database."""

    region: str
    area: str
    first: date
    days: int
    clinics: Mapping[UUID, Clinic]
    places: Mapping[UUID, Mapping[str, Sequence[Place]]]
    beds: Mapping[UUID, Sequence[UUID]]
    also: tuple[UUID, ...] = ()  # further accounts that act here

    @property
    def sites(self) -> list[Site]:
        """For the script."""
        return [each.site for each in self.clinics.values()]

    @property
    def hospitals(self) -> list[UUID]:
        """Those that offer places."""
        return list(self.places)

    def day(self, number: int) -> date:
        """The day of that number, counted from 0."""
        return self.first + timedelta(days=number)

    def moment(self, day: int, minute: int) -> datetime:
        """A minute of a day."""
        return datetime.combine(self.day(day), time(minute // 60, minute % 60), ZONE)

    def accounts(self) -> list[UUID]:
        """From whom the requests of a drive come."""
        found = [each.doctor.account_id for each in self.clinics.values()]
        found += [staff(Role.CLINICIAN, each).account_id for each in self.hospitals]
        return [*self.also, *(each for each in found if each is not None)]


def lay(
    region: str, *, first: date, days: int, shown: Shown | None = None, ahead: timedelta = AHEAD
) -> Ground:
    """Lay down what is missing for a drive over these days, and answer the ground; more of it where it is ``shown``. The clock is
    left as it was.

    Raises:
        Refused: if this database is no demonstration, there is no such region, or it has nobody to play with.
    """
    if not ledger_queries.installation().synthetic:
        raise Refused(_NOT_SYNTHETIC)
    system, until = Actor.system("cli"), first + timedelta(days=days) + ahead
    lay_places(system, region=region, first=first, until=until, shown=shown)
    with ledger.lent_clock(system):
        ledger.set_clock(system, at=datetime.combine(first - _BEFORE, time(8), ZONE))
        near = around(region, first, shown)
        for hospital in near:
            _offer_more(hospital, first, until)
            for number in range(_BEDS):
                office = staff(Role.REFERRAL_OFFICE, hospital)
                capacity.keep_bed(office, institution_id=hospital, ward=_WARD, number=f"T{number + 1}")
        for house in {*near, *(clinic for each in near.values() for clinic in each)}:
            _desk(house)
    return read(region, first=first, days=days, shown=shown)


def read(region: str, *, first: date, days: int, shown: Shown | None = None) -> Ground:
    """The ground that was laid down before.

    Raises:
        Refused: if there is nobody to play with.
    """
    near = around(region, first, shown)
    townships = {key: code for code, key in network.primary_care_by_township(on=first).items()}
    clinics: dict[UUID, Clinic] = {}
    for clinic in sorted({each for known in near.values() for each in known}):
        hospitals = tuple(hospital for hospital, known in near.items() if clinic in known)
        found = _residents(clinic, first)
        if found:
            refers = _with_desk(clinic, hospitals, area=townships[clinic], on=first)
            clinics[clinic] = Clinic(clinic, townships[clinic], _persons(found), hospitals, refers)
    until = first + timedelta(days=days) + AHEAD
    places: dict[UUID, dict[str, list[Place]]] = {hospital: {} for hospital in near}
    for row in rows(_SLOTS, hosts=list(near), mark=MARK, first=first, last=until):
        places[row["host"]].setdefault(row["code"], []).append(Place(row["id"], row["at"].astimezone(ZONE)))
    beds = {hospital: [row["id"] for row in rows(_BEDS_OF, host=hospital, ward=_WARD)] for hospital in near}
    if not clinics or not any(places.values()):
        raise Refused(_NOTHING)
    return Ground(region, network.region_of(region), first, days, clinics, places, beds)


def _persons(found: Sequence[Mapping[str, Any]]) -> tuple[Person, ...]:
    return tuple(
        Person(
            row["id"],
            row["sex"] == Sex.FEMALE,
            row["birth_date"].year if row["birth_date"] else None,
            row["signed"],
        )
        for row in found
    )


def _with_desk(clinic: UUID, hospitals: tuple[UUID, ...], *, area: str, on: date) -> tuple[UUID, ...]:
    lacking = set(without_desk([clinic, *hospitals], area=area, on=on))
    return () if clinic in lacking else tuple(each for each in hospitals if each not in lacking)


def _residents(clinic: UUID, on: date) -> list[dict[str, Any]]:
    with scoped(Actor.system(), area=EVERYWHERE):
        return rows(_PEOPLE_OF, site=clinic, on=on, most=_PEOPLE)


def _offer_more(hospital: UUID, first: date, until: date) -> None:
    """Where the month was played for fewer days, its weeks go on."""
    on_offer = rows(_SLOTS, hosts=[hospital], mark=MARK, first=until - timedelta(days=6), last=until)
    if not on_offer:
        office = staff(Role.REFERRAL_OFFICE, hospital)
        week = capacity.plan_days(hospital, first, until)
        if week.planned:
            capacity.publish_days(office, institution_id=hospital, first=first, last=until)


def _desk(house: UUID) -> None:
    """Who answers for referrals (XH-42), where the house has accounts and has named nobody."""
    known = rows("SELECT 1 FROM exchange_desk WHERE institution_id = %(house)s", house=house)
    people = [each.account_id for each in staff_at(house)]
    if people and not known:
        exchange.keep_desk(staff(Role.REFERRAL_OFFICE, house), name="转诊办公室", phone="", staff=people)


_NOT_SYNTHETIC = Refusal(
    code="drive.not_synthetic",
    message=Text(
        "这个数据库不是演示库：推演会写入虚构的预约和转诊，并拨动时钟。",
        "This database is not a demonstration: a drive writes made-up bookings and referrals and moves the clock.",
    ),
    instead=Text(
        "请用另一个 TIERCARE_HOME 或数据库建立演示库，在那里推演。",
        "Lay down a demonstration in another TIERCARE_HOME or database, and drive there.",
    ),
)
_NOTHING = Refusal(
    code="drive.nothing",
    message=Text(
        "这个地区没有可推演的医院和居民。", "This region has no hospitals and residents to play with."
    ),
    instead=Text(
        "请换一个地区，或先导入其机构与医联体。",
        "Choose another region, or enter its institutions and consortia first.",
    ),
    status=422,
)
