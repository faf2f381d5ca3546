"""Who is ready to go down and has not gone: the list of NHC-38 and YN-52, and who left without going (XH-49)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE, day_of
from tiercare.kernel.refusal import refuse

from ..rules.vocabulary import STAGE_IN_PACK, Stage, VisitKind
from .ours import said

GROUPS = "down_groups"
ASKED, SHOWN_TO, SHOWN_DAYS = "kept_reason_asked", "left_without_shown_to", "left_without_shown_days"
# The two offices, in the words of the packs.
SENDER, RECEIVER = "sender", "receiver"
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
      WHERE p.resident_id = e.resident_id AND p.institution_id = e.institution_id AND p.made_at >= e.stage_at
        AND p.ended_at IS NULL))
  AND e.resident_id <> ALL (%(without)s::uuid[])
ORDER BY e.stage_at, e.id LIMIT %(limit)s
"""
_MOST = 200
# Of residents for whom one's own institution answers, whichever hospital they left (migration 0004).
_ELSEWHERE = """
SELECT encounter_id, resident_id, institution_id, stage, stage_at, started_at, ended_at
FROM records_left_without(%(house)s, %(stages)s::text[], %(since)s, %(on)s::date) LIMIT %(limit)s
"""


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


@dataclass(frozen=True, slots=True)
class LeftElsewhere:
    """A resident for whom the actor's institution answers, who left a hospital marked as ready to go down: nobody there wrote a
    plan, or why not. ``days`` since they left."""

    encounter_id: UUID
    resident_id: UUID
    institution_id: UUID
    stage: Stage
    started_at: datetime
    ended_at: datetime
    days: int


def left_elsewhere(actor: Actor, *, limit: int = _MOST, on: date | None = None) -> list[LeftElsewhere]:
    """Residents of the actor's institution (by responsible doctor, else by the file it keeps) who left a hospital without a
    plan (XH-49), the longest ago first; none where no text in force has the receiving side see them. Which stay it was is
    told, not of what. The reading is recorded.

    Raises:
        Refused: without the right.
    """
    refuse(access.may(actor, Right.RECORDS_WRITE, institution_id=actor.institution_id))
    assert actor.institution_id is not None
    today = on or ledger_queries.today()
    days = said(SHOWN_DAYS, actor.institution_id, on=today).number
    if RECEIVER not in left_shown_to(actor.institution_id, on=today) or days is None:
        return []
    with scoped(actor):
        found = rows(
            _ELSEWHERE,
            house=actor.institution_id,
            stages=[stage.value for stage in stages_at(actor.institution_id, on=today)],
            since=datetime.combine(today - timedelta(days=days), time.min, ZONE),
            on=today,
            limit=limit,
        )
        residents.record_listed(actor, "going_down", [row["resident_id"] for row in found])
    return [
        LeftElsewhere(
            encounter_id=row["encounter_id"],
            resident_id=row["resident_id"],
            institution_id=row["institution_id"],
            stage=Stage(row["stage"]),
            started_at=row["started_at"],
            ended_at=row["ended_at"],
            days=(today - day_of(row["ended_at"])).days,
        )
        for row in found
    ]


def left_shown_to(institution_id: UUID, *, on: date) -> frozenset[str]:
    """Which of the two offices see who left without a plan, by the text in force where the institution is."""
    return frozenset(said(SHOWN_TO, institution_id, on=on).words)


def reason_owed(institution_id: UUID, stage: Stage, *, on: date) -> bool:
    """Whether a patient at this stage leaves by a plan, or with the reason why not, by the text in force there."""
    return stage in stages_at(institution_id, on=on) and said(ASKED, institution_id, on=on).value is not False


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
