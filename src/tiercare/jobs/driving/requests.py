"""How the sides of a request do what comes next to it, by the commands that their pages call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from tiercare.apps.access.rules import Role
from tiercare.apps.capacity import commands as capacity
from tiercare.apps.capacity.commands.demonstration_people import staff
from tiercare.apps.exchange import commands as exchange
from tiercare.apps.exchange.commands import Content
from tiercare.apps.exchange.rules.acting import Said
from tiercare.apps.exchange.workflow import Act
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.records import commands as records
from tiercare.apps.records.rules.entries import Diagnosis
from tiercare.apps.records.rules.vocabulary import Stage, VisitKind
from tiercare.apps.referrals import commands as referrals
from tiercare.kernel.actor import Actor

from .calls import Answer, Asked, Caller
from .ground import Ground
from .lives import Next, Seen, Side
from .looking import stay_of
from .script import Rates

API = "/api/requests"
FreePlace = Callable[[UUID, str], UUID | None]
_AGREED = timedelta(days=2)  # where no place is taken, a time so far ahead is agreed on
_LIES, _GUIDED = timedelta(days=3), timedelta(days=14)
# What a clinician does, not the office.
_TREATS = frozenset({Act.TAKE_IN, Act.REPORT})
_NEXT_VISIT = timedelta(days=5)


class Turning:
    """Takes requests on, one act each; ``free_place`` is where a hospital's office looks for a place: drawn by a name that is the
    same in every run of the seed."""

    def __init__(self, ground: Ground, call: Caller, rates: Rates, free_place: FreePlace) -> None:
        self.ground, self.call, self.rates = ground, call, rates
        self.free_place = free_place

    def house(self, seen: Seen, next_: Next) -> UUID:
        """The institution whose turn it is."""
        return seen.sender if next_.side is Side.SENDER or seen.receiver is None else seen.receiver

    def turn(self, seen: Seen, next_: Next) -> None:
        """The act, and what goes with it."""
        who, key = self._who(self.house(seen, next_), next_.act), f"{seen.id.hex}-{seen.steps}"
        if next_.side is Side.RECEIVER and not seen.received:
            asked = Asked(f"{API}/{seen.id}/receive", {}, {})
            self.call(who, "receive", key, lambda: _received(who, seen.id), asked=asked)
        if next_.act is Act.SUBMIT:
            self.call(who, "send again", key, lambda: _sent_again(who, seen.id))
            return
        if "lies" in next_.more:
            self._lie(seen, key)
        if next_.act is Act.REPORT:
            self._get_up(seen, key)
        if "down" in next_.more:
            self._go_down(seen, who, key)
        said = self._said(seen, next_)
        work = partial(_turned, who, seen, next_.act, said)
        asked = Asked(f"{API}/{seen.id}/acts/{next_.act.value}", _body(said), {"state": "state"})
        if self.call(who, next_.act.value, key, work, asked=asked) is not None:
            self.call.late_twin(who, next_.act.value, key, work)

    def _who(self, house: UUID, act: Act) -> Actor:
        clinic = self.ground.clinics.get(house)
        if clinic is not None:
            return clinic.doctor
        return staff(Role.CLINICIAN if act in _TREATS else Role.REFERRAL_OFFICE, house)

    def _said(self, seen: Seen, next_: Next) -> Said:
        match next_.act:
            case Act.RETURN:
                return Said("incomplete", "请补充近期检查结果。", {"missing": "近三个月检查结果"})
            case Act.REDIRECT:
                return Said("other", "本院近期无合适专科号源。", to=self._elsewhere(seen))
            case Act.SCHEDULE:
                slot = None
                if "place" in next_.more and seen.receiver is not None:
                    slot = self.free_place(seen.receiver, f"{seen.name}-{seen.steps}")
                return Said(words="与患者电话约定", slot=slot, at=None if slot else ledger.now() + _AGREED)
            case Act.REPORT:
                return Said(
                    content={
                        "diagnosis": seen.problem,
                        "advice": "按方案治疗，两周后复诊。",
                        "treatment": "已调整用药",
                    }
                )
            case Act.WITHDRAW | Act.CANCEL | Act.LEAVE | Act.MISS:
                return Said("other", "患者改变了安排。")
        return Said()

    def _elsewhere(self, seen: Seen) -> UUID | None:
        """Another hospital near the one who sent it; where there is none the act is refused."""
        clinic = self.ground.clinics.get(seen.sender)
        near = clinic.hospitals if clinic else ()
        return next((each for each in (*near, *self.ground.hospitals) if each != seen.receiver), None)

    # -- beds ---------------------------------------------------------------------------------------------------

    def _lie(self, seen: Seen, key: str) -> None:
        """A bed for whoever is taken in, if one is free."""
        assert seen.receiver is not None
        host = seen.receiver
        office, now = staff(Role.REFERRAL_OFFICE, host), ledger.now()

        def plan(bed: UUID) -> Answer:
            stay = capacity.plan_stay(
                office, bed_id=bed, resident_id=seen.resident_id, starts=now, until=now + _LIES
            )
            return {"stay": str(stay.id)}

        def admit(stay: UUID) -> Answer:
            capacity.admit(office, stay_id=stay)
            return {}

        for number, bed in enumerate(self.ground.beds.get(host, ())):
            found = self.call(office, "plan a bed", f"{key}-{number}", partial(plan, bed))
            if found is not None:
                self.call(office, "admit", key, partial(admit, UUID(found["stay"])))
                return

    def _get_up(self, seen: Seen, key: str) -> None:
        """Whoever lies at the hospital leaves it with the report."""
        if seen.receiver is None or seen.receiver not in self.ground.beds:
            return
        stay = stay_of(seen.resident_id, seen.receiver, "IN")
        if stay is None:
            return
        office = staff(Role.REFERRAL_OFFICE, seen.receiver)

        def discharge() -> Answer:
            capacity.discharge(office, stay_id=stay)
            return {}

        self.call(office, "discharge", key, discharge)

    # -- down ---------------------------------------------------------------------------------------------------

    def _go_down(self, seen: Seen, who: Actor, key: str) -> None:
        """Before the report: marked as stable, sent down with a plan. Broken off anywhere, it is taken up from the beginning."""

        def note() -> Answer:
            visit = records.note_visit(
                who,
                resident_id=seen.resident_id,
                kind=VisitKind.OUTPATIENT,
                complaint=seen.problem,
                treatment="病情稳定",
                conditions=(Diagnosis(seen.problem_code, seen.problem),),
                stage=Stage.CHRONIC_STABLE,
                request_id=seen.id,
            )
            return {"visit": str(visit)}

        noted = self.call(who, "note a visit", key, note)
        if noted is None:
            return

        def begin() -> Answer:
            row = referrals.go_down(who, encounter_id=UUID(noted["visit"]))
            return {"request": str(row.id)}

        begun = self.call(who, "start down", key, begin)
        if begun is None:
            return
        request, today = UUID(begun["request"]), ledger.today()
        plan = {
            "treatment": "原方案继续",
            "rehabilitation": "每周步行五次，每次三十分钟",
            "nursing": "低盐饮食，家庭自测血压",
            "warnings": ["胸痛、气促"],
            "next_visit_on": (today + _NEXT_VISIT).isoformat(),
        }
        guidance = [{"due_on": (today + _GUIDED).isoformat(), "words": "电话指导"}]
        payload = {"driven": True, "reason": "病情稳定，转回基层", "plan": plan, "guidance": guidance}
        content = Content(to_institution=seen.sender, payload=payload)

        def send() -> Answer:
            return {"state": referrals.send(who, request_id=request, content=content).state.value}

        self.call(who, "send down", key, send)


def _body(said: Said) -> dict[str, Any]:
    """What is said with an act, as the API takes it."""
    told: dict[str, Any] = {"code": said.code, "words": said.words}
    told |= {"alternative": dict(said.alternative)} if said.alternative else {}
    told |= {"content": dict(said.content)} if said.content else {}
    told |= {name: str(value) for name, value in (("to", said.to), ("slot", said.slot)) if value}
    return told | ({"at": said.at.isoformat()} if said.at else {})


def _received(who: Actor, request: UUID) -> Answer:
    exchange.receive(who, request_id=request)
    return {}


def _sent_again(who: Actor, request: UUID) -> Answer:
    """With what was missing; a place that was held is given up, the receiver names the time."""
    content = Content(payload={"findings": "补充：近三个月检查结果已上传。"})
    turned = referrals.send(who, request_id=request, content=content, without_place=True)
    return {"state": turned.state.value}


def _turned(who: Actor, seen: Seen, act: Act, said: Said) -> Answer:
    turned = exchange.turn(who, request_id=seen.id, act=act, said=said, version=seen.version)
    return {"state": turned.state.value}
