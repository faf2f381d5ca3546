"""Admissions and operations under way: the worklist, who waits for a bed, and one case with all its steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

from ..rules import refusals
from ..rules.beds import StayState
from ..rules.cases import CaseKind, CaseState, Step, StepState
from ..rules.criteria import Stage, proposes_down_referral
from .centre import may_admit, signed_first

# Open cases with the step that comes next; green ones first, then by what is due.
_OPEN = """
SELECT c.id, c.kind, c.resident_id, c.green, c.requested_at, tiercare_now() - c.requested_at AS waited,
       coalesce(p.name, '') AS procedure, coalesce(d.name, '') AS department, c.disease, s.step, s.due_at,
       coalesce(s.due_at <= tiercare_now(), false) AS overdue, a.state = 'OPEN' AS waits,
       count(*) OVER () AS total, count(*) FILTER (WHERE c.green) OVER () AS greens,
       count(*) FILTER (WHERE s.due_at <= tiercare_now()) OVER () AS late
FROM capacity_case c
LEFT JOIN capacity_dayprocedure p ON p.id = c.procedure_id
LEFT JOIN network_department d ON d.id = c.department_id
LEFT JOIN capacity_casestep a ON a.case_id = c.id AND a.step = 'admission'
CROSS JOIN LATERAL (
    SELECT * FROM capacity_casestep t WHERE t.case_id = c.id AND t.state = 'OPEN' ORDER BY t.position LIMIT 1
) s
WHERE c.institution_id = %(institution)s AND c.state = 'OPEN'
  AND %(kind)s::text IN ('', c.kind) AND %(step)s::text IN ('', s.step)
  AND (%(department)s::uuid IS NULL OR c.department_id = %(department)s::uuid)
ORDER BY c.green DESC, s.due_at, c.id
LIMIT %(limit)s OFFSET %(offset)s
"""
# Those of them who have neither been admitted nor a bed kept for them; whose they are, past the wall, is one flag.
_WAITING = """
SELECT c.id AS case_id, c.resident_id, c.kind, c.green, %(signed)s::boolean AND g.signed_at IS NOT NULL AS signed,
       c.requested_at, tiercare_now() - c.requested_at AS waited, coalesce(d.name, '') AS department, c.disease
FROM capacity_case c
JOIN capacity_casestep s ON s.case_id = c.id AND s.step = 'admission' AND s.state = 'OPEN'
LEFT JOIN network_department d ON d.id = c.department_id
CROSS JOIN LATERAL residents_ground_to_book(
    c.resident_id, c.institution_id, c.institution_id, c.source_id, %(on)s::date) g
WHERE c.institution_id = %(institution)s AND c.state = 'OPEN'
  AND NOT EXISTS (SELECT FROM capacity_stay t WHERE t.case_id = c.id AND t.state IN ('PLANNED', 'IN'))
ORDER BY c.green DESC, signed DESC, c.requested_at, c.id
LIMIT %(limit)s
"""
_CASE = """
SELECT c.id, c.institution_id, c.kind, c.resident_id, c.green, c.state, c.requested_at, c.closed_at, c.disease,
       c.source_id, c.department_id, coalesce(p.name, '') AS procedure, coalesce(d.name, '') AS department
FROM capacity_case c
LEFT JOIN capacity_dayprocedure p ON p.id = c.procedure_id
LEFT JOIN network_department d ON d.id = c.department_id
WHERE c.id = %(case)s
"""
_STEPS = """
SELECT s.step, s.state, s.due_at, s.done_at, s.note, s.met, coalesce(c.items, '{}') AS items,
       coalesce(c.version, 0) AS version,
       s.state = 'OPEN' AND coalesce(s.due_at <= tiercare_now(), false) AS overdue, coalesce(u.display_name, '') AS by
