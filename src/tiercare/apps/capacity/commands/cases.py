"""Admissions and operations as cases of the one-stop centre: begun, taken on step by step, and given up."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from ..models import Case, CaseStep, Criteria, DayProcedure, Stay
from ..queries import keeping_sql
from ..queries.centre import day_surgery_tier, due_of, green_channel, may_admit, unit_of
from ..queries.discharge import criteria_asked
from ..queries.ground import ground_at, request_that_brings
from ..rules import refusals
from ..rules.beds import StayState
from ..rules.cases import CaseKind, CaseState, Step, StepState, may_open, steps_of, unchecked
from ..rules.criteria import LONGEST_DISEASE, STAGE_OF, unmet
from . import beds, case_steps


def open_case(
    actor: Actor,
    *,
    kind: CaseKind,
    institution_id: UUID,
    resident_id: UUID,
    department_id: UUID,
    procedure_id: UUID | None = None,
    disease: str = "",
) -> UUID:
    """Begin an admission or an operation; all its steps are laid out with their owner and time at once.

    Whether it goes by the green channel (NHC-42) follows from an open request that brings the resident here, not from
    the caller.

    Raises:
        Refused: if the actor does not work at the institution's desk, it opens no such cases, the resident is not
            known there or deceased, the department is not one of its own, or the procedure not in its catalogue.
    """
    may_admit(actor, institution_id)
    person = _patient(institution_id, resident_id)
    unit, today = unit_of(institution_id), ledger_queries.today()
    refuse(may_open(kind, unit, tier=day_surgery_tier(institution_id, on=today)))
    refuse(_misplaced(institution_id, department_id, today))
    if procedure_id is not None or kind is CaseKind.DAY_SURGERY:
        refuse(_not_in_catalogue(institution_id, procedure_id, today))
    disease = disease.strip()
    if len(disease) > LONGEST_DISEASE or not disease.isprintable():
        raise Refused(_DISEASE_TOO_LONG)
    now = ledger_queries.now()
    with scoped(actor):
        source = request_that_brings(person, institution_id)
        case = Case.objects.create(
            kind=kind.value,
            resident_id=person[0],
            institution_id=institution_id,
            department_id=department_id,
            disease=disease,
            source_id=source,
            green=source is not None and green_channel(institution_id, on=today),
            procedure_id=procedure_id,
            state=CaseState.OPEN.value,
            requested_at=now,
        )
        _lay_out(case, steps_of(kind, unit), now)
        case_steps.tell(actor, case, "open")
    return case.id


def finish_step(
    actor: Actor,
    *,
    case_id: UUID,
    step: Step,
    ticked: Collection[int] = (),
    met: Collection[str] = (),
    note: str = "",
    not_needed: bool = False,
) -> CaseState:
    """Take a step off the list, in its order; with the last one the case is closed.

    ``ticked`` are the numbers of what was checked on the step's list, ``met`` the criteria of the case's disease that
    the patient meets, word for word. Admission with a bed kept for the case lays the patient into it, in the same act.

    Raises:
        Refused: if there is no such case or step, an earlier one is open, something on its list is not checked, the
            criteria are another version's or not met without a word why, or it is left out without a reason.
    """
    note = note.strip()[:_LONGEST_NOTE]
    with scoped(actor):
        case = Case.objects.select_for_update().filter(id=case_id).first()
        if case is None or case.state != CaseState.OPEN:
            raise Refused(refusals.NO_SUCH_CASE)
        may_admit(actor, case.institution_id)
        row = case.steps.filter(state=StepState.OPEN.value).order_by("position").first()
        if row is None or row.step != step:
            raise Refused(_OUT_OF_ORDER)
        if not_needed:
            if not note:
                raise Refused(_WITHOUT_REASON)
            return case_steps.tick(actor, case, row, state=StepState.NOT_NEEDED, note=note)
        refuse(unchecked(CaseKind(case.kind), step, ticked))
        criteria = _criteria(case, step)
        if criteria is not None:
            refuse(unmet(STAGE_OF[step], criteria.items, met, note))
        state = case_steps.tick(actor, case, row, note=note, criteria=criteria, met=met if criteria else ())
        stay = Stay.objects.filter(case_id=case.id, state=StayState.PLANNED.value).first()
        if step is Step.ADMISSION and stay is not None:
            beds.admit(actor, stay_id=stay.id)
        return state


def cancel_case(actor: Actor, *, case_id: UUID, reason: str) -> None:
    """End a case that will not go on; a bed that is kept for it is free again.

    Raises:
        Refused: if there is no such open case, or no reason is given.
    """
    reason = reason.strip()[:_LONGEST_NOTE]
    if not reason:
        raise Refused(_WITHOUT_REASON)
    with scoped(actor):
        case = Case.objects.select_for_update().filter(id=case_id, state=CaseState.OPEN.value).first()
        if case is None:
            raise Refused(refusals.NO_SUCH_CASE)
        may_admit(actor, case.institution_id)
        now = ledger_queries.now()
        case.state, case.closed_at = CaseState.CANCELLED.value, now
        case.save(update_fields=["state", "closed_at"])
        case.steps.filter(state=StepState.OPEN.value).update(
            state=StepState.NOT_NEEDED.value, done_at=now, done_by=actor.account_id, note=reason
        )
        case_steps.tell(actor, case, "cancel")
        for stay in Stay.objects.filter(case_id=case.id, state=StayState.PLANNED.value):
            beds.cancel_stay(actor, stay_id=stay.id)


def _patient(institution_id: UUID, resident_id: UUID) -> tuple[UUID, ...]:
    """The entries of a person whom the institution looks after, and who is alive.

    Raises:
        Refused: if it is nobody, or nobody of theirs, or they have died.
    """
    ground = ground_at(institution_id, resident_id, booker=institution_id)
    if not ground.person:
        raise Refused(refusals.NOBODY)
    if not ground.known:
        raise Refused(refusals.NOT_YOUR_RESIDENT)
    if ground.deceased:
        raise Refused(refusals.DECEASED)
    return ground.person


def _misplaced(institution_id: UUID, department_id: UUID, on: date) -> Refusal | None:
    """Whether the department does not stand in the institution's register."""
    known = rows(keeping_sql.DEPARTMENTS, institution=institution_id, on=on)
    return None if any(row["id"] == department_id for row in known) else _NO_SUCH_DEPARTMENT


