"""A believable year of a demonstration's synthetic residents: visits, pressures, sugar, stays, plans and contacts.

The same every time for the same residents and day; in bulk, since six hundred people's year is some ten thousand rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import models, transaction

from tiercare.apps.access import commands as access
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Basis, Role
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network import queries as network
from tiercare.apps.residents.rules.groups import age_on
from tiercare.engines.population.draws import Chance
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE
from tiercare.kernel.ids import stable_id

from .. import events
from ..models import CarePlan, Condition, Encounter, Medication, Observation, PlannedContact
from ..rules.demonstration import (
    DOCTORS,
    DRUGS,
    KEPT,
    STAYS,
    Illness,
    Stay,
    course_of,
    illnesses_of,
    pressures,
    sugars,
)
from ..rules.vocabulary import ContactKind, ContactOutcome, Stage, VisitKind, Way
from .episodes import place_many, settle_many

SOURCE = "demo"
SUBJECT = "records.institution"
_SEED = 20190702
_PEOPLE = """
SELECT id, birth_date, sex FROM residents_resident
WHERE synthetic AND institution_id = %(clinic)s AND master_id IS NULL AND deceased_on IS NULL AND birth_date IS NOT NULL
ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class Filled:
    """How many people have a record now, and of what it consists."""

    people: int
    visits: int
    readings: int
    stays: int
    contacts: int


@dataclass(slots=True)
class _Rows:
    """What is to be written, by table."""

    encounters: list[Encounter] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
    medications: list[Medication] = field(default_factory=list)
    contacts: list[PlannedContact] = field(default_factory=list)
    plans: list[CarePlan] = field(default_factory=list)

    def write(self) -> None:
        """All of it, in the order of what belongs to what."""
        tables: Sequence[Sequence[models.Model]] = (
            self.encounters,
            self.conditions,
            self.observations,
            self.medications,
            self.plans,
            self.contacts,
        )
        for each in tables:
            if each:
                type(each[0])._default_manager.bulk_create(each, batch_size=1000)


def fill(
    actor: Actor, *, on: date, clinic: UUID, hospital: UUID | None = None, besides: UUID | None = None
) -> Filled:
    """The year before ``on`` of the synthetic residents whom ``clinic`` registered; some of them lay, or lie, at ``hospital``.
    The record of ``besides`` stays empty: what is told of them otherwise must not meet a later reading.

    What was filled before stays as it is. Call it in a database that is a demonstration only.

    Raises:
        ValueError: in a database that holds real people.
    """
    if not ledger_queries.installation().synthetic:
        raise ValueError("only a demonstration is filled with a made-up year")
    desk = _desk(clinic, on)
    also = () if hospital is None else (hospital,)
    with transaction.atomic(), scoped(desk, also=also):
        if Encounter.objects.filter(institution_id=clinic, source=SOURCE).exists():
            return Filled(0, 0, 0, 0, 0)
        people = [person for person in rows(_PEOPLE, clinic=clinic) if person["id"] != besides]
        made = _Rows()
        ill = 0
        for person in people:
            ill += _year(made, person, clinic, on)
        stays = [] if hospital is None else _stays(made, people, clinic, hospital, on)
        place_many(made.encounters, made.conditions, on=on)
        made.write()
        settle_many(sorted({each.resident_id for each in made.encounters}))
        for stay in stays:
            _relate(desk, stay, hospital)
        told = events.DemonstrationFilled(
            people=len(people), visits=len(made.encounters), readings=len(made.observations)
        )
        ledger.append(
            actor,
            told,
            subject_type=SUBJECT,
            subject_id=clinic,
            institution_id=clinic,
            division_code=desk.division_code,
        )
    return Filled(ill, len(made.encounters), len(made.observations), len(stays), len(made.contacts))


