"""The kinds of request of this app: what each asks before it goes, and what follows from each step."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from tiercare.apps.capacity import commands as capacity
from tiercare.apps.capacity.queries.centre import unit_of
from tiercare.apps.capacity.rules.cases import CaseKind, may_open
from tiercare.apps.exchange.rules.acting import Said, Standing
from tiercare.apps.exchange.rules.kinds import Kind as RequestKind
from tiercare.apps.exchange.rules.kinds import Payload, register
from tiercare.apps.exchange.workflow import Act, Leg
from tiercare.apps.records import commands as records
from tiercare.apps.records.rules.entries import Diagnosis, Drug
from tiercare.apps.records.rules.vocabulary import ContactKind, VisitKind
from tiercare.engines.guidelines import Direction
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal

from ..queries.asked import CRITERIA, GROUPS, PARTS, asked_of
from ..queries.destinations import objection
from ..rules import payload as rules
from ..rules.vocabulary import KIND_NAMES, Kind
from . import filing
from .packing import pack

# What is kept of each drug's standing to the receiver's list.
_GAP = ("held", "listed", "instead", "instead_words")


def _up(said: Payload, standing: Standing) -> list[Refusal]:
    return rules.up_refusals(said, asked_of(CRITERIA, standing))


def _lateral(said: Payload, standing: Standing) -> list[Refusal]:
    return rules.up_refusals(said, rules.Asked())


def _down(said: Payload, standing: Standing) -> list[Refusal]:
    return rules.down_refusals(said, asked_of(GROUPS, standing), asked_of(PARTS, standing))


def _advice(said: Payload, standing: Standing) -> list[Refusal]:
    return rules.advice_refusals(said)


def _report(said: Payload, standing: Standing) -> list[Refusal]:
    return rules.report_refusals(said)


def _answer(said: Payload, standing: Standing) -> list[Refusal]:
    return rules.answer_refusals(said)


def _able(actor: Actor, standing: Standing, to: UUID) -> Refusal | None:
    """Closed, not licensed, itself: never because of a consortium. Judged for whoever sends, also where another passes
    the request on."""
    return objection(
        replace(actor, institution_id=standing.sender),
        resident_id=standing.resident_id,
        institution_id=to,
        specialty=standing.specialty,
        direction=Direction.DOWN if standing.kind == Kind.DOWN else Direction.UP,
    )


def _sent(actor: Actor, standing: Standing, said: Said) -> None:
    pack(actor, standing, {**standing.payload, **(said.content or {})})


def _accepted(actor: Actor, standing: Standing, said: Said) -> None:
    """The insurer is told (XH-45). Whoever needs a bed gets an admission by the green channel with the acceptance (NHC-42),
    where the hospital runs an admission centre and the department is known."""
    filing.begin(actor, standing)
    department = said.department or (said.content or {}).get("department_id")
    if not standing.payload.get("needs_admission") or not department or actor.institution_id is None:
        return
    # A hospital without such a centre accepts all the same, and admits as it does.
    if may_open(CaseKind.ADMISSION, unit_of(actor.institution_id), tier=None) is not None:
        return
    capacity.open_case(
        actor,
        kind=CaseKind.ADMISSION,
        institution_id=actor.institution_id,
        resident_id=standing.resident_id,
        department_id=UUID(str(department)),
    )


def _reported(actor: Actor, standing: Standing, said: Said) -> None:
    """What was found stands in the record too, where the next one looks for it."""
    content = said.content or {}
    diagnosis = str(content.get("diagnosis", ""))
    code = str(content.get("diagnosis_code", "") or standing.problem_code)
    records.note_visit(
        actor,
        resident_id=standing.resident_id,
        kind=VisitKind.OUTPATIENT,
        complaint=standing.problem,
        findings=str(content.get("findings", "")),
        treatment=str(content.get("treatment", "")),
        disposition=str(content.get("advice", "")),
        conditions=(Diagnosis(code, diagnosis or standing.problem),) if code else (),
        request_id=standing.id,
    )


def _went_down(actor: Actor, standing: Standing, said: Said) -> None:
    """The plan stands with whoever goes on treating, and the hospital keeps dates for its guidance (XH-50)."""
    payload = {**standing.payload, **(said.content or {})}
    _sent(actor, standing, said)
    plan: dict[str, Any] = payload.get("plan") or {}
    drugs = plan.get("drugs") or ()
    records.end_plan(
        actor, request_id=standing.id
    )  # of a referral that came back, and goes again with another
    plan_id = records.make_plan(
        actor,
        resident_id=standing.resident_id,
        code=standing.problem_code,
        name=standing.problem,
        treatment=str(plan.get("treatment", "")),
        rehabilitation=str(plan.get("rehabilitation", "")),
        nursing=str(plan.get("nursing", "")),
        warnings=tuple(plan.get("warnings") or ()),
        drugs=tuple(
            Drug(
                name=str(each.get("name", "")), code=str(each.get("code", "")), dose=str(each.get("dose", ""))
            )
            for each in drugs
        ),
        gap=tuple({key: str(each[key]) for key in _GAP if each.get(key)} for each in drugs),
        next_visit_on=_day(plan.get("next_visit_on")),
        receiver_id=said.to or standing.receiver,
        request_id=standing.id,
    )
    for each in payload.get("guidance") or ():
        records.plan_contact(
            actor,
            resident_id=standing.resident_id,
            kind=ContactKind.GUIDANCE,
            due_on=date.fromisoformat(str(each["due_on"])),
            words=str(each.get("words", "")),
            plan_id=plan_id,
            request_id=standing.id,
        )


def _came_back(actor: Actor, standing: Standing, said: Said) -> None:
    """Nobody goes on by the plan of a referral that was returned or given up; what was filed is taken back."""
    records.end_plan(actor, request_id=standing.id, houses=standing.houses)
    filing.end(actor, standing)


def _arrived(actor: Actor, standing: Standing, said: Said) -> None:
    """An emergency that nobody accepted is filed when it arrives; all others are already."""
    filing.begin(actor, standing)


def _off(actor: Actor, standing: Standing, said: Said) -> None:
    """What was filed of a referral that is off is taken back."""
    filing.end(actor, standing)


def _taken_over(actor: Actor, standing: Standing, said: Said) -> None:
    """The insurer is told (XH-45), and the receiver's first contact planned, on the day that the plan names."""
    filing.begin(actor, standing)
    due = _day((standing.payload.get("plan") or {}).get("next_visit_on"))
    if due is not None and actor.institution_id is not None:
        records.plan_contact(
            actor,
            resident_id=standing.resident_id,
            kind=ContactKind.FOLLOW_UP,
            due_on=due,
            request_id=standing.id,
        )


