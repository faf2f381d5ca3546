"""One referral that closes, played for the demonstration: up with a place in hand, treated, down with a plan, followed up.

All of it is made up; the platform's clock is moved through the fortnight and set back afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from tiercare.apps.access.queries import scoped
from tiercare.apps.exchange import commands as exchange
from tiercare.apps.exchange.commands import Content, Turned
from tiercare.apps.exchange.models import Desk, Request
from tiercare.apps.exchange.rules.acting import Said
from tiercare.apps.exchange.workflow import ACT_NAMES, STATE_NAMES, Act, State
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.records import commands as records
from tiercare.apps.records import queries as record_queries
from tiercare.apps.records.rules.entries import Diagnosis, Drug, Reading
from tiercare.apps.records.rules.vocabulary import Stage, VisitKind
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE
from tiercare.kernel.text import Text

from .demonstration_open import leave_open
from .demonstration_people import MARK, People, first_place, patients
from .sending import send
from .starting import go_down, start

_HYPERTENSION = Diagnosis("I10", "原发性高血压")
# Days before today on which the story goes on. Made up, like all of it.
_FIRST, _REFERRED, _REPORTED, _FOLLOWED = 26, 12, 6, 1


@dataclass(frozen=True, slots=True)
class Told:
    """A step of the story: who must see to it from then on (an institution's id; nobody when it is over), by when."""

    at: datetime
    act: Text
    state: Text
    owner: UUID | None
    due_at: datetime | None


@dataclass
class _Story:
    people: People
    today: date
    told: list[Told] = field(default_factory=list)

    def at(self, days: int, hour: int, minute: int = 0) -> None:
        """Move the clock: so many days before today."""
        moment = datetime.combine(self.today - timedelta(days=days), time(hour, minute), ZONE)
        ledger.set_clock(Actor.system("cli"), at=moment)

    def note(self, act: Text, turned: Turned) -> Turned:
        """Keep what a step led to."""
        owner = turned.owner.institution_id if turned.owner else None
        self.told.append(Told(ledger_queries.now(), act, STATE_NAMES[turned.state], owner, turned.due_at))
        return turned

    def turn(self, actor: Actor, request_id: UUID, act: Act, said: Said | None = None) -> Turned:
        """Take the request on, and keep what that led to."""
        return self.note(ACT_NAMES[act], exchange.turn(actor, request_id=request_id, act=act, said=said))


@transaction.atomic
def play_loop(people: People) -> list[Told]:
    """Play the story once, for a resident of the clinic who has a family doctor there; nothing where it was played, or
    where there is nobody. Ended on the way it leaves nothing, and the clock as it was.

    Raises:
        Refused: if this database is no demonstration.
    """
    installed = ledger_queries.installation()
    with scoped(people.doctor):
        if Request.objects.filter(payload__has_key=MARK).exists():
            return []
    patient = hero(people)
    if patient is None:
        return []
    story = _Story(people, ledger_queries.today())
    story.at(_FIRST, 9)
    _desks(people)
    _measure(people.doctor, patient, 164, 100, "头晕两周")
    up = _refer_up(story, patient)
    _treat(story, up, patient)
    _send_down(story, up, patient)
    ledger.set_clock(Actor.system("cli"), at=installed.clock_override)
    leave_open(people, besides=patient)
    ledger.set_clock(Actor.system("cli"), at=installed.clock_override)
    return story.told


def hero(people: People) -> UUID | None:
    """The resident whom the story is about; ``None`` where nobody has signed at the clinic."""
    return next(patients(people.doctor, besides=None), None)


def _desks(people: People) -> None:
    """Both institutions name who answers for referrals (XH-42)."""
    for actor, name in ((people.doctor, "双向转诊室"), (people.office, "转诊办公室")):
        if not Desk.objects.filter(institution_id=actor.institution_id).exists():
            assert actor.account_id is not None
            exchange.keep_desk(actor, name=name, phone="", staff=[actor.account_id])


def _measure(doctor: Actor, patient: UUID, sbp: int, dbp: int, complaint: str, *more: Reading) -> None:
    records.note_visit(
        doctor,
        resident_id=patient,
        kind=VisitKind.OUTPATIENT,
        complaint=complaint,
        conditions=(_HYPERTENSION,),
        readings=(
            Reading("sbp", Decimal(sbp), unit="mmHg"),
            Reading("dbp", Decimal(dbp), unit="mmHg"),
            *more,
        ),
        drugs=(Drug("苯磺酸氨氯地平片", code="C08CA01", dose="5 mg 每日一次", long_term=True),),
    )


def _refer_up(story: _Story, patient: UUID) -> UUID:
    """The township refers with a place in hand where the hospital has one, and the hospital accepts."""
    people = story.people
    story.at(_REFERRED, 8, 30)
    damage = Reading("organ_damage", words="yes", name="靶器官损害：心电图示左室高电压")
    _measure(people.doctor, patient, 172, 106, "头晕加重，服药后血压仍高", damage)
    code, name = _HYPERTENSION.code, _HYPERTENSION.name
    row = start(people.doctor, resident_id=patient, kind="up", problem_code=code, problem=name)
    wanted = {MARK: True, "wanted": "评估靶器官损害，调整用药", "choice": {"by": "resident", "offered": 3}}
    content = Content(to_institution=people.office.institution_id, payload=wanted)
    if not row.payload.get("reason"):
        content = Content(
            to_institution=people.office.institution_id,
            payload={**wanted, "reason": "血压连续两次未控制，怀疑靶器官损害"},
        )
    exchange.amend(people.doctor, request_id=row.id, content=content)
    within = timedelta(days=_REFERRED - _REPORTED - 1)
    slot = first_place(people, patient, ("03.04", "03"), within=within)
    if slot is not None:
        exchange.hold_place(people.doctor, request_id=row.id, slot_id=slot)
    story.note(ACT_NAMES[Act.SUBMIT], send(people.doctor, request_id=row.id))
    story.at(_REFERRED, 8, 42)
    exchange.receive(people.office, request_id=row.id)
    accepted = story.turn(people.office, row.id, Act.ACCEPT)
    if accepted.state is State.ACCEPTED:
        at = datetime.combine(ledger_queries.today() + timedelta(days=2), time(9), ZONE)
        story.turn(people.office, row.id, Act.SCHEDULE, Said(at=at, words="与患者电话约定"))
    return row.id


def _treat(story: _Story, request_id: UUID, patient: UUID) -> None:
    """The resident comes, is seen, and marked as stable once the medicine is changed."""
    with scoped(story.people.office):
        planned = Request.objects.values_list("planned_at", flat=True).get(id=request_id)
    assert planned is not None
    day = (story.today - planned.astimezone(ZONE).date()).days
    hour = planned.astimezone(ZONE).hour
    story.at(day, hour, 0)
    story.turn(story.people.office, request_id, Act.ARRIVE)
    story.at(day, hour, 40)
    story.turn(story.people.clinician, request_id, Act.TAKE_IN)
    records.note_visit(
        story.people.clinician,
        resident_id=patient,
        kind=VisitKind.INPATIENT,
        complaint="血压控制不佳，靶器官损害待查",
        findings="心脏彩超：左室轻度肥厚；颈动脉未见斑块",
        treatment="氨氯地平联合缬沙坦",
        conditions=(Diagnosis("I11.9", "高血压性心脏病"),),
        readings=(Reading("sbp", Decimal(150), unit="mmHg"), Reading("dbp", Decimal(92), unit="mmHg")),
        stage=Stage.CHRONIC_STABLE,
        request_id=request_id,
    )


def _send_down(story: _Story, up: UUID, patient: UUID) -> None:
    """The hospital reports and sends down with a plan; the family doctor takes over, follows up and reports back."""
    people = story.people
    story.at(_REPORTED, 10)
    report = {
        "diagnosis": "高血压3级，高血压性心脏病",
        "findings": "左室轻度肥厚，肾功能正常",
        "treatment": "氨氯地平 5 mg 联合缬沙坦 80 mg，每日一次",
        "advice": "每周测血压两次，两周内由家庭医生随访",
    }
    story.turn(people.clinician, up, Act.REPORT, Said(content=report))
    ready = [each for each in record_queries.going_down(people.clinician) if each.resident_id == patient]
    row = go_down(people.clinician, encounter_id=ready[0].encounter_id)
    next_visit = story.today - timedelta(days=_FOLLOWED)
    plan = {
        "treatment": "氨氯地平 5 mg、缬沙坦 80 mg，每日晨服",
        "rehabilitation": "每周步行五次，每次三十分钟",
        "nursing": "低盐饮食，家庭自测血压并记录",
        "drugs": [
            {"name": "苯磺酸氨氯地平片", "code": "C08CA01", "dose": "5 mg 每日一次"},
            {"name": "缬沙坦胶囊", "code": "C09CA03", "dose": "80 mg 每日一次"},
        ],
        "warnings": ["收缩压 ≥180 mmHg", "胸痛、气促", "肢体麻木、言语不清"],
        "next_visit_on": next_visit.isoformat(),
    }
    guidance = [{"due_on": (story.today + timedelta(days=8)).isoformat(), "words": "电话指导：血压与用药"}]
    content = Content(
        to_institution=people.doctor.institution_id,
        payload={MARK: True, "reason": "病情稳定，转回基层继续治疗", "plan": plan, "guidance": guidance},
    )
    sent = send(people.clinician, request_id=row.id, content=content)
    story.note(Text("下转提交", "Send down"), sent)
    story.at(_REPORTED, 10, 30)
    story.turn(people.doctor, up, Act.ACKNOWLEDGE)
    exchange.receive(people.doctor, request_id=row.id)
    story.turn(people.doctor, row.id, Act.ACCEPT)
    at = datetime.combine(next_visit, time(9), ZONE)
    story.turn(people.doctor, row.id, Act.SCHEDULE, Said(at=at))
    _follow_up(story, row.id, patient)


def _follow_up(story: _Story, request_id: UUID, patient: UUID) -> None:
    people = story.people
    story.at(_FOLLOWED, 9)
    story.turn(people.doctor, request_id, Act.ARRIVE)
    _measure(people.doctor, patient, 136, 84, "按时服药，无不适")
    story.turn(people.doctor, request_id, Act.TAKE_IN)
    report = {"diagnosis": "高血压，血压达标", "advice": "继续原方案，一个月后复诊", "treatment": "同前"}
    story.turn(people.doctor, request_id, Act.REPORT, Said(content=report))
    story.at(_FOLLOWED, 15)
    story.turn(people.office, request_id, Act.ACKNOWLEDGE)