def _desk(clinic: UUID, on: date) -> Actor:
    place = network.place_of(clinic, on=on)
    division = place.division_code if place else None
    return Actor(None, "推演", Role.PRIMARY_DOCTOR.value, clinic, division, channel="demonstration")


def _year(made: _Rows, person: dict[str, Any], clinic: UUID, on: date) -> int:
    """The visits of one person; answers 1 where there are any."""
    chance = Chance(f"{_SEED} {person['id']}")
    age = age_on(person["birth_date"], on)
    ill = illnesses_of(age, chance)
    if not ill:
        if chance.random() >= 0.35:
            return 0
        _visit(made, person, clinic, on - timedelta(days=chance.randint(5, 300)), chance, [Illness.COLD], {})
        return 1
    course = course_of(chance)
    visits = chance.randint(4, 6)
    series = zip(pressures(course, visits, age, chance), sugars(course, visits, chance), strict=True)
    gap = chance.randint(55, 70)
    first = on - timedelta(days=gap * (visits - 1) + chance.randint(1, 25))
    for number, (pressure, sugar) in enumerate(series):
        day = first + timedelta(days=gap * number)
        measured = dict(pressure) | (sugar if Illness.DIABETES in ill else {})
        last = _visit(made, person, clinic, day, chance, ill, measured, first=number == 0)
    due = last.started_at.date() + timedelta(days=14 if pressure["sbp"] >= 150 else 90)
    made.contacts.append(_contact(person, clinic, due, "demo-next", "测血压、问用药和不适"))
    if chance.random() < 0.5:
        done = _contact(person, clinic, on - timedelta(days=chance.randint(8, 60)), "demo-done", "电话随访")
        done.done_at, done.outcome = _at(done.due_on, chance), ContactOutcome.REACHED.value
        done.done_by_name, done.note = chance.choice(DOCTORS), "按时服药，无不适。"
        made.contacts.append(done)
    return 1


def _visit(
    made: _Rows,
    person: dict[str, Any],
    institution: UUID,
    day: date,
    chance: Chance,
    ill: Sequence[Illness],
    measured: dict[str, float],
    *,
    first: bool = True,
    stay: Stay | None = None,
) -> Encounter:
    at = _at(day, chance)
    key = f"{person['id']}-{day}{'-stay' if stay else ''}"
    head = {"resident_id": person["id"], "institution_id": institution, "source": SOURCE}
    row = Encounter(
        id=stable_id("records", key),
        **head,
        source_key=key,
        kind=(VisitKind.INPATIENT if stay else VisitKind.OUTPATIENT).value,
        clinician_name=chance.choice(DOCTORS),
        started_at=at,
        ended_at=None if stay else at + timedelta(minutes=12),
        complaint=stay.complaint if stay else ill[0].complaint,
        findings="" if stay else "神志清楚，心肺听诊未见明显异常。",
        treatment=stay.treatment if stay else ill[0].treatment,
    )
    made.encounters.append(row)
    named = [(stay.code, stay.name)] if stay else [(each.code, each.title) for each in ill]
    for number, (code, name) in enumerate(named):
        made.conditions.append(
            Condition(
                id=stable_id("records", key, "c", str(number)),
                **head,
                source_key=f"{key}#c{number}",
                encounter=row,
                code=code,
                name=name,
                role="OTHER" if number else "MAIN",
                status="RESOLVED" if ill == [Illness.COLD] and not stay else "ACTIVE",
                noted_at=at,
            )
        )
    for item, value in measured.items():
        made.observations.append(
            Observation(
                id=stable_id("records", key, "o", item),
                **head,
                source_key=f"{key}#o{item}",
                encounter=row,
                item=item,
                value=Decimal(str(value)),
                unit="mmHg" if item in ("sbp", "dbp") else "mmol/L",
                taken_at=at,
            )
        )
    if first and not stay:
        _prescribe(made, row, head, ill)
    return row


