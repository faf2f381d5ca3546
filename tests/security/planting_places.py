"""What the matrix asks about of capacity: sessions, bookings, and every row there that names the resident."""

from __future__ import annotations

from datetime import date, time, timedelta
from uuid import UUID

from psycopg.types.range import DateRange, TimestamptzRange

from tiercare.apps.access.queries import scoped
from tiercare.apps.capacity import commands
from tiercare.apps.capacity.models import (
    Appeal,
    Bed,
    CareUnit,
    Case,
    CaseStep,
    Conflict,
    Criteria,
    DayProcedure,
    Pool,
    Slot,
    Stay,
    Waiting,
)
from tiercare.apps.capacity.rules.absence import AppealState
from tiercare.apps.capacity.rules.beds import StayState
from tiercare.apps.capacity.rules.cases import CaseKind, CaseState, Step, StepState
from tiercare.apps.capacity.rules.criteria import Stage
from tiercare.apps.capacity.rules.feeds import Message as FeedMessage
from tiercare.apps.capacity.rules.feeds import ToldSession, ToldSlot
from tiercare.apps.capacity.rules.planning import Planned, at
from tiercare.apps.capacity.rules.vocabulary import Channel, Grade, Kind
from tiercare.apps.capacity.rules.waiting import Urgency, WaitingState
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.messages.models import Message
from tiercare.apps.network.models import Department
from tiercare.kernel.actor import Actor

from .world import World


def places_planted(world: World, places: dict[str, UUID]) -> dict[str, str]:
    """Three sessions of the hospital; in the first a place that the township booked for the resident, in the second
    one that it holds. Answers the ids by the words of the matrix."""
    office, doctor = world.actor("referral_office@sister"), world.actor("primary_doctor@own")
    hospital, day = places["hospital"], ledger.today() + timedelta(days=2)
    pool = Pool.objects.create(
        institution_id=hospital,
        code="xnk",
        name="心血管内科门诊",
        kind=Kind.CLINIC.value,
        grade=Grade.ORDINARY.value,
        specialty_code="03.04",
        period=DateRange(ledger.today(), None),
    )
    planned = [
        Planned(
            pool_id=pool.id,
            pool_name=pool.name,
            kind=Kind.CLINIC,
            grade=Grade.ORDINARY,
            starts=at(day, time(hour)),
            ends=at(day, time(hour + 1)),
            capacity=4,
        )
        for hour in (8, 9, 10)
    ]
    sessions = commands.publish(office, institution_id=hospital, planned=planned).session_ids
    slot, second, other = (Slot.objects.get(session_id=each).id for each in sessions)
    booking = commands.book(doctor, slot_id=slot, resident_id=world.resident).booking_id
    held = commands.book(doctor, slot_id=second, resident_id=world.resident, hold=True).booking_id
    found = {"pool": pool.id, "session": sessions[0], "slot": slot, "other_slot": other, "slot_day": day}
    found |= {"booking": booking, "held": held, "today": ledger.today()}
    ward = UUID(world.ids["ward"])
    found["ward_booking"] = commands.book(doctor, slot_id=slot, resident_id=ward).booking_id
    found["ward_waiting"] = commands.wait(doctor, pool_id=pool.id, resident_id=ward, first=day, last=day)
    found |= _told(office, day)
    with scoped(office):
        found |= _rows(pool, world.resident, places["institution"], booking)
    return {name: str(key) for name, key in found.items()}


def _told(office: Actor, day: date) -> dict[str, UUID]:
    """A file that waits, and a conflict with the hospital's own system."""
    content = "病区,床号\n示例病区,77\n".encode()
    file = commands.upload_places(office, file_name="床位.csv", content=content)
    session = ToldSession("s1", "nobody", at(day, time(14)), at(day, time(15)), slots=(_slot(day),))
    commands.receive(office, message=FeedMessage("his", 1, False, (), (session,)))
    return {"place_file": file.id, "conflict": Conflict.objects.get(told__key="s1").id}


def _slot(day: date) -> ToldSlot:
    return ToldSlot("s1-1", at(day, time(14)), at(day, time(15)), 4)


def _rows(pool: Pool, resident: UUID, township: UUID, booking: UUID) -> dict[str, UUID]:
    """One row of every other table that names a resident, so that there is something to be hidden."""
    hospital, now, today = pool.institution_id, ledger.now(), ledger.today()
    him = {"resident_id": resident, "institution_id": hospital}
    bed = Bed.objects.create(institution_id=hospital, ward="示例病区", number="1")
    stay = Stay.objects.create(
        bed=bed,
        during=TimestamptzRange(now, now + timedelta(hours=20)),
        state=StayState.PLANNED.value,
        **him,
    )
    own_bed = Bed.objects.create(institution_id=township, ward="示例病区", number="1")
    waiting = Waiting.objects.create(
        pool=pool,
        booked_by=township,
        channel=Channel.MEMBER.value,
        urgency=min(Urgency),
        first=today,
        last=today,
        state=WaitingState.WAITING.value,
        **him,
    )
    appeal = Appeal.objects.create(
        booking_id=booking, words="示例：当天住院", state=AppealState.OPEN.value, **him
    )
    procedure = DayProcedure.objects.create(
        institution_id=hospital, name="示例术式", period=DateRange(today, None)
    )
    criteria = Criteria.objects.create(
        institution_id=hospital,
        disease="示例病种",
        stage=Stage.DISCHARGE.value,
        version=1,
        items=["示例标准"],
        during=TimestamptzRange(now, None),
    )
    # The township runs a centre, so that somebody may open a case for the resident there.
    CareUnit.objects.create(
        institution_id=township, functions=[Step.ADMISSION.value], period=DateRange(today, None)
    )
    department = Department.objects.create(
        institution_id=township, name="示例科室", specialty_code="03", period=DateRange(today, None)
    )
    case = Case.objects.create(kind=CaseKind.ADMISSION.value, state=CaseState.OPEN.value, **him)
    CaseStep.objects.create(
        case=case,
        position=1,
        step=Step.ADMISSION.value,
        state=StepState.OPEN.value,
        due_at=now + timedelta(days=1),
        **him,
    )
    message = Message.objects.create(
        about="capacity.booking", about_id=booking, text="示例：请按时就诊", **him
    )
    found = {"bed": bed, "stay": stay, "waiting": waiting, "appeal": appeal, "case": case, "message": message}
    found |= {"procedure": procedure, "criteria": criteria, "case_department": department, "own_bed": own_bed}
    return {name: row.id for name, row in found.items()}