FROM capacity_casestep s
LEFT JOIN capacity_criteria c ON c.id = s.criteria_id
LEFT JOIN access_account u ON u.id = s.done_by
WHERE s.case_id = %(case)s ORDER BY s.position
"""
_STAYS = """
SELECT t.id, t.state, b.ward, b.number, lower(t.during) AS starts_at, upper(t.during) AS ends_at
FROM capacity_stay t JOIN capacity_bed b ON b.id = t.bed_id
WHERE t.case_id = %(case)s AND t.state <> 'CANCELLED' ORDER BY lower(t.during) DESC
"""
_COUNTS = ("total", "greens", "late")
# Examinations that are booked for the patient here or by us, from now on.
_EXAMS = """
SELECT b.id, p.name, s.place, lower(l.during) AS starts_at
FROM capacity_booking b JOIN capacity_session s ON s.id = b.session_id AND s.kind = 'EXAM'
JOIN capacity_slot l ON l.id = b.slot_id JOIN capacity_pool p ON p.id = s.pool_id
WHERE b.resident_id = %(resident)s AND b.state IN ('BOOKED', 'ARRIVED') AND lower(l.during) >= tiercare_now()
ORDER BY lower(l.during) LIMIT 20
"""
_OPEN_OF = """
SELECT id FROM capacity_case
WHERE institution_id = %(institution)s AND resident_id = %(resident)s AND state = 'OPEN'
ORDER BY requested_at DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A case and what comes next in it; ``waits`` for admission since ``requested_at``; ``waited`` until now."""

    id: UUID
    kind: CaseKind
    resident_id: UUID
    green: bool
    requested_at: datetime
    waited: timedelta
    procedure: str
    department: str
    disease: str
    step: Step
    due_at: datetime | None
    overdue: bool
    waits: bool


@dataclass(frozen=True, slots=True)
class Worklist:
    """A page of the open cases; of all of them how many, how many by the green channel, how many late."""

    cases: tuple[OpenCase, ...]
    total: int
    greens: int
    late: int


@dataclass(frozen=True, slots=True)
class BedWaiting:
    """Somebody who is to be admitted and has no bed yet."""

    case_id: UUID
    resident_id: UUID
    kind: CaseKind
    green: bool
    signed: bool
    requested_at: datetime
    waited: timedelta
    department: str
    disease: str


@dataclass(frozen=True, slots=True)
class StepShown:
    """A step of a case; ``items`` are the criteria that were shown when it was done, ``met`` those that were met."""

    step: Step
    state: StepState
    due_at: datetime | None
    done_at: datetime | None
    note: str
    items: tuple[str, ...]
    met: tuple[str, ...]
    version: int
    overdue: bool
    by: str


@dataclass(frozen=True, slots=True)
class StayShown:
    """The bed that is kept for a case."""

    id: UUID
    state: StayState
    ward: str
    number: str
    starts_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class ExamBooked:
    """An examination that is booked for the patient."""

    id: UUID
    name: str
    place: str
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class CaseShown:
    """One case with all its steps; ``stay`` is the bed it has now, or had last."""

    id: UUID
    institution_id: UUID
    kind: CaseKind
    resident_id: UUID
    green: bool
    state: CaseState
    requested_at: datetime
    closed_at: datetime | None
    department_id: UUID | None
    department: str
    disease: str
    procedure: str
    source_id: UUID | None
    steps: tuple[StepShown, ...]
    stay: StayShown | None
    exams: tuple[ExamBooked, ...]

    @property
    def next(self) -> StepShown | None:
        """The step that is to be done now."""
        return next((each for each in self.steps if each.state is StepState.OPEN), None)

    @property
    def proposes_down_referral(self) -> bool:
        """Whether the patient met all criteria of discharge, so that the institution below can go on (XH-66)."""
        return any(
            each.step is Step.DISCHARGE and proposes_down_referral(Stage.DISCHARGE, each.items, each.met)
            for each in self.steps
        )


def open_cases(
    actor: Actor,
    *,
    kind: CaseKind | None = None,
    step: Step | None = None,
    department_id: UUID | None = None,
    page: int = 1,
    per_page: int = 100,
) -> Worklist:
    """The institution's open cases, those of the green channel first, then by what is due; the reading is recorded.

    Raises:
        Refused: if the actor does not work at its desk for admissions.
    """
    may_admit(actor, actor.institution_id)
    with scoped(actor):
        found = rows(
            _OPEN,
            institution=actor.institution_id,
            kind=kind.value if kind else "",
            step=step.value if step else "",
            department=department_id,
            limit=per_page,
            offset=(page - 1) * per_page,
        )
        residents.record_listed(actor, "cases", [row["resident_id"] for row in found])
    total, greens, late = (found[0][name] if found else 0 for name in _COUNTS)
    return Worklist(tuple(_open(row) for row in found), total, greens, late)


def bed_waiting(actor: Actor, *, limit: int = 100) -> list[BedWaiting]:
    """Who is to be admitted to the actor's institution and has no bed: the green channel first (NHC-42), then signed
    residents where the pack in force gives them priority (YN-49), then by request; the reading is recorded.

    Raises:
        Refused: if the actor does not keep its beds.
    """
    refuse(may(actor, Right.CAPACITY_KEEP, institution_id=actor.institution_id))
    assert actor.institution_id is not None  # the right never reaches further than one's own institution
    today = ledger.today()
    signed = signed_first(actor.institution_id, on=today)
    with scoped(actor):
        found = rows(_WAITING, institution=actor.institution_id, signed=signed, on=today, limit=limit)
        residents.record_listed(actor, "cases", [row["resident_id"] for row in found])
    return [BedWaiting(**{**row, "kind": CaseKind(row["kind"])}) for row in found]


def case_shown(actor: Actor, case_id: UUID) -> CaseShown:
    """One case of the actor's institution; the reading is recorded.

    Raises:
        Refused: if there is no such case, or it is another institution's.
    """
    with scoped(actor):
        found = rows(_CASE, case=case_id)
        if not found:
            raise Refused(refusals.NO_SUCH_CASE)
        may_admit(actor, found[0]["institution_id"])
        steps, stays = rows(_STEPS, case=case_id), rows(_STAYS, case=case_id)
        exams = rows(_EXAMS, resident=found[0]["resident_id"])
        residents.record_listed(actor, "case", [found[0]["resident_id"]])
    return CaseShown(
        **{**found[0], "kind": CaseKind(found[0]["kind"]), "state": CaseState(found[0]["state"])},
        steps=tuple(_step(row) for row in steps),
        stay=StayShown(**{**stays[0], "state": StayState(stays[0]["state"])}) if stays else None,
        exams=tuple(ExamBooked(**row) for row in exams),
    )


def open_case_of(actor: Actor, resident_id: UUID) -> UUID | None:
    """The latest open case of this resident at the actor's institution, where the actor works at its desk: to go back
    to it. It tells no more than that there is one."""
    try:
        may_admit(actor, actor.institution_id)
    except Refused:
        return None
    with scoped(actor):
        found = rows(_OPEN_OF, institution=actor.institution_id, resident=resident_id)
    return found[0]["id"] if found else None


def _open(row: dict[str, Any]) -> OpenCase:
    known = {name: value for name, value in row.items() if name not in _COUNTS}
    return OpenCase(
        **{**known, "kind": CaseKind(row["kind"]), "step": Step(row["step"]), "waits": bool(row["waits"])}
    )


def _step(row: dict[str, Any]) -> StepShown:
    return StepShown(
        **{
            **row,
            "step": Step(row["step"]),
            "state": StepState(row["state"]),
            "items": tuple(row["items"]),
            "met": tuple(row["met"]),
        }
    )
