"""The one-stop admission centre (一站式入出院服务中心) and day surgery: units, cases, and their steps."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from psycopg.types.range import DateRange

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .. import events
from ..models import CareUnit, Case, CaseStep, DayProcedure
from ..queries.cases import day_surgery_tier, unit_of
from ..queries.ground import ground_at
from ..rules import refusals
from ..rules.cases import DUE, CaseKind, CaseState, Step, StepState, may_open, steps_of, unchecked

SUBJECT = "capacity.case"
UNIT = "network.institution"


def keep_unit(actor: Actor, *, institution_id: UUID, functions: Collection[Step], day_surgery: bool) -> None:
    """Say which services the centre runs, and whether the institution does day surgery.

    Raises:
        Refused: if the actor does not keep this institution's places.
    """
    refuse(may(actor, Right.CAPACITY_KEEP, institution_id=institution_id))
    names = [step.value for step in Step if step in functions]
    with transaction.atomic():
        CareUnit.objects.update_or_create(
            institution_id=institution_id,
            defaults={"functions": names, "day_surgery": day_surgery, "changed_at": ledger_queries.now()},
        )
        ledger.append(
            actor,
            events.UnitKept(functions=tuple(names), day_surgery=day_surgery),
            subject_type=UNIT,
            subject_id=institution_id,
            institution_id=institution_id,
            division_code=actor.division_code,
        )


def enter_procedure(actor: Actor, *, institution_id: UUID, name: str) -> UUID:
    """Take a procedure into the institution's catalogue of day surgery, from today on.

    Raises:
        Refused: if the actor does not keep it, the name is missing, or it stands there already.
    """
    refuse(may(actor, Right.CAPACITY_KEEP, institution_id=institution_id))
    name, today = name.strip(), ledger_queries.today()
    if not 1 <= len(name) <= 80:
        raise Refused(_NAMELESS)
    with transaction.atomic():
        known = DayProcedure.objects.select_for_update().filter(
            institution_id=institution_id, name=name, period__contains=today
        )
        if known.exists():
            raise Refused(_KNOWN)
        row = DayProcedure.objects.create(
            institution_id=institution_id, name=name, period=DateRange(today, None)
        )
        ledger.append(
            actor,
            events.ProcedureEntered(name=name),
            subject_type=UNIT,
            subject_id=institution_id,
            institution_id=institution_id,
            division_code=actor.division_code,
        )
    return row.id


def open_case(
    actor: Actor,
    *,
    kind: CaseKind,
    institution_id: UUID,
    resident_id: UUID,
    procedure_id: UUID | None = None,
    source_id: UUID | None = None,
) -> UUID:
    """Begin an admission or a day surgery; all its steps are laid out with their owner and time at once.

    Whether it goes by the green channel follows from the open request that brings the resident, not from the caller.

    Raises:
        Refused: if the actor does not keep the institution's places, it opens no such cases, the resident is not
            known there, or the procedure is not in its catalogue.
    """
    refuse(may(actor, Right.CAPACITY_KEEP, institution_id=institution_id))
    unit, today = unit_of(institution_id), ledger_queries.today()
    refuse(may_open(kind, unit, tier=day_surgery_tier(institution_id, on=today)))
    if (
        kind is CaseKind.DAY_SURGERY
        and not DayProcedure.objects.filter(
            id=procedure_id, institution_id=institution_id, period__contains=today
        ).exists()
    ):
        raise Refused(_NOT_IN_CATALOGUE)
    ground = ground_at(institution_id, resident_id, booker=institution_id, source=source_id)
    if not ground.person:
        raise Refused(refusals.NOBODY)
    if not (ground.known or ground.requested):
        raise Refused(_NOT_YOURS)
    now = ledger_queries.now()
    with scoped(actor):
        case = Case.objects.create(
            kind=kind.value,
            resident_id=ground.person[0],
            institution_id=institution_id,
            source_id=source_id,
            green=ground.requested,
            procedure_id=procedure_id,
            state=CaseState.OPEN.value,
            requested_at=now,
        )
        _lay_out(case, steps_of(kind, unit), now)
        _tell(actor, case, "open", "")
    return case.id


def finish_step(
    actor: Actor,
    *,
    case_id: UUID,
    step: Step,
    ticked: Collection[int] = (),
    note: str = "",
    not_needed: bool = False,
) -> CaseState:
    """Tick a step off, in its order; with the last one the case is closed.

    Raises:
        Refused: if there is no such case or step, an earlier one is open, something on its list is not checked, or it
            is left out without a reason.
    """
    with scoped(actor):
        case = Case.objects.select_for_update().filter(id=case_id).first()
        if case is None or case.state != CaseState.OPEN:
            raise Refused(_NO_SUCH_CASE)
        refuse(may(actor, Right.CAPACITY_KEEP, institution_id=case.institution_id))
        open_steps = list(case.steps.filter(state=StepState.OPEN.value).order_by("position"))
        if not open_steps or open_steps[0].step != step:
            raise Refused(_OUT_OF_ORDER)
        if not_needed and not note.strip():
            raise Refused(_WITHOUT_REASON)
        if not not_needed:
            refuse(unchecked(step, ticked))
        row = open_steps[0]
        row.state = (StepState.NOT_NEEDED if not_needed else StepState.DONE).value
        row.done_at, row.done_by, row.note = ledger_queries.now(), actor.account_id, note.strip()[:300]
        row.save(update_fields=["state", "done_at", "done_by", "note"])
        if len(open_steps) == 1:
            case.state, case.closed_at = CaseState.CLOSED.value, row.done_at
            case.save(update_fields=["state", "closed_at"])
        _tell(actor, case, "step", step.value)
        return CaseState(case.state)


def cancel_case(actor: Actor, *, case_id: UUID, reason: str) -> None:
    """End a case that will not go on.

    Raises:
        Refused: if there is no such open case, or no reason is given.
    """
    if not reason.strip():
        raise Refused(_WITHOUT_REASON)
    with scoped(actor):
        case = Case.objects.select_for_update().filter(id=case_id, state=CaseState.OPEN.value).first()
        if case is None:
            raise Refused(_NO_SUCH_CASE)
        refuse(may(actor, Right.CAPACITY_KEEP, institution_id=case.institution_id))
        now = ledger_queries.now()
        case.state, case.closed_at = CaseState.CANCELLED.value, now
        case.save(update_fields=["state", "closed_at"])
        case.steps.filter(state=StepState.OPEN.value).update(
            state=StepState.NOT_NEEDED.value, done_at=now, done_by=actor.account_id, note=reason.strip()[:300]
        )
        _tell(actor, case, "cancel", "")


def _lay_out(case: Case, steps: Collection[Step], now: datetime) -> None:
    due = timedelta(0)
    rows = []
    for position, step in enumerate(steps):
        due += DUE[step]
        rows.append(
            CaseStep(
                case=case,
                institution_id=case.institution_id,
                resident_id=case.resident_id,
                position=position,
                step=step.value,
                state=StepState.OPEN.value,
                due_at=now + due,
            )
        )
    CaseStep.objects.bulk_create(rows)


def _tell(actor: Actor, case: Case, act: str, step: str) -> None:
    ledger.append(
        actor,
        events.CaseTurned(act=act, case=case.kind, resident=case.resident_id, step=step, state=case.state),
        subject_type=SUBJECT,
        subject_id=case.id,
        institution_id=case.institution_id,
        division_code=actor.division_code,
    )


_NAMELESS = Refusal(
    code="capacity.procedure_without_name",
    message=Text("请填写术式名称（80 字以内）。", "Give the name of the procedure (80 characters)."),
    instead=Text("如“腹腔镜胆囊切除术”。", "Such as “laparoscopic cholecystectomy”."),
    at="name",
    status=422,
)
_KNOWN = Refusal(
    code="capacity.procedure_known",
    message=Text("目录中已有这个术式。", "The procedure stands in the catalogue already."),
    instead=Text("请从目录中选择。", "Choose it from the catalogue."),
    at="name",
)
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
_NOT_YOURS = Refusal(
    code="capacity.not_your_resident",
    message=Text("本机构与这位居民没有诊疗关系。", "Your institution does not look after this resident."),
    instead=Text("请先扫电子健康卡或登记到院。", "Scan the health card or register the visit first."),
    at="resident",
    status=403,
)
_NO_SUCH_CASE = Refusal(
    code="capacity.no_such_case",
    message=Text(
        "没有这条在办的入院或手术，或它不属于本机构。",
        "There is no such open case, or it is another institution's.",
    ),
    instead=Text("请刷新列表后重试。", "Reload the list and try again."),
    at="case",
    status=404,
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
