"""The records' fact tables of a month: visits, and the answers of surveys. Rows in the columns of ``facts.yaml``, by key.

What an encounter does not say stays empty, money above all: it belongs to the insurer's extracts. The caller stands in
``scoped`` over the whole index; the wall keeps withdrawn entries out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tiercare.apps.ledger.prepared import rows
from tiercare.apps.ledger.streams import streamed
from tiercare.apps.network.queries import Places, Where
from tiercare.apps.residents.queries import FactPeople, FactPerson
from tiercare.engines.forms import Kind as ItemKind
from tiercare.engines.forms import Purpose
from tiercare.kernel.clock import day_of

from ..rules.vocabulary import Stage, VisitKind
from .forms import forms_at

Row = dict[str, Any]
# A visit at home is primary care's outpatient visit; one from afar is a remote service and no visit.
_KINDS: Mapping[str, str] = {
    VisitKind.OUTPATIENT: "outpatient",
    VisitKind.HOME: "outpatient",
    VisitKind.EMERGENCY: "emergency",
    VisitKind.INPATIENT: "inpatient",
}
# A stay counts on the day of discharge, everything else on the day it began.
_VISITS = """
SELECT e.id, e.resident_id, e.institution_id, e.kind, e.started_at, e.ended_at, e.stage, e.request_id,
       d.specialty_code AS specialty, c.code AS diagnosis
FROM records_encounter e
LEFT JOIN network_department d ON d.id = e.department_id
LEFT JOIN LATERAL (
    SELECT c.code FROM records_condition c
    WHERE c.encounter_id = e.id AND c.withdrawn_at IS NULL ORDER BY c.role <> 'MAIN', c.noted_at, c.id LIMIT 1
) c ON true
WHERE e.withdrawn_at IS NULL AND e.kind = ANY (%(kinds)s::text[]) AND (
    e.kind <> 'INPATIENT' AND e.started_at >= %(since)s AND e.started_at < %(until)s
    OR e.kind = 'INPATIENT' AND e.ended_at >= %(since)s AND e.ended_at < %(until)s)
ORDER BY e.id
"""
_SURVEYS = """
SELECT f.id, f.resident_id, f.institution_id, f.form, f.version, f.answers, f.answered_at FROM records_formanswer f
WHERE f.about_id IS NOT NULL AND f.answered_at >= %(since)s AND f.answered_at < %(until)s ORDER BY f.id
"""
# Planned contacts that fell due in the month, and those of them that were made by its end.
_OWED = """
SELECT c.resident_id AS id, count(*)::integer AS promised,
       count(*) FILTER (WHERE c.done_at < %(until)s AND c.outcome <> 'NOT_REACHED')::integer AS delivered
FROM records_plannedcontact c
WHERE c.due_on >= %(first)s::date AND c.due_on <= %(last)s::date AND c.cancelled_at IS NULL
GROUP BY c.resident_id
"""
# By keys each: joined by OR they would be looked for in the whole table, at every visit.
_MONTHS = """
SELECT DISTINCT date_trunc('month', CASE WHEN e.kind = 'INPATIENT' THEN e.ended_at ELSE e.started_at END
                           AT TIME ZONE 'Asia/Shanghai')::date AS month
FROM (SELECT v.id FROM records_encounter v WHERE v.resident_id = ANY (%(entries)s::uuid[])
      UNION SELECT unnest(%(visits)s::uuid[])
      UNION SELECT c.encounter_id FROM records_condition c WHERE c.id = ANY (%(visits)s::uuid[])) asked
