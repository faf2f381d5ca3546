"""Who is ready to go down and has not gone: the list of NHC-38 and YN-52, and who left without going (XH-49)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import day_of
from tiercare.kernel.refusal import refuse

from ..rules.vocabulary import STAGE_IN_PACK, Stage, VisitKind
from .ours import said

GROUPS = "down_groups"
# A stay, or a visit, that is marked and on which nothing followed: who was kept with a reason, or has left with a plan
# for who goes on treating, is off the list.
_READY = """
SELECT e.id AS encounter_id, e.resident_id, e.kind, e.stage, e.stage_at AS since, e.started_at, e.ended_at, e.department_id,
       e.clinician_name, c.code, c.name
FROM records_encounter e
LEFT JOIN LATERAL (SELECT c.code, c.name FROM records_condition c WHERE c.encounter_id = e.id
                   ORDER BY c.role, c.id LIMIT 1) c ON true
WHERE e.institution_id = %(institution)s AND e.stage = ANY (%(stages)s::text[]) AND e.stage <> ''
  AND e.kept_reason = ''
  AND NOT (e.ended_at IS NOT NULL AND EXISTS (
      SELECT FROM records_careplan p
      WHERE p.resident_id = e.resident_id AND p.institution_id = e.institution_id AND p.made_at >= e.stage_at))
  AND e.resident_id <> ALL (%(without)s::uuid[])
ORDER BY e.stage_at, e.id LIMIT %(limit)s
"""
_MOST = 200


@dataclass(frozen=True, slots=True)
class Ready:
    """A patient who is ready to go down; ``days`` since the mark; ``ended_at`` is set where they left without going."""

    encounter_id: UUID
    resident_id: UUID
    kind: VisitKind
    stage: Stage
    since: datetime
    days: int
    started_at: datetime
    ended_at: datetime | None
    department_id: UUID | None
    clinician_name: str
    code: str
    name: str


def going_down(
    actor: Actor, *, without: Collection[UUID] = (), limit: int = _MOST, on: date | None = None
) -> list[Ready]:
    """Patients of the actor's institution who are ready to go down, the longest waiting first; ``without`` are residents
    who have a request already. The groups are those that the region names (NHC-38), and the stable chronic patients. The
    reading is recorded.

    Raises:
        Refused: without the right.
    """
    refuse(access.may(actor, Right.RECORDS_WRITE, institution_id=actor.institution_id))
    assert actor.institution_id is not None
    today = on or ledger_queries.today()
    with scoped(actor):
        found = rows(
            _READY,
            institution=actor.institution_id,
            stages=[stage.value for stage in stages_at(actor.institution_id, on=today)],
            without=list(without),
            limit=limit,
        )
        residents.record_listed(actor, "going_down", [row["resident_id"] for row in found])
    return [
        Ready(
            **{
                **row,
                "kind": VisitKind(row["kind"]),
                "stage": Stage(row["stage"]),
                "days": (today - day_of(row["since"])).days,
                "code": row["code"] or "",
                "name": row["name"] or "",
            }
        )
        for row in found
    ]


def stages_at(institution_id: UUID, *, on: date) -> frozenset[Stage]:
    """The groups that are to go down where the institution is; all of them where no text names any."""
    named = said(GROUPS, institution_id, on=on).words
    if not named:
        return frozenset(Stage) - {Stage.NONE}
    return frozenset({Stage.CHRONIC_STABLE}).union(*(STAGE_IN_PACK.get(each, frozenset()) for each in named))
