"""At which stages criteria are asked, and who has met all of those for discharge (XH-66)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import refuse

from ..rules.cases import CaseKind
from ..rules.criteria import Stage
from .ours import said_at

_KEY = "XH-66.criteria"
# In the words of the text.
_WORD = {Stage.ADMISSION: "admission", Stage.DISCHARGE: "discharge"}
_MET = """
SELECT c.id AS case_id, c.resident_id, c.kind, c.disease, c.department_id, s.done_at AS met_at, k.items, k.version
FROM capacity_case c
JOIN capacity_casestep s ON s.case_id = c.id AND s.step = 'discharge' AND s.state = 'DONE'
JOIN capacity_criteria k ON k.id = s.criteria_id
WHERE c.institution_id = %(institution)s AND s.done_at >= %(since)s AND k.stage = 'DISCHARGE' AND s.met @> k.items
ORDER BY s.done_at, c.id LIMIT %(limit)s
"""
_MOST = 200


@dataclass(frozen=True, slots=True)
class MetAll:
    """A patient who met all criteria for discharge, and when; ``items`` are those of the ``version`` that was asked."""

    case_id: UUID
    resident_id: UUID
    kind: CaseKind
    disease: str
    department_id: UUID | None
    met_at: datetime
    items: tuple[str, ...]
    version: int


def criteria_asked(institution_id: UUID, stage: Stage, *, on: date) -> bool:
    """Whether criteria are asked at this stage: where a text names the stages, at those, else wherever a list is kept."""
    said = said_at(institution_id, (_KEY,), on=on)
    if _KEY not in said:
        return True
    named = said[_KEY]
    return isinstance(named, list | tuple) and _WORD[stage] in named


def discharge_criteria_met(actor: Actor, *, since: datetime, limit: int = _MOST) -> list[MetAll]:
    """Patients of the actor's institution who met all criteria for discharge since then, the longest ago first; the reading
    is recorded.

    Raises:
        Refused: without the right.
    """
    refuse(access.may(actor, Right.RECORDS_WRITE, institution_id=actor.institution_id))
    assert actor.institution_id is not None
    if not criteria_asked(actor.institution_id, Stage.DISCHARGE, on=ledger.today()):
        return []
    with scoped(actor):
        found = rows(_MET, institution=actor.institution_id, since=since, limit=limit)
        residents.record_listed(actor, "going_down", [row["resident_id"] for row in found])
    return [MetAll(**{**row, "kind": CaseKind(row["kind"]), "items": tuple(row["items"])}) for row in found]
