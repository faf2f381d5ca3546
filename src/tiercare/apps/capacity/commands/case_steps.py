"""A step of a case is done: by the centre, or by the bed into which the patient is laid."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .. import events
from ..models import Case, CaseStep, Criteria, Stay
from ..rules.beds import StayState
from ..rules.cases import CaseState, Step, StepState

SUBJECT = "capacity.case"
# A stay that keeps a bed for the case, or did while the patient lay in it.
KEEPS = (StayState.PLANNED.value, StayState.IN.value, StayState.OUT.value)


def tick(
    actor: Actor,
    case: Case,
    row: CaseStep,
    *,
    state: StepState = StepState.DONE,
    note: str = "",
    criteria: Criteria | None = None,
    met: Collection[str] = (),
) -> CaseState:
    """Take the step off the list; with the last one the case is closed. Both rows are locked by the caller."""
    row.state, row.note = state.value, note
    row.done_at, row.done_by = ledger_queries.now(), actor.account_id
    row.criteria, row.met = criteria, list(met)
    row.save(update_fields=["state", "done_at", "done_by", "note", "criteria", "met"])
    if not case.steps.filter(state=StepState.OPEN.value).exists():
        case.state, case.closed_at = CaseState.CLOSED.value, row.done_at
        case.save(update_fields=["state", "closed_at"])
    tell(actor, case, "step", row.step)
    return CaseState(case.state)


def of_stay(stay_id: UUID) -> Case | None:
    """The case for which a bed is kept, locked: always before the stay itself, by whoever changes both."""
    found = Stay.objects.filter(id=stay_id).values("case_id")[:1]
    return Case.objects.select_for_update().filter(id=found, state=CaseState.OPEN.value).first()


def admitted(actor: Actor, case: Case) -> None:
    """The patient lies in the bed: so the step of admission is done, in whatever order the desk comes to the others."""
    row = case.steps.filter(step=Step.ADMISSION.value, state=StepState.OPEN.value).first()
    if row is not None:
        tick(actor, case, row)


def check_case(case_id: UUID, *, institution_id: UUID, person: Collection[UUID]) -> None:
    """Whether a bed may be kept for this case. Call it ``scoped`` to the institution.

    Raises:
        Refused: if the case is over, another institution's or another resident's, or has a bed already.
    """
    case = Case.objects.select_for_update().filter(id=case_id, institution_id=institution_id).first()
    if case is None or case.state != CaseState.OPEN or case.resident_id not in person:
        raise Refused(_NOT_THIS_CASE)
    if Stay.objects.filter(case_id=case_id, state__in=KEEPS).exists():
        raise Refused(_HAS_A_BED)


def tell(actor: Actor, case: Case, act: str, step: str = "") -> None:
    """Append the event of it."""
    ledger.append(
        actor,
        events.CaseTurned(act=act, case=case.kind, resident=case.resident_id, step=step, state=case.state),
        subject_type=SUBJECT,
        subject_id=case.id,
        institution_id=case.institution_id,
        division_code=actor.division_code,
    )


_NOT_THIS_CASE = Refusal(
    code="capacity.case_of_another",
    message=Text(
        "这条入院或手术已办结，或不是这位患者在本院的。",
        "That admission or operation is over, or not this patient's here.",
    ),
    instead=Text("请从“等床”名单重新选择。", "Choose again from those who wait for a bed."),
    at="case",
)
_HAS_A_BED = Refusal(
    code="capacity.case_has_a_bed",
    message=Text("这条入院或手术已安排了床位。", "A bed is kept for this admission or operation already."),
    instead=Text(
        "请在床位图上换床，或先取消原来的预留。", "Change beds on the board, or cancel that one first."
    ),
    at="case",
)
