"""Referrals of the demonstration's township to its county hospital, one in each state that an office sees to."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from planted_places import _as

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.capacity.models import Slot
from tiercare.apps.exchange import commands as exchange
from tiercare.apps.exchange.models import Request
from tiercare.apps.exchange.rules.acting import Said
from tiercare.apps.exchange.workflow import Act
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.records import commands as records
from tiercare.apps.records.rules.entries import Diagnosis, Drug, Reading
from tiercare.apps.records.rules.vocabulary import VisitKind
from tiercare.apps.referrals import commands
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor

REPORT = {
    "diagnosis": "高血压病3级（很高危）",
    "diagnosis_code": "I10",
    "findings": "心脏彩超：左室肥厚；尿微量白蛋白升高",
    "treatment": "调整为氨氯地平联合缬沙坦",
    "advice": "两周后复诊，家庭自测血压并记录",
}
BACK = Said(code="incomplete", words="缺少近期化验", alternative={"missing": "请补充血钾、肌酐和心电图"})
# What is done to each after it was sent.
_STATES: tuple[tuple[Act, ...], ...] = (
    (),
    (),
    (),
    (Act.ACCEPT,),
    (Act.ACCEPT, Act.ARRIVE),
    (Act.ACCEPT, Act.ARRIVE, Act.TAKE_IN),
    (Act.ACCEPT, Act.ARRIVE, Act.REPORT),
    (Act.RETURN,),
)


def plant(region: str = "wuhu") -> None:
    """Write, send and take on the referrals; once. The last of the township's residents are taken: other journeys take
    the first."""
    office, doctor = _as(region, Role.REFERRAL_OFFICE), _as(region, Role.PRIMARY_DOCTOR)
    with scoped(doctor):
        if Request.objects.exists():
            return
        whom = [each.id for each in residents.listed(doctor, limit=60) if each.deceased_on is None][
            -len(_STATES) - 1 :
        ]
    place = _free_place(office)
    for number, (resident, acts) in enumerate(zip(whom, _STATES, strict=False)):
        _visit(doctor, resident)
        row = commands.start(
            doctor, resident_id=resident, kind="up", problem_code="I10", problem="原发性高血压"
        )
        payload = {
            "findings": "血压 186/112 mmHg，头晕两周",
            "treatment": "氨氯地平 5mg，效果不佳",
            "wanted": "评估靶器官损害，调整用药",
        }
        payload |= {"reason": "血压控制不佳，疑有靶器官损害"}
        content = exchange.Content(to_institution=office.institution_id, specialty="03.04", payload=payload)
        exchange.amend(doctor, request_id=row.id, content=content)
        if number == 0 and place is not None:
            exchange.hold_place(doctor, request_id=row.id, slot_id=place)
        commands.send(doctor, request_id=row.id)
        for act in acts:
            said = BACK if act is Act.RETURN else Said(content=REPORT) if act is Act.REPORT else None
            exchange.turn(office, request_id=row.id, act=act, said=said)
    _asked(doctor, office, whom[-1])


def _asked(doctor: Actor, office: Actor, resident: UUID) -> None:
    row = commands.start(
        doctor, resident_id=resident, kind="advice", problem_code="E11", problem="2 型糖尿病"
    )
    content = exchange.Content(
        to_institution=office.institution_id,
        payload={"question": "二甲双胍足量后糖化仍 8.5%，是否加用胰岛素？"},
    )
    commands.send(doctor, request_id=row.id, content=content)


def _visit(doctor: Actor, resident: UUID) -> None:
    records.note_visit(
        doctor,
        resident_id=resident,
        kind=VisitKind.OUTPATIENT,
        complaint="头晕两周",
        conditions=(Diagnosis("I10", "原发性高血压"),),
        readings=(
            Reading("sbp", Decimal(186), unit="mmHg", name="收缩压"),
            Reading("dbp", Decimal(112), unit="mmHg", name="舒张压"),
        ),
        drugs=(Drug("苯磺酸氨氯地平片", code="C08CA01", dose="5 mg 每日一次", long_term=True),),
    )


def _free_place(office: Actor) -> UUID | None:
    """One of the cardiologist's of the day after tomorrow or later."""
    after: datetime = ledger.now() + timedelta(days=2)
    found: UUID | None = (
        Slot.objects.filter(
            session__institution_id=office.institution_id,
            session__specialty_code="03.04",
            during__startswith__gt=after,
        )
        .order_by("during")
        .values_list("id", flat=True)
        .first()
    )
    return found
