"""The visits of one's own institution: those that go on, and one by its key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

from ..rules.refusals import NO_SUCH_ENCOUNTER
from ..rules.vocabulary import Stage, VisitKind

_ONE = """
SELECT id, resident_id, kind, started_at, ended_at, complaint, disposition, stage, stage_at, kept_reason, department_id,
       request_id FROM records_encounter WHERE id = %(id)s AND institution_id = %(institution)s
"""


@dataclass(frozen=True, slots=True)
class OwnVisit:
    """A visit of the actor's institution as it stands."""

    id: UUID
    resident_id: UUID
    kind: VisitKind
    started_at: datetime
    ended_at: datetime | None
    complaint: str
    disposition: str
    stage: Stage
    stage_at: datetime | None
    kept_reason: str
    department_id: UUID | None
    request_id: UUID | None


def own_visit(actor: Actor, encounter_id: UUID) -> OwnVisit:
    """One visit of the actor's institution; the reading is recorded.

    Raises:
        Refused: without the right, or if it is not the institution's.
    """
    refuse(access.may(actor, Right.RECORDS_WRITE, institution_id=actor.institution_id))
    with scoped(actor):
        found = rows(_ONE, id=encounter_id, institution=actor.institution_id)
        if not found:
            raise Refused(NO_SUCH_ENCOUNTER)
        residents.record_listed(actor, "record", [found[0]["resident_id"]])
    row = found[0]
    return OwnVisit(**{**row, "kind": VisitKind(row["kind"]), "stage": Stage(row["stage"])})
