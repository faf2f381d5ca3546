"""The fact table of chronic patients as it stood at the end of a day: rows in the columns of ``facts.yaml``, by key.

Who is a patient, what is measured and when it is under control the region's guidelines say. Managed is who is signed or has
contacts planned this year; to standard, whose contacts due so far this year were all made (ours: the texts name no other
sign that the platform holds). The caller stands in ``scoped`` over the whole index.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from tiercare.apps.ledger.prepared import rows
from tiercare.apps.ledger.streams import streamed
from tiercare.apps.network.queries import Places
from tiercare.apps.residents.queries import FactPeople, FactPerson
from tiercare.engines.guidelines import Guidelines

from ..rules.control import Control, Day, control_of
from .facts import value_of
from .ours import guidelines_in

Row = dict[str, Any]
# What the guidelines call otherwise than the fact table; of the others it has the names.
_WORDS = {"cerebrovascular": "stroke"}
# By which reading a disease is told at a glance, and how many of its units make one of the column.
_SHOWN = {"hypertension": ("sbp", 1), "diabetes": ("fpg", 10)}
# 近三个月 in the words of the table: three months at their longest.
_LATELY = timedelta(days=92)
_WHO = """
SELECT DISTINCT ON (c.resident_id, c.code) c.resident_id AS id, c.code, c.status, c.institution_id, c.noted_at
FROM records_condition c
WHERE c.withdrawn_at IS NULL AND c.noted_at < %(until)s AND left(c.code, 3) = ANY (%(heads)s::text[])
ORDER BY c.resident_id, c.code, c.noted_at DESC, c.id DESC
"""
_READINGS = """
SELECT DISTINCT ON (o.resident_id, o.item) o.resident_id AS id, o.item, o.value, o.words, o.taken_at
FROM records_observation o
WHERE o.withdrawn_at IS NULL AND o.item = ANY (%(items)s::text[]) AND o.taken_at >= %(since)s AND o.taken_at < %(until)s
ORDER BY o.resident_id, o.item, o.taken_at DESC, o.id DESC
"""
_CONTACTS = """
SELECT c.resident_id AS id, count(*)::integer AS planned,
       count(*) FILTER (WHERE c.due_on <= %(on)s::date)::integer AS due,
       count(*) FILTER (WHERE c.due_on <= %(on)s::date AND c.done_at < %(until)s
                          AND c.outcome <> 'NOT_REACHED')::integer AS done
FROM records_plannedcontact c
WHERE c.cancelled_at IS NULL AND c.due_on >= %(year)s::date AND c.due_on < %(next_year)s::date
GROUP BY c.resident_id
"""
_STAYS = """
SELECT e.resident_id AS id, left(c.code, 3) AS head
FROM records_encounter e JOIN records_condition c ON c.encounter_id = e.id AND c.role = 'MAIN' AND c.withdrawn_at IS NULL
WHERE e.withdrawn_at IS NULL AND e.kind = 'INPATIENT' AND e.ended_at >= %(since)s AND e.ended_at < %(until)s
"""
_PIECE = 5_000


@dataclass(slots=True)
class _Patient:
    """A chronic disease of a person, by the entry that leads them; ``noted`` is where it was last written down."""

    lead: UUID
    disease: str
    noted: UUID
    at: datetime


@dataclass(slots=True)
class _Known:
    """What all patients' rows are made from, by leading entry."""

    readings: dict[UUID, dict[str, Mapping[str, Any]]] = field(default_factory=lambda: defaultdict(dict))
    contacts: dict[UUID, tuple[int, int, int]] = field(default_factory=dict)
    admitted: set[tuple[UUID, str]] = field(default_factory=set)


