"""A clinic of the demonstration's township, which offers none by itself, and a patient of its county hospital who is ready to go
down to it. Run as a program by the journey that needs them; says the patient's resident id and the clinic's first day."""

from __future__ import annotations

import json
from datetime import datetime, time, timedelta
from uuid import UUID

import django

NAME, PLACES = "全科门诊（下转复诊）", 3
# Days from today: wherever the clock stands, each is still to come.
_FIRST, _LAST = 3, 5
# From the end of the third page of the list: those behind are planted elsewhere, those before are taken by other journeys.
_PATIENT = -10


def main() -> None:
    """Lay both down."""
    from planted_places import _as

    from tiercare.apps.access.rules import Role

    doctor = _as("wuhu", Role.PRIMARY_DOCTOR)
    print(json.dumps({"resident": str(_marked(doctor)), "day": _clinic(doctor)}))


def _clinic(doctor) -> str:
    from dataclasses import replace

    from psycopg.types.range import DateRange

    from tiercare.apps.access.rules import Role
    from tiercare.apps.capacity import commands
    from tiercare.apps.capacity.models import Pool
    from tiercare.apps.capacity.rules.planning import Planned
    from tiercare.apps.capacity.rules.vocabulary import Channel, Grade, Kind
    from tiercare.apps.ledger import queries as ledger
    from tiercare.kernel.clock import ZONE

    pool = Pool.objects.create(
        institution_id=doctor.institution_id,
        code="qkfz",
        name=NAME,
        kind=Kind.CLINIC.value,
        grade=Grade.ORDINARY.value,
        specialty_code="02",
        slot_minutes=30,
        period=DateRange(ledger.today(), None),
    )
    days = [ledger.today() + timedelta(days=n) for n in range(_FIRST, _LAST + 1)]
    planned = [
        Planned(
            pool_id=pool.id,
            pool_name=NAME,
            kind=Kind.CLINIC,
            grade=Grade.ORDINARY,
            starts=datetime.combine(day, time(8), ZONE),
            ends=datetime.combine(day, time(11), ZONE),
            capacity=2 * PLACES,
            by_time=30,
            units={Channel.REFERRAL: PLACES, Channel.OPEN: PLACES},
        )
        for day in days
    ]
    # The township's office, which the demonstration gives no account of its own.
    office = replace(doctor, role=Role.REFERRAL_OFFICE.value)
    commands.publish(office, institution_id=doctor.institution_id, planned=planned)
    return days[0].isoformat()


def _marked(doctor) -> UUID:
    """Was referred up, came, and is marked as stable."""
    from planted_places import _as

    from tiercare.apps.access.queries import scoped
    from tiercare.apps.access.rules import Role
    from tiercare.apps.exchange import commands as exchange
    from tiercare.apps.exchange.workflow import Act
    from tiercare.apps.records import commands as records
    from tiercare.apps.records.rules.entries import Diagnosis
    from tiercare.apps.records.rules.vocabulary import Stage, VisitKind
    from tiercare.apps.referrals import commands
    from tiercare.apps.residents import queries as residents

    hospital = _as("wuhu", Role.CLINICIAN)
    with scoped(doctor):
        whom = [each.id for each in residents.listed(doctor, limit=60) if each.deceased_on is None][_PATIENT]
    row = commands.start(doctor, resident_id=whom, kind="up", problem_code="I10", problem="原发性高血压")
    content = exchange.Content(
        to_institution=hospital.institution_id, specialty="03.04", payload={"reason": "血压控制不佳"}
    )
    commands.send(doctor, request_id=row.id, content=content)
    for act in (Act.ACCEPT, Act.ARRIVE, Act.TAKE_IN):
        exchange.turn(hospital, request_id=row.id, act=act)
    records.note_visit(
        hospital,
        resident_id=whom,
        kind=VisitKind.INPATIENT,
        conditions=(Diagnosis("I10", "原发性高血压"),),
        stage=Stage.CHRONIC_STABLE,
    )
    return whom


if __name__ == "__main__":
    django.setup()
    main()