JOIN records_encounter e ON e.id = asked.id
WHERE e.kind <> 'INPATIENT' OR e.ended_at IS NOT NULL
"""
_ANSWERED = """
SELECT DISTINCT date_trunc('month', answered_at AT TIME ZONE 'Asia/Shanghai')::date AS month
FROM records_formanswer WHERE about_id IS NOT NULL AND resident_id = ANY (%(entries)s::uuid[])
"""
# 中医科、民族医学科、中西医结合科 in the register of licensed specialties.
_TCM = frozenset({"50", "51", "52"})
_FULL = 100


@dataclass(frozen=True, slots=True)
class Came:
    """What the request that brought a patient says: ``up`` or ``down``, and whether it was an emergency."""

    direction: str
    emergency: bool


def fact_visits(
    region: str,
    *,
    since: datetime,
    until: datetime,
    places: Places,
    people: FactPeople,
    came: Callable[[Collection[UUID]], Mapping[UUID, Came]],
) -> Iterator[Row]:
    """Visits at institutions of the region, and those of its residents elsewhere.

    Args:
        came: answers, for requests by id, how they brought the patient.
    """
    for some in streamed(_VISITS, since=since, until=until, kinds=list(map(str, _KINDS))):
        known = people.of({row["resident_id"] for row in some})
        brought = came({row["request_id"] for row in some if row["request_id"] is not None})
        for row in some:
            person, where = known.get(row["resident_id"]), places.institutions.get(row["institution_id"])
            if person is None or where is None:
                continue
            if where.county.startswith(region) or person.home.startswith(region):
                yield _visit(row, person, where, brought.get(row["request_id"]), places)


def _visit(
    row: Mapping[str, Any], person: FactPerson, where: Where, came: Came | None, places: Places
) -> Row:
    kind, began = _KINDS[row["kind"]], day_of(row["started_at"])
    day = day_of(row["ended_at"]) if kind == "inpatient" else began
    signed = person.signed_at(began)
    doctor = places.institutions.get(signed) if signed is not None else None
    return {
        "visit": str(row["id"]),
        "person": person.key,
        "kind": kind,
        "date": day,
        "admitted": began if kind == "inpatient" else None,
        "days": max(1, (day - began).days) if kind == "inpatient" else None,
        "institution": where.key,
        "tier": where.tier,
        "place": where.division,
        "consortium": where.consortium,
        "role": where.role,
        "home": person.home,
        "home_consortium": places.answering(person.home),
        "insured": person.insured_at(day),
        "contract": doctor.key if doctor else None,
        "specialty": row["specialty"],
        "diagnosis": row["diagnosis"],
        "critical": row["stage"] == Stage.CRITICAL_STABLE or (came is not None and came.emergency),
        "difficult": False,
        "tcm": where.category == "TCM" or (row["specialty"] or "").partition(".")[0] in _TCM,
        "arrival": _arrival(kind, came),
        "age": person.age(began),
    }


def _arrival(kind: str, came: Came | None) -> str:
    if came is not None and came.direction in ("up", "down"):
        return f"referred_{came.direction}"
    return "emergency" if kind == "emergency" else "self"


def fact_surveys(
    region: str, *, since: datetime, until: datetime, places: Places, people: FactPeople
) -> Iterator[Row]:
    """Answers about stays at institutions of the region: the mean of their scales, over what the scale reaches."""
    found = rows(_SURVEYS, since=since, until=until)
    known = people.of({row["resident_id"] for row in found})
    for row in found:
        where, person = places.institutions.get(row["institution_id"]), known.get(row["resident_id"])
        if where is not None and person is not None and where.county.startswith(region):
            yield {
                "answer": str(row["id"]),
                "subject": "satisfaction",
                "institution": where.key,
                "division": person.home,
                "date": day_of(row["answered_at"]),
                "score": _score(row),
            }


def _score(row: Mapping[str, Any]) -> int | None:
    form = forms_at(row["institution_id"], on=day_of(row["answered_at"])).get(row["form"])
    if form is None or form.purpose is not Purpose.SURVEY:
        return None
    shares = [
        float(value) / item.high
        for item in form.items
        if item.kind is ItemKind.SCALE and item.high and (value := row["answers"].get(item.id)) is not None
    ]
    return round(_FULL * sum(shares) / len(shares)) if shares else None


def services_owed(
    people: FactPeople, *, first: date, last: date, until: datetime
) -> Mapping[UUID, tuple[int, int]]:
    """Of each person, by the leading entry: planned contacts that fell due, and how many of these were made."""
    owed: dict[UUID, tuple[int, int]] = {}
    for row in rows(_OWED, first=first, last=last, until=until):
        lead = people.lead(row["id"])
        promised, delivered = owed.get(lead, (0, 0))
        owed[lead] = promised + row["promised"], delivered + row["delivered"]
    return owed


def months_visited(*, entries: Collection[UUID] = (), visits: Collection[UUID] = ()) -> list[date]:
    """The first days of the months in which visits of these residents, or these visits (or the visits of these
    diagnoses), count."""
    found = rows(_MONTHS, entries=list(entries), visits=list(visits))
    return [row["month"] for row in found if row["month"] is not None]


def months_answered(entries: Collection[UUID]) -> list[date]:
    """The first days of the months in which these residents answered about a stay."""
    return [row["month"] for row in rows(_ANSWERED, entries=list(entries))]
