"""Places of the demonstration's county hospital for the fortnight from tomorrow, and residents with a family doctor."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID

from psycopg.types.range import DateRange

from tiercare.apps.access.models import Grant
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.capacity import commands
from tiercare.apps.capacity.models import Pool, Slot
from tiercare.apps.capacity.rules.planning import Planned
from tiercare.apps.capacity.rules.vocabulary import Channel, Grade, Kind
from tiercare.apps.capacity.workflow import Act
from tiercare.apps.ledger import commands as ledger_commands
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.residents import queries as residents
from tiercare.apps.residents.models import ResponsibleDoctor
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE
from tiercare.kernel.ids import uuid7

SIGNED = 5
_FAMILY, _MEMBER, _OPEN = Channel.FAMILY_DOCTOR, Channel.MEMBER, Channel.OPEN
# Code, name, grade, specialty, minutes of a slot, places by channel, days from today.
_POOLS = (
    ("xxg", "心血管内科专家门诊", Grade.EXPERT, "03.04", 30, {_FAMILY: 2, _MEMBER: 2, _OPEN: 4}, range(1, 9)),
    ("nk", "内科普通门诊", Grade.ORDINARY, "03", None, {_FAMILY: 4, _OPEN: 16}, range(1, 13)),
    ("yk", "眼科门诊", Grade.ORDINARY, "10", 15, {_FAMILY: 3, _OPEN: 9}, range(2, 13, 2)),
    ("wk", "外科专家门诊", Grade.EXPERT, "04", None, {_FAMILY: 1, _OPEN: 1}, (9,)),
    ("ct", "CT 平扫", Grade.EXAM, "32", 15, {_FAMILY: 4, _OPEN: 8}, range(1, 8)),
)
_DETAILS = {"ct": {"preparation": "检查前去掉金属饰物；做过的片子请带来", "fasting": True}}


def plant(region: str = "wuhu") -> None:
    """Put it all on offer as the hospital's referral office would; once."""
    office, doctor = _as(region, Role.REFERRAL_OFFICE), _as(region, Role.PRIMARY_DOCTOR)
    assert office.institution_id is not None
    if Pool.objects.filter(institution_id=office.institution_id, code="xxg").exists():
        return
    for code, name, grade, specialty, minutes, units, days in _POOLS:
        kind = Kind.EXAM if grade is Grade.EXAM else Kind.CLINIC
        pool = Pool.objects.create(
            institution_id=office.institution_id,
            code=code,
            name=name,
            kind=kind.value,
            grade=grade.value,
            specialty_code=specialty,
            item=name if kind is Kind.EXAM else "",
            slot_minutes=minutes,
            details=_DETAILS.get(code, {"bring": "以前的病历和检查报告"}),
            period=DateRange(ledger.today(), None),
        )
        planned = [
            Planned(
                pool_id=pool.id,
                pool_name=name,
                kind=kind,
                grade=grade,
                starts=_at(ledger.today() + timedelta(days=n), time(8)),
                ends=_at(ledger.today() + timedelta(days=n), time(12)),
                capacity=sum(units.values()),
                by_time=minutes,
                place="门诊二楼 205",
                units=units,
            )
            for n in days
        ]
        commands.publish(office, institution_id=office.institution_id, planned=planned)
    _missed(region, office, doctor)
    with scoped(doctor):
        keeps = [each.id for each in residents.listed(doctor, limit=50) if each.keeps_file and each.phone]
        for each in keeps[:SIGNED]:
            _sign(doctor, each)


def _missed(region: str, office: Actor, doctor: Actor) -> None:
    """The fifth of those who have cards did not come the day before yesterday."""
    day = ledger.today() - timedelta(days=2)
    system = Actor.system("test")
    ledger_commands.set_clock(system, at=_at(day - timedelta(days=1), time(9)))
    try:
        pool = Pool.objects.create(
            institution_id=office.institution_id,
            code="pf",
            name="皮肤科门诊",
            kind=Kind.CLINIC.value,
            grade=Grade.ORDINARY.value,
            specialty_code="12",
            period=DateRange(ledger.today(), None),
        )
        planned = Planned(
            pool_id=pool.id,
            pool_name=pool.name,
            kind=Kind.CLINIC,
            grade=Grade.ORDINARY,
            starts=_at(day, time(8)),
            ends=_at(day, time(12)),
            capacity=8,
            units={_FAMILY: 2, _OPEN: 6},
        )
        made = commands.publish(office, institution_id=office.institution_id, planned=[planned])
        with scoped(doctor):
            keeps = [each.id for each in residents.listed(doctor, limit=50) if each.keeps_file and each.phone]
        slot = Slot.objects.get(session_id=made.session_ids[0])
        taken = commands.book(doctor, slot_id=slot.id, resident_id=keeps[SIGNED - 1])
    finally:
        ledger_commands.set_clock(system, at=None)
    commands.turn(office, booking_id=taken.booking_id, act=Act.MISS)


def _sign(doctor: Actor, resident_id: UUID) -> None:
    ResponsibleDoctor.objects.create(
        resident_id=resident_id,
        institution_id=doctor.institution_id,
        doctor_name="示例医生",
        source="test",
        period=DateRange(ledger.today(), None),
    )


def _as(region: str, role: Role) -> Actor:
    grant = Grant.objects.get(account__username=f"{region}.{role.value}")
    return Actor(
        account_id=grant.account_id,
        name="演示",
        role=role.value,
        institution_id=grant.institution_id,
        division_code=grant.division_code,
        request_id=uuid7(),
    )


def _at(day: date, when: time) -> datetime:
    return datetime.combine(day, when, ZONE)
