"""Whose chronic disease is not under control and should go up, and who is stable and could be led further down (XH-56)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.residents import queries as residents
from tiercare.engines.guidelines import Direction, Guidelines
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE, day_of
from tiercare.kernel.refusal import refuse

from ..rules.control import Control, Day, control_of
from .facts import diseases_of, fixed_of, value_of
from .ours import guidelines_at, said

_CHRONIC = """
SELECT DISTINCT c.resident_id, c.code, r.birth_date, r.sex FROM records_condition c
JOIN residents_resident r ON r.id = c.resident_id
WHERE c.institution_id = %(institution)s AND c.status <> 'RESOLVED' AND left(c.code, 3) = ANY (%(heads)s::text[])
  AND r.deceased_on IS NULL
"""
_SERIES = """
SELECT resident_id, item, value, words, taken_at FROM records_observation
WHERE resident_id = ANY (%(residents)s::uuid[]) AND item = ANY (%(items)s::text[]) AND taken_at >= %(since)s
"""
_LOOK_BACK = timedelta(days=730)
_MOST = 200


@dataclass(frozen=True, slots=True)
class Proposal:
    """A patient whose readings ask for another level: where to, of which disease, since when and how many days ago."""

    resident_id: UUID
    disease: str
    control: Control
    direction: Direction
    since: date
    days: int
    clauses: tuple[str, ...]


def proposals(actor: Actor, *, limit: int = _MOST) -> list[Proposal]:
    """From the readings of the actor's own institution: poorly controlled patients, the longest first, then stable ones.
    The reading of those who are listed is recorded.

    Raises:
        Refused: without the right.
    """
    refuse(access.may(actor, Right.RECORDS_WRITE, institution_id=actor.institution_id))
    assert actor.institution_id is not None
    today = ledger_queries.today()
    book = guidelines_at(actor.institution_id, on=today)
    if book is None:
        return []
    clauses = {
        Direction.UP: said("XH-56.up", actor.institution_id, on=today).clauses,
        Direction.DOWN: said("XH-56.down", actor.institution_id, on=today).clauses,
    }
    with scoped(actor):
        found = [
            Proposal(resident, disease, control, direction, since, (today - since).days, clauses[direction])
            for resident, disease, control, direction, since in _found(actor.institution_id, book, today)
        ]
        found.sort(key=lambda each: (each.direction is not Direction.UP, each.since, str(each.resident_id)))
        residents.record_listed(actor, "control", [each.resident_id for each in found[:limit]])
    return found[:limit]


def _found(
    institution_id: UUID, book: Guidelines, today: date
) -> list[tuple[UUID, str, Control, Direction, date]]:
    heads = sorted({head for table in book.tables.values() if table.intervals for head in table.icd10})
    codes: dict[UUID, set[str]] = defaultdict(set)
    fixed = {}
    for row in rows(_CHRONIC, institution=institution_id, heads=heads):
        codes[row["resident_id"]].add(row["code"])
        fixed[row["resident_id"]] = fixed_of(row, today)
    days = _days(list(codes), book, today)
    told = []
    for resident, noted in codes.items():
        series = [Day(day, observed) for day, observed in days[resident].items()]
        for disease in diseases_of(noted, book):
            standing = control_of(book, disease, series, fixed=fixed[resident])
            if standing.proposal is not None and standing.since is not None:
                told.append((resident, disease, standing.control, standing.proposal, standing.since))
    return told


def _days(
    who: list[UUID], book: Guidelines, today: date
) -> dict[UUID, dict[date, dict[str, float | bool | str]]]:
    items = {name for table in book.tables.values() for each in table.intervals for name in each.when.names}
    since = datetime.combine(today - _LOOK_BACK, time.min, ZONE)
    days: dict[UUID, dict[date, dict[str, float | bool | str]]] = defaultdict(lambda: defaultdict(dict))
    for row in rows(_SERIES, residents=who, items=sorted(items), since=since):
        fact = book.facts.get(row["item"])
        value = None if fact is None else value_of(row, fact)
        if value is not None:
            days[row["resident_id"]][day_of(row["taken_at"])][row["item"]] = value
    return days