def _day(said: object) -> date | None:
    return date.fromisoformat(str(said)) if said else None


def register_kinds() -> None:
    """Make the kinds of this app known; called while the apps are set up."""
    visit = (Leg.VISIT,)
    filed = {Act.ARRIVE: _arrived, **dict.fromkeys((Act.RETURN, Act.CANCEL, Act.DIE), _off)}
    seen = {**filed, Act.ACCEPT: _accepted, Act.REPORT: _reported, Act.SUBMIT: _sent}
    register(
        RequestKind(Kind.UP, KIND_NAMES[Kind.UP], visit, {Act.SUBMIT: _up, Act.REPORT: _report}, seen, _able)
    )
    register(
        RequestKind(
            Kind.LATERAL,
            KIND_NAMES[Kind.LATERAL],
            visit,
            {Act.SUBMIT: _lateral, Act.REPORT: _report},
            seen,
            _able,
        )
    )
    register(
        RequestKind(
            Kind.DOWN,
            KIND_NAMES[Kind.DOWN],
            visit,
            {Act.SUBMIT: _down, Act.REPORT: _report},
            {
                **filed,
                Act.SUBMIT: _went_down,
                Act.ACCEPT: _taken_over,
                Act.REPORT: _reported,
                **dict.fromkeys((Act.RETURN, Act.WITHDRAW, Act.CANCEL), _came_back),
            },
            _able,
        )
    )
    register(
        RequestKind(
            Kind.ADVICE,
            KIND_NAMES[Kind.ADVICE],
            (Leg.REMOTE,),
            {Act.SUBMIT: _advice, Act.REPORT: _answer},
            {Act.SUBMIT: _sent},
        )
    )
