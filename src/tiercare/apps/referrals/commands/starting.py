"""Beginning a referral: prefilled from the record and the criteria, so that nothing is typed twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.exchange import commands as exchange
from tiercare.apps.exchange.models import Request
from tiercare.apps.exchange.queries import opened as opened_request
from tiercare.apps.exchange.queries import untouched
from tiercare.apps.exchange.rules.kinds import Urgency
from tiercare.apps.exchange.workflow import State
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.records import commands as records_commands
from tiercare.apps.records import queries as records
from tiercare.apps.records.rules.asked import NO_SUCH_PROMPT, Ground
from tiercare.apps.residents import queries as residents
from tiercare.engines.guidelines import Direction
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

from ..queries.hops import came_by
from ..queries.proposal import Proposal, proposal
from ..queries.ready import criteria_met
from ..queries.specialties import specialty_for
from ..rules import refusals
from ..rules.vocabulary import Group, Kind

# What the stages of a stay are among the groups that go down.
_GROUP_OF = {
    "CHRONIC_STABLE": Group.CHRONIC_STABLE,
    "ACUTE_RECOVERY": Group.CONVALESCENT,
    "POSTOP_RECOVERY": Group.CONVALESCENT,
    "CRITICAL_STABLE": Group.CONVALESCENT,
}


def start(
    actor: Actor,
    *,
    resident_id: UUID,
    kind: str,
    problem_code: str = "",
    problem: str = "",
    encounter_id: UUID | None = None,
    again: str = "",
) -> Request:
    """Begin a referral of a resident of the actor's institution. What the record and the criteria say stands in it;
    everything can be changed until it is sent. A patient who was sent here for the same problem goes on from here: that
    request is its parent (YN-22).

    Raises:
        Refused: as ``exchange.draft``; if the record is closed to the actor.
        KeyError: for a kind that is none.
    """
    direction = Direction.DOWN if kind == Kind.DOWN else Direction.UP
    told = proposal(actor, resident_id, direction=direction)
    code, name = (problem_code, problem) if problem_code or problem else told.problem
    if not code and not again.strip() and (begun := untouched(actor, resident_id, kind)):
        return begun  # pressed twice, where the first answer was lost
    return exchange.draft(
        actor,
        kind=kind,
        resident_id=resident_id,
        urgency=Urgency(told.urgency) if told.urgency is not None else Urgency.ROUTINE,
        problem_code=code,
        problem=name,
        specialty=specialty_for(code),
        payload={**_prefilled(told, kind), **({"encounter_id": str(encounter_id)} if encounter_id else {})},
        basis=told.basis(),
        parent_id=came_by(actor, resident_id, code) if kind == Kind.UP else None,
        again=again,
    )


def go_down(actor: Actor, *, encounter_id: UUID, again: str = "") -> Request:
    """Begin to send down a patient who is marked as ready: to the institution of their family doctor, if there is one.

    Raises:
        Refused: if there is no such visit of the actor's institution, or it is not marked.
    """
    refuse(may(actor, Right.REQUESTS_SEND, institution_id=actor.institution_id))
    found = next((each for each in records.going_down(actor) if each.encounter_id == encounter_id), None)
    if found is None:
        raise Refused(refusals.NO_CANDIDATE)
    row = start(
        actor,
        resident_id=found.resident_id,
        kind=Kind.DOWN,
        problem_code=found.code,
        problem=found.name,
        encounter_id=encounter_id,
        again=again,
    )
    group = _GROUP_OF.get(found.stage, "")
    _to_family_doctor(actor, row, {"group": group, "stage": found.stage})
    return row


def go_down_by_criteria(actor: Actor, *, case_id: UUID, again: str = "") -> Request:
    """Begin to send down a patient who met all criteria for discharge (XH-66): to the institution of their family doctor, if
    there is one. That the proposal was taken up is kept.

    Raises:
        Refused: if there is no such patient on the actor's institution's list.
    """
    refuse(may(actor, Right.REQUESTS_SEND, institution_id=actor.institution_id))
    found = next((each for each in criteria_met(actor) if each.case_id == case_id), None)
    if found is None:
        raise Refused(refusals.NO_CASE)
    row = start(actor, resident_id=found.resident_id, kind=Kind.DOWN, problem=found.disease, again=again)
    _to_family_doctor(actor, row, {"group": Group.CONVALESCENT, "case_id": str(case_id)})
    records_commands.answer_prompt(
        actor,
        ground=Ground.CRITERIA,
        source_id=case_id,
        taken=True,
        resident_id=found.resident_id,
        name=found.disease,
    )
    return row


def go_down_at_visit(actor: Actor, *, prompt_id: UUID, again: str = "") -> Request:
    """Take up the proposal that was shown at the end of a visit (NHC-51): begin a referral down of its diagnosis.

    Raises:
        Refused: if there is no such open proposal of the actor's institution.
    """
    refuse(may(actor, Right.REQUESTS_SEND, institution_id=actor.institution_id))
    found = next((each for each in records.open_prompts(actor) if each.id == prompt_id), None)
    if found is None:
        raise Refused(NO_SUCH_PROMPT)
    row = start(
        actor,
        resident_id=found.resident_id,
        kind=Kind.DOWN,
        problem_code=found.code,
        problem=found.name,
        encounter_id=found.source_id,
        again=again,
    )
    _to_family_doctor(actor, row, {"group": Group.CHRONIC_STABLE})
    records_commands.answer_prompt(actor, ground=Ground.VISIT, source_id=found.source_id, taken=True)
    return row


def _to_family_doctor(actor: Actor, row: Request, payload: Mapping[str, Any]) -> None:
    """To the institution of the resident's family doctor, if that is another one."""
    signed_at = residents.ground_to_book(
        row.resident_id, booker=actor.institution_id, on=ledger.today()
    ).signed_at
    content = exchange.Content(
        to_institution=signed_at if signed_at != actor.institution_id else None, payload=payload
    )
    exchange.amend(actor, request_id=row.id, content=content)