def _prescribe(made: _Rows, row: Encounter, head: dict[str, Any], ill: Sequence[Illness]) -> None:
    for number, (code, name, dose) in enumerate(DRUGS[each] for each in ill if each in DRUGS):
        long_term = ill[0] is not Illness.COLD
        made.medications.append(
            Medication(
                id=stable_id("records", row.source_key, "m", str(number)),
                **head,
                source_key=f"{row.source_key}#m{number}",
                encounter=row,
                drug_code=code,
                name=name,
                dose=dose,
                since=row.started_at.date(),
                until=None if long_term else row.started_at.date() + timedelta(days=5),
                long_term=long_term,
            )
        )


def _stays(
    made: _Rows, people: Sequence[dict[str, Any]], clinic: UUID, hospital: UUID, on: date
) -> list[Encounter]:
    """Those who lay at the hospital in the last weeks: some ready to go down, some gone with a plan, one kept."""
    old = [each for each in people if age_on(each["birth_date"], on) >= 50]
    found = []
    for number, (stay, person) in enumerate(zip(STAYS, old[:: max(1, len(old) // len(STAYS))], strict=False)):
        chance = Chance(f"{_SEED} stay {number}")
        day = on - timedelta(days=stay.days)
        row = _visit(made, person, hospital, day, chance, [], {"sbp": 138, "dbp": 84}, stay=stay)
        if stay.stage is not Stage.NONE:
            row.stage, row.stage_at = stay.stage.value, _at(on - timedelta(days=stay.ready), chance)
        if stay.left:
            row.ended_at = _at(on - timedelta(days=stay.left), chance)
            row.disposition = "好转出院"
            row.kept_reason = "" if stay.plan else KEPT
        if stay.plan:
            made.plans.append(_plan(person, row, stay, clinic, on))
            due = on + timedelta(days=7 - stay.left)
            made.contacts.append(
                _contact(person, hospital, due, "demo-guidance", "上级医院随诊指导", ContactKind.GUIDANCE)
            )
        found.append(row)
    return found


def _plan(person: dict[str, Any], row: Encounter, stay: Stay, clinic: UUID, on: date) -> CarePlan:
    assert row.ended_at is not None
    return CarePlan(
        id=stable_id("records", row.source_key, "plan"),
        resident_id=person["id"],
        institution_id=row.institution_id,
        source=SOURCE,
        source_key=f"{row.source_key}#plan",
        made_at=row.ended_at,
        receiver_id=clinic,
        author_name=row.clinician_name,
        code=stay.code,
        name=stay.name,
        treatment=stay.treatment,
        rehabilitation="床旁与居家肢体训练，每日两次。",
        nursing="防跌倒，观察伤口和血压。",
        warnings=["症状加重", "血压≥180/110 mmHg"],
        next_visit_on=on + timedelta(days=14),
    )


def _contact(
    person: dict[str, Any],
    institution: UUID,
    due: date,
    key: str,
    words: str,
    kind: ContactKind = ContactKind.FOLLOW_UP,
) -> PlannedContact:
    return PlannedContact(
        id=stable_id("records", str(person["id"]), key),
        resident_id=person["id"],
        institution_id=institution,
        planner_id=institution,
        source=SOURCE,
        source_key=f"{person['id']}-{key}",
        kind=kind.value,
        due_on=due,
        way=Way.PHONE.value,
        words=words,
    )


def _relate(desk: Actor, stay: Encounter, hospital: UUID | None) -> None:
    """Who lies at the hospital is treated there."""
    if hospital is None or stay.ended_at is not None:
        return
    access.relate(
        desk,
        resident_id=stay.resident_id,
        institution_id=hospital,
        division_code=desk.division_code or "",
        kind=Basis.ENCOUNTER,
        source_id=stay.id,
    )


def _at(day: date, chance: Chance) -> datetime:
    """A time of that day's clinic."""
    return datetime.combine(day, time(chance.randint(8, 16), chance.randint(0, 59)), ZONE)
