"""Admissions and day surgeries: what an institution runs, its open cases, and how long people wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.residents import queries as residents
from tiercare.engines.policy import ParameterProblem, parameter
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

from ..rules.cases import CaseKind, Step, Unit

_UNIT = """
SELECT v.level, v.division_code, coalesce(u.functions, '{}') AS functions,
       coalesce(u.day_surgery, false) AS day_surgery
FROM network_institutionversion v LEFT JOIN capacity_careunit u ON u.institution_id = v.institution_id
WHERE v.institution_id = %(institution)s
  AND v.period @> (tiercare_now() AT TIME ZONE 'Asia/Shanghai')::date
"""
# Open cases with the step that comes next; green ones first, then by what is due.
_OPEN = """
SELECT c.id, c.kind, c.resident_id, c.green, c.requested_at, p.name AS procedure, s.step, s.due_at,
       s.due_at <= tiercare_now() AS overdue
FROM capacity_case c LEFT JOIN capacity_dayprocedure p ON p.id = c.procedure_id
CROSS JOIN LATERAL (
    SELECT * FROM capacity_casestep t WHERE t.case_id = c.id AND t.state = 'OPEN' ORDER BY t.position LIMIT 1
) s
WHERE c.institution_id = %(institution)s AND c.state = 'OPEN'
ORDER BY c.green DESC, s.due_at, c.id
LIMIT %(limit)s
"""
# From the request to the step that was waited for (NHC-49): the median in days, and over how many.
_WAITS = """
SELECT c.kind, s.step, percentile_cont(0.5) WITHIN GROUP (
           ORDER BY extract(epoch FROM s.done_at - c.requested_at) / 86400) AS days, count(*)::integer AS cases
FROM capacity_case c JOIN capacity_casestep s ON s.case_id = c.id AND s.state = 'DONE'
WHERE c.institution_id = %(institution)s AND s.step IN ('admission', 'operation')
  AND s.done_at >= %(first)s::date AND s.done_at < %(last)s::date + 1
GROUP BY c.kind, s.step ORDER BY c.kind, s.step
"""
_CATALOGUE = """
SELECT name, lower(period) AS since FROM capacity_dayprocedure
WHERE institution_id = %(institution)s AND period @> %(on)s::date ORDER BY name
"""


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A case and what comes next in it."""

    id: UUID
    kind: CaseKind
    resident_id: UUID
    green: bool
    requested_at: datetime
    procedure: str
    step: Step
    due_at: datetime
    overdue: bool


@dataclass(frozen=True, slots=True)
class Wait:
    """How long people waited for a step: the median in days, over so many cases."""

    kind: CaseKind
    step: Step
    days: float
    cases: int


def unit_of(institution_id: UUID) -> Unit:
    """What the institution runs today; nothing where it is not open."""
    found = rows(_UNIT, institution=institution_id)
    if not found:
        return Unit(0, frozenset(), False)
    return Unit(found[0]["level"], frozenset(found[0]["functions"]), found[0]["day_surgery"])


def day_surgery_tier(institution_id: UUID, *, on: date) -> int | None:
    """The level from which hospitals do day surgery there (NHC-46); ``None`` where no text says."""
    found = rows(_UNIT, institution=institution_id)
    if not found:
        return None
    try:
        answer = parameter(
            mandates.packs(),
            "NHC-46.hospital_tier",
            mandates.pack_in_force(found[0]["division_code"], on=on),
            on=on,
        )
    except (ParameterProblem, Refused):
        return None
    return answer.value if isinstance(answer.value, int) else None


def open_cases(actor: Actor, *, limit: int = 100) -> list[OpenCase]:
    """The institution's open cases, those of the green channel first, then by what is due; the reading is recorded.

    Raises:
        Refused: if the actor does not keep the institution's places.
    """
    refuse(may(actor, Right.CAPACITY_KEEP, institution_id=actor.institution_id))
    with scoped(actor):
        found = [_open(row) for row in rows(_OPEN, institution=actor.institution_id, limit=limit)]
        residents.record_listed(actor, "cases", [each.resident_id for each in found])
    return found


def waits(actor: Actor, *, institution_id: UUID, first: date, last: date) -> Sequence[Wait]:
    """Median waits for admission and operation in a period (NHC-49).

    Raises:
        Refused: if the actor may not see how promises are kept there.
    """
    refuse(may(actor, Right.CAPACITY_KEEP, institution_id=institution_id))
    with scoped(actor):
        return [
            Wait(CaseKind(row["kind"]), Step(row["step"]), round(float(row["days"]), 2), row["cases"])
            for row in rows(_WAITS, institution=institution_id, first=first, last=last)
        ]


def catalogue(institution_id: UUID, *, on: date) -> list[tuple[str, date]]:
    """The procedures done as day surgery on that day, and since when; how many there were is their number (NHC-47)."""
    return [(row["name"], row["since"]) for row in rows(_CATALOGUE, institution=institution_id, on=on)]


def _open(row: dict[str, Any]) -> OpenCase:
    return OpenCase(
        **{
            **row,
            "kind": CaseKind(row["kind"]),
            "step": Step(row["step"]),
            "procedure": row["procedure"] or "",
        }
    )