def fact_patients(
    region: str, *, on: date, since: datetime, until: datetime, places: Places, people: FactPeople
) -> Iterator[Row]:
    """Chronic patients who live in the region; nobody where no pack brings guidelines.

    Args:
        since: when the month began; ``until`` when the day ended.
    """
    book = guidelines_in(region, on=on)
    if book is None:
        return
    patients = _patients(book, until, people)
    known = _known(book, on, since, until, people)
    made: list[Row] = []
    for begin in range(0, len(patients), _PIECE):
        some = patients[begin : begin + _PIECE]
        persons = people.of({each.lead for each in some})
        for each in some:
            person = persons.get(each.lead)
            if person is not None and person.home.startswith(region):
                row = _row(each, person, known, book, on, places)
                made += [row] if row is not None else []
    yield from sorted(made, key=_key)


def _patients(book: Guidelines, until: datetime, people: FactPeople) -> list[_Patient]:
    of_head = {head: disease for disease, table in book.tables.items() for head in table.icd10}
    found: dict[tuple[UUID, str], _Patient] = {}
    for some in streamed(_WHO, until=until, heads=sorted(of_head)):
        for row in some:
            disease, lead = of_head[row["code"][:3]], people.lead(row["id"])
            before = found.get((lead, disease))
            if row["status"] != "RESOLVED" and (before is None or before.at < row["noted_at"]):
                found[lead, disease] = _Patient(lead, disease, row["institution_id"], row["noted_at"])
    return list(found.values())


def _known(book: Guidelines, on: date, since: datetime, until: datetime, people: FactPeople) -> _Known:
    known = _Known()
    items = {name for disease in book.tables for name in _items(book, disease)}
    for some in streamed(_READINGS, items=sorted(items), since=until - _LATELY, until=until):
        for row in some:
            mine = known.readings[people.lead(row["id"])]
            if row["item"] not in mine or mine[row["item"]]["taken_at"] < row["taken_at"]:
                mine[row["item"]] = row
    year = {"year": date(on.year, 1, 1), "next_year": date(on.year + 1, 1, 1)}
    for row in rows(_CONTACTS, on=on, until=until, **year):
        lead = people.lead(row["id"])
        planned, due, done = known.contacts.get(lead, (0, 0, 0))
        known.contacts[lead] = planned + row["planned"], due + row["due"], done + row["done"]
    known.admitted = {(people.lead(row["id"]), row["head"]) for row in rows(_STAYS, since=since, until=until)}
    return known


def _items(book: Guidelines, disease: str) -> set[str]:
    """What the classes of control ask for, of what is measured."""
    names = {name for each in book.tables[disease].intervals for name in each.when.names}
    return {name for name in names if name in book.facts and book.facts[name].unit}


def _row(
    each: _Patient, person: FactPerson, known: _Known, book: Guidelines, on: date, places: Places
) -> Row | None:
    signed = person.signed_at(on)
    where = places.institutions.get(signed if signed is not None else each.noted)
    if where is None:
        return None
    planned, due, done = known.contacts.get(each.lead, (0, 0, 0))
    observed = _observed(known.readings.get(each.lead, {}), book, each.disease)
    age = person.age(on)
    fixed = {} if age is None else {"age": float(age)}
    control = control_of(book, each.disease, [Day(on, observed)], fixed=fixed).control if observed else None
    item, units = _SHOWN.get(each.disease, ("", 1))
    value = observed.get(item)
    return {
        "person": person.key,
        "disease": _WORDS.get(each.disease, each.disease),
        "institution": where.key,
        "home": person.home,
        "consortium": where.consortium,
        "urban": places.urban(person.home),
        "managed": signed is not None or planned > 0,
        "standard": due > 0 and done == due,
        "measured": bool(observed),
        "controlled": control is Control.AT_TARGET,
        "value": round(value * units) if isinstance(value, float) else None,
        "admitted": any((each.lead, head) in known.admitted for head in book.tables[each.disease].icd10),
    }


def _observed(
    readings: Mapping[str, Mapping[str, Any]], book: Guidelines, disease: str
) -> dict[str, float | bool | str]:
    said = {
        name: value_of(readings[name], book.facts[name]) for name in _items(book, disease) & readings.keys()
    }
    return {name: value for name, value in said.items() if value is not None}


def _key(row: Row) -> tuple[str, str]:
    return row["person"], row["disease"]
