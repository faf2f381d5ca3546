"""What a colleague needs at a glance, and what goes with a request: problems, medicines, results, visits, documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from tiercare.apps.ledger.prepared import rows

from ..rules.vocabulary import ConditionStatus, DocumentKind, Flag, VisitKind

# Everything is asked inside ``opened``: the wall shows this one person. The latest word on each thing counts.
_PROBLEMS = """
SELECT * FROM (
    SELECT DISTINCT ON (code) id, code, name, status, onset_on, noted_at, institution_id FROM records_condition
    WHERE resident_id = ANY (%(persons)s::uuid[]) ORDER BY code, noted_at DESC, id DESC) latest
WHERE status <> 'RESOLVED' ORDER BY noted_at DESC, id DESC LIMIT %(limit)s
"""
_DRUGS = """
SELECT * FROM (
    SELECT DISTINCT ON (coalesce(nullif(drug_code, ''), name)) id, drug_code, name, dose, since, until, long_term, institution_id
    FROM records_medication WHERE resident_id = ANY (%(persons)s::uuid[])
    ORDER BY coalesce(nullif(drug_code, ''), name), since DESC, id DESC) latest
WHERE until IS NULL OR until >= %(on)s::date ORDER BY long_term DESC, since DESC, id LIMIT %(limit)s
"""
_RESULTS = """
SELECT * FROM (
    SELECT DISTINCT ON (item) id, item, name, value, words, unit, low, high, flag, taken_at, institution_id
    FROM records_observation WHERE resident_id = ANY (%(persons)s::uuid[]) ORDER BY item, taken_at DESC, id DESC) latest
ORDER BY taken_at DESC, item LIMIT %(limit)s
"""
_VISITS = """
SELECT e.id, e.kind, e.started_at, e.ended_at, e.complaint, e.findings, e.treatment, e.disposition, e.institution_id,
       e.clinician_name, ARRAY(SELECT c.code || ' ' || c.name FROM records_condition c
                               WHERE c.encounter_id = e.id ORDER BY c.role, c.id) AS diagnoses
FROM records_encounter e WHERE e.resident_id = ANY (%(persons)s::uuid[])
ORDER BY e.started_at DESC, e.id DESC LIMIT %(visits)s
"""
_DOCUMENTS = """
SELECT id, kind, title, media_type, size, reference, content IS NOT NULL AS held, dated_at, institution_id, request_id
FROM records_document WHERE resident_id = ANY (%(persons)s::uuid[]) ORDER BY dated_at DESC, id DESC LIMIT %(limit)s
"""
_MOST, _VISITS_SHOWN = 60, 5


@dataclass(frozen=True, slots=True)
class Problem:
    """A disease that is not over, as it was last noted."""

    id: UUID
    code: str
    name: str
    status: ConditionStatus
    onset_on: date | None
    noted_at: datetime
    institution_id: UUID


@dataclass(frozen=True, slots=True)
class InUse:
    """A medicine that is taken on the day."""

    id: UUID
    drug_code: str
    name: str
    dose: str
    since: date
    until: date | None
    long_term: bool
    institution_id: UUID


@dataclass(frozen=True, slots=True)
class Result:
    """The last value of an item."""

    id: UUID
    item: str
    name: str
    value: Decimal | None
    words: str
    unit: str
    low: Decimal | None
    high: Decimal | None
    flag: Flag
    taken_at: datetime
    institution_id: UUID


@dataclass(frozen=True, slots=True)
class Visit:
    """One of the last visits; ``diagnoses`` as code and name, the main one first."""

    id: UUID
    kind: VisitKind
    started_at: datetime
    ended_at: datetime | None
    complaint: str
    findings: str
    treatment: str
    disposition: str
    institution_id: UUID
    clinician_name: str
    diagnoses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """A document without its bytes; ``held``: they lie here."""

    id: UUID
    kind: DocumentKind
    title: str
    media_type: str
    size: int
    reference: str
    held: bool
    dated_at: datetime
    institution_id: UUID
    request_id: UUID | None


@dataclass(frozen=True, slots=True)
class Summary:
    """The record at a glance."""

    problems: tuple[Problem, ...]
    drugs: tuple[InUse, ...]
    results: tuple[Result, ...]
    visits: tuple[Visit, ...]
    documents: tuple[Paper, ...]


def summary(persons: Sequence[UUID], *, on: date) -> Summary:
    """The person's record at a glance on a day. The caller stands in ``residents.queries.opened`` and passes its
    ``persons``: what the wall does not show is not here."""

    def asked(statement: str) -> list[dict[str, Any]]:
        return rows(statement, **_values(statement, persons, on))

    return Summary(
        problems=tuple(
            Problem(**{**row, "status": ConditionStatus(row["status"])}) for row in asked(_PROBLEMS)
        ),
        drugs=tuple(InUse(**row) for row in asked(_DRUGS)),
        results=tuple(Result(**{**row, "flag": Flag(row["flag"])}) for row in asked(_RESULTS)),
        visits=tuple(
            Visit(**{**row, "kind": VisitKind(row["kind"]), "diagnoses": tuple(row["diagnoses"])})
            for row in asked(_VISITS)
        ),
        documents=tuple(Paper(**{**row, "kind": DocumentKind(row["kind"])}) for row in asked(_DOCUMENTS)),
    )


def _values(statement: str, persons: Sequence[UUID], on: date) -> dict[str, Any]:
    offered: dict[str, Any] = {"persons": list(persons), "on": on, "limit": _MOST, "visits": _VISITS_SHOWN}
    return {key: value for key, value in offered.items() if f"%({key})s" in statement}