def _not_in_catalogue(institution_id: UUID, procedure_id: UUID | None, on: date) -> Refusal | None:
    known = DayProcedure.objects.filter(
        id=procedure_id, institution_id=institution_id, period__contains=on
    ).exists()
    return None if known else _NOT_IN_CATALOGUE


def _criteria(case: Case, step: Step) -> Criteria | None:
    """The list by which patients of the case's disease are admitted or discharged now; locked against a change. None where
    the text in force asks for criteria at other stages only (XH-66)."""
    stage = STAGE_OF.get(step)
    if stage is None or not case.disease:
        return None
    if not criteria_asked(case.institution_id, stage, on=ledger_queries.today()):
        return None
    return (
        Criteria.objects.select_for_update()
        .filter(
            institution_id=case.institution_id,
            disease=case.disease,
            stage=stage.value,
            during__upper_inf=True,
        )
        .first()
    )


def _lay_out(case: Case, steps: Collection[Step], now: datetime) -> None:
    takes, due = due_of(case.institution_id, on=ledger_queries.today()), timedelta(0)
    laid = []
    for position, step in enumerate(steps):
        due += takes.get(step, timedelta(0))
        laid.append(
            CaseStep(
                case=case,
                institution_id=case.institution_id,
                resident_id=case.resident_id,
                position=position,
                step=step.value,
                state=StepState.OPEN.value,
                due_at=now + due if step in takes else None,
            )
        )
    CaseStep.objects.bulk_create(laid)


_LONGEST_NOTE = 300
_NOT_IN_CATALOGUE = Refusal(
    code="capacity.procedure_not_in_catalogue",
    message=Text(
        "所选术式不在本机构的日间手术目录中。",
        "The procedure is not in the institution's catalogue of day surgery.",
    ),
    instead=Text("请从目录中选择，或先加入目录。", "Choose one from the catalogue, or enter it first."),
    clauses=("NHC-47",),
    at="procedure",
    status=422,
)
_NO_SUCH_DEPARTMENT = Refusal(
    code="capacity.no_such_department",
    message=Text("请选择本机构登记中的科室。", "Choose a department of the institution's register."),
    instead=Text(
        "登记中没有的科室，请先在“数据导入与导出”中填报。",
        "One that is missing is entered in the registers first.",
    ),
    at="department",
    status=422,
)
_DISEASE_TOO_LONG = Refusal(
    code="capacity.disease_too_long",
    message=Text("病种最多 80 字，且只能是文字。", "The disease has 80 characters at most."),
    instead=Text("请写简短的病种名称。", "Write a short name."),
    at="disease",
    status=422,
)
_OUT_OF_ORDER = Refusal(
    code="capacity.step_out_of_order",
    message=Text("前面还有没办完的步骤，或这一步已办完。", "An earlier step is open, or this one is done."),
    instead=Text(
        "请按顺序办理；确实不需要的，写明理由跳过。",
        "Go in order; what is not needed is left out with its reason.",
    ),
    at="step",
)
_WITHOUT_REASON = Refusal(
    code="capacity.case_without_reason",
    message=Text("跳过或取消要写明理由。", "Leaving out or cancelling needs its reason."),
    instead=Text("请写一句话。", "Write a sentence."),
    at="note",
    status=422,
)
