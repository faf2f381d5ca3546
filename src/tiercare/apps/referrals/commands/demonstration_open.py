"""Requests that are under way in a demonstration, in every state that a page shows; made up, like all of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from tiercare.apps.exchange import commands as exchange
from tiercare.apps.exchange.commands import Content
from tiercare.apps.exchange.rules.acting import Said
from tiercare.apps.exchange.rules.kinds import Urgency
from tiercare.apps.exchange.workflow import Act
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.records import commands as records
from tiercare.apps.records.rules.entries import Diagnosis, Reading
from tiercare.apps.records.rules.vocabulary import VisitKind
from tiercare.kernel.actor import Actor

from .demonstration_people import MARK, People, first_place, patients
from .sending import send
from .starting import start

# Each: diagnosis, complaint, hours ago that it was sent, and what became of it since.
_CASES: tuple[tuple[str, str, str, float, str], ...] = (
    ("I25.1", "冠状动脉粥样硬化性心脏病", "活动后胸闷一月，心电图ST段改变", 0.1, "sent"),
    ("J44.9", "慢性阻塞性肺疾病", "咳喘加重三天", 30, "scheduled"),
    ("E11.9", "2型糖尿病", "空腹血糖反复高于 13 mmol/L", 50, "returned"),
    ("I63.9", "脑梗死恢复期", "言语欠清，要求复查", 80, "overdue"),
    ("N18.3", "慢性肾脏病3期", "血肌酐升高", 6, "accepted"),
    ("I10", "原发性高血压", "血压波动", 4, "advice"),
    ("K80.2", "胆囊结石", "右上腹痛反复", 0, "draft"),
)


def leave_open(people: People, *, besides: UUID | None) -> int:
    """Leave one request in each of these states at the two institutions; returns how many. The clock is moved into the
    last days for each, and set back by the caller's."""
    now = ledger_queries.now()
    count = 0
    for patient, case in zip(patients(people.doctor, besides=besides), _CASES, strict=False):
        _one(people, patient, now, *case)
        count += 1
    return count


def _one(
    people: People, patient: UUID, now: datetime, code: str, name: str, complaint: str, ago: float, fate: str
) -> None:
    doctor, office = people.doctor, people.office
    _at(now - timedelta(hours=ago))
    records.note_visit(
        doctor,
        resident_id=patient,
        kind=VisitKind.OUTPATIENT,
        complaint=complaint,
        conditions=(Diagnosis(code, name),),
        readings=(Reading("sbp", Decimal(142), unit="mmHg"), Reading("dbp", Decimal(88), unit="mmHg")),
    )
    kind = "advice" if fate == "advice" else "up"
    row = start(doctor, resident_id=patient, kind=kind, problem_code=code, problem=name)
    said: dict[str, object] = {MARK: True}
    if kind == "advice":
        said["question"] = f"{complaint}，下一步如何处理？"
    else:
        said |= {"reason": complaint, "ground": {"criterion": "", "severity": "", "beyond": "capacity"}}
    urgency = Urgency.URGENT if fate == "sent" else Urgency.ROUTINE
    content = Content(to_institution=office.institution_id, urgency=urgency, specialty="03", payload=said)
    exchange.amend(doctor, request_id=row.id, content=content)
    if fate == "draft":
        return
    slot = first_place(people, patient, ("03",), within=timedelta(days=10)) if fate == "scheduled" else None
    if slot is not None:
        exchange.hold_place(doctor, request_id=row.id, slot_id=slot)
    send(doctor, request_id=row.id)
    _goes_on(office, row.id, now, ago, fate)


def _goes_on(office: Actor, request_id: UUID, now: datetime, ago: float, fate: str) -> None:
    if fate in {"sent", "overdue"}:
        return
    _at(now - timedelta(hours=ago / 2))
    exchange.receive(office, request_id=request_id)
    if fate == "returned":
        said = Said(
            code="incomplete",
            words="请补充近三个月糖化血红蛋白和尿微量白蛋白结果。",
            alternative={"missing": "糖化血红蛋白、尿微量白蛋白/肌酐", "advice": "可先加用二甲双胍"},
        )
        exchange.turn(office, request_id=request_id, act=Act.RETURN, said=said)
        return
    exchange.turn(office, request_id=request_id, act=Act.ACCEPT)
    if fate == "advice":
        answer = {"advice": "建议先做24小时动态血压；如夜间血压不降或靶器官有损害，再转来。"}
        exchange.turn(office, request_id=request_id, act=Act.REPORT, said=Said(content=answer))


def _at(moment: datetime) -> None:
    ledger.set_clock(Actor.system("cli"), at=moment)
