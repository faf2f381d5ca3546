"""The plan for who goes on treating."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import refuse
from tiercare.kernel.text import Text

from .. import events
from ..models import CarePlan
from ..queries.ours import said
from ..rules import checking
from ..rules.entries import Diagnosis, Drug
from ..rules.files import OTHERS_REQUEST
from ..rules.plans import plan_refusals
from .ground import SUBJECT, desk, is_of

PARTS = "plan_parts"
_WARNING = Text("警示情况", "warning")


def make_plan(
    actor: Actor,
    *,
    resident_id: UUID,
    code: str,
    name: str,
    treatment: str,
    rehabilitation: str = "",
    nursing: str = "",
    warnings: Sequence[str] = (),
    drugs: Sequence[Drug] = (),
    gap: Sequence[Mapping[str, str]] = (),
    next_visit_on: date | None = None,
    receiver_id: UUID | None = None,
    request_id: UUID | None = None,
) -> UUID:
    """Write the plan by which ``receiver_id`` goes on treating the condition ``code``; answers its id. ``gap`` says of each
    drug, in their order, whether the receiver has it and what is done if not.

    Raises:
        Refused: without right or ground; if a part is empty that the region demands (XH-50); if the request is not this
            resident's.
    """
    at = desk(actor, resident_id)
    demanded = said(PARTS, at.institution_id, on=at.today)
    parts = {"continuing_treatment": treatment, "rehabilitation": rehabilitation, "nursing": nursing}
    refuse(
        *checking.wrong_conditions([Diagnosis(code, name)]),
        *checking.wrong_drugs(drugs),
        *plan_refusals(
            parts,
            demanded=demanded.words,
            next_visit_on=next_visit_on,
            today=at.today,
            clauses=demanded.clauses,
        ),
        *checking.no_text(treatment, rehabilitation, nursing, *warnings),
        *checking.too_long({_WARNING: (max(warnings, key=len, default=""), 200)}),
        None if request_id is None or is_of(request_id, at.persons, actor) else OTHERS_REQUEST,
    )
    with scoped(actor):
        row = CarePlan.objects.create(
            resident_id=at.resident_id,
            institution_id=at.institution_id,
            receiver_id=receiver_id,
            request_id=request_id,
            author_name=actor.name,
            code=code,
            name=name.strip(),
            treatment=treatment.strip(),
            rehabilitation=rehabilitation.strip(),
            nursing=nursing.strip(),
            warnings=[each.strip() for each in warnings if each.strip()],
            drugs=[
                _drug(each) | dict(gap[number] if number < len(gap) else {})
                for number, each in enumerate(drugs)
            ],
            next_visit_on=next_visit_on,
        )
        ledger.append(
            actor,
            events.PlanMade(plan_id=row.id, receiver_id=receiver_id, request_id=request_id),
            subject_type=SUBJECT,
            subject_id=row.resident_id,
            institution_id=at.institution_id,
            division_code=actor.division_code,
            clauses=demanded.clauses,
        )
    return row.id


def end_plan(actor: Actor, *, request_id: UUID, houses: Collection[UUID] = ()) -> int:
    """The plans that went with a request count no more: it was returned or given up, so nobody goes on by them. ``houses`` are
    the institutions on both its sides, one of which ends it. Returns how many."""
    with scoped(actor, also=houses):
        return CarePlan.objects.filter(request_id=request_id, ended_at=None).update(
            ended_at=ledger_queries.now()
        )


def _drug(each: Drug) -> dict[str, str]:
    return {"code": each.code, "name": each.name.strip(), "dose": each.dose.strip()}