def convert(actor: Actor, *, request_id: UUID, kind: str = Kind.UP) -> Request:
    """Make a referral of a question that was answered, with everything that stands in it; the question is its parent.

    Raises:
        Refused: if the question is not the actor's institution's, or has no answer.
    """
    refuse(may(actor, Right.REQUESTS_SEND, institution_id=actor.institution_id))
    case = opened_request(actor, request_id)
    asked = case.standing
    answered = asked.state in {State.REPORTED, State.CLOSED} and asked.kind == Kind.ADVICE
    if not answered or asked.sender != actor.institution_id:
        raise Refused(refusals.NOT_ANSWERED)
    report = case.report
    payload: dict[str, Any] = {
        **{key: value for key, value in case.payload.items() if key not in {"question", "again"}},
        "reason": case.payload.get("reason") or case.payload.get("question", ""),
        "advice": dict(report.content) if report else {},
    }
    with scoped(actor):
        return exchange.draft(
            actor,
            kind=kind,
            resident_id=asked.resident_id,
            urgency=Urgency(asked.urgency),
            problem_code=case.line.problem_code,
            problem=case.line.problem,
            to_institution=asked.receiver,
            to_department=case.line.department_id,
            specialty=case.line.specialty,
            payload=payload,
            basis=case.basis,
            parent_id=request_id,
            again=f"咨询 {case.line.number} 已答复，转为转诊",
        )


def _prefilled(told: Proposal, kind: str) -> Mapping[str, Any]:
    """What the criteria say, in the fields of the form."""
    if kind == Kind.ADVICE or not told.held:
        return {}
    first = told.held[0].row
    ground = {"criterion": first.id, "severity": first.urgency.name.lower(), "beyond": ""}
    reason = "；".join(each.row.says.zh for each in told.held[:3])
    return {"reason": reason, "ground": ground}
